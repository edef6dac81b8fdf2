package io.kledger.engine.task;

import io.kledger.engine.CallContext;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.task.AutoReap;

/** Processes that leave no zombie, and those that die with a pidfd: clone3(2) of 7.1. */
public final class AutoReaping {
  private AutoReaping() {}

  /** Whether the process was made with CLONE_AUTOREAP. */
  static boolean is(KernelState state, long group) {
    return state.autoReaps.get(group) != null;
  }

  /** The last close of this description kills the process: CLONE_PIDFD_AUTOKILL. */
  public static void bind(CallContext context, long group, long description) {
    context.put(Tables.AUTO_REAPS, new AutoReap(group, description));
  }

  /** A pidfd was closed for the last time. */
  public static void released(CallContext context, OpenFileDescription file) {
    KernelState state = context.state();
    for (long key : state.autoReaps.keys()) {
      AutoReap row = state.autoReaps.get(key);
      if (row != null && row.description() == file.key()) {
        context.put(Tables.AUTO_REAPS, new AutoReap(key, 0));
        if (Kernel.runs(context)) {
          TaskDeath.process(context, key, Signals.KILL);
        }
      }
    }
  }
}
