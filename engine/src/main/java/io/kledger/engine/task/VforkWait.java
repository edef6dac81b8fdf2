package io.kledger.engine.task;

import io.kledger.engine.CallContext;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.task.PendingCall;
import io.kledger.kernel.task.Task;
import io.kledger.kernel.task.ThreadGroup;

/** A parent that waits until its vfork child has another memory: complete_vfork_done(). */
public final class VforkWait {
  private VforkWait() {}

  /** The child runs another program, or ends: its parent may go on. */
  public static void childLeft(CallContext context, Task child) {
    KernelState state = context.state();
    ThreadGroup group = state.groups.get(child.group());
    PendingCall waiting = group == null ? null : state.pending.get(group.parentTask());
    if (waiting != null && waiting.child() == child.key() && !waiting.done()) {
      context.put(
          Tables.PENDING,
          new PendingCall(
              waiting.key(),
              waiting.call(),
              waiting.entered(),
              waiting.flags(),
              child.key(),
              true,
              waiting.value(),
              0));
    }
  }
}
