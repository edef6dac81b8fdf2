package io.kledger.engine.task;

import io.kledger.engine.CallContext;
import io.kledger.engine.lock.LockTable;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.task.Task;
import io.kledger.kernel.task.ThreadGroup;

/** What a signal does to a process, where no trace tells: kernel/signal.c. */
public final class Delivery {
  /** Signals that do nothing by default: CHLD, CONT, URG, WINCH; and those that stop. */
  private static final long NOT_FATAL =
      bit(Signals.CHLD)
          | bit(18)
          | bit(23)
          | bit(28)
          | bit(Signals.STOP)
          | bit(20)
          | bit(21)
          | bit(22);

  private Delivery() {}

  private static long bit(int signal) {
    return 1L << (signal - 1);
  }

  /**
   * A signal reaches a process.
   *
   * @param fromAbove the sender is outside the target's pid namespace, or the kernel
   */
  public static void deliver(
      CallContext context, ThreadGroup group, int signal, boolean fromAbove) {
    KernelState state = context.state();
    Task leader = state.tasks.get(group.leader());
    if (signal == 0 || leader == null || group.groupExit()) {
      return;
    }
    boolean kill = signal == Signals.KILL;
    if (!kill
        && (Signals.in(NOT_FATAL, signal)
            || Signals.in(group.sigIgnored() | group.sigCaught(), signal))) {
      if (Signals.in(group.sigCaught(), signal)) {
        LockTable.interrupt(context, leader.key());
      }
      return;
    }
    boolean init = TaskDeath.isInit(state, leader) || leader.tid() == 1;
    if (init && !(kill && fromAbove && leader.tid() != 1)) {
      return;
    }
    TaskDeath.process(context, group.key(), signal);
  }
}
