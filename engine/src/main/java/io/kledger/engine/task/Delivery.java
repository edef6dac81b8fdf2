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

  /** SIGTSTP, SIGTTIN, SIGTTOU. */
  private static final long STOPPING = bit(20) | bit(21) | bit(22);

  private Delivery() {}

  private static long bit(int signal) {
    return 1L << (signal - 1);
  }

  /** Whether it stops the process: SIGSTOP always, those of terminals by default. */
  private static boolean stops(ThreadGroup group, int signal) {
    return signal == Signals.STOP
        || Signals.in(STOPPING, signal)
            && !Signals.in(group.sigIgnored() | group.sigCaught(), signal);
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
    boolean init = TaskDeath.isInit(state, leader) || leader.tid() == 1;
    if (signal == Signals.CONT) {
      JobControl.goOn(context, group.key());
    } else if (stops(group, signal)) {
      if (!init || fromAbove && leader.tid() != 1) {
        JobControl.stop(context, group.key(), signal);
      }
      return;
    }
    if (!kill
        && (Signals.in(NOT_FATAL, signal)
            || Signals.in(group.sigIgnored() | group.sigCaught(), signal))) {
      if (Signals.in(group.sigCaught(), signal)) {
        LockTable.interrupt(context, leader.key());
      }
      return;
    }
    if (init && !(kill && fromAbove && leader.tid() != 1)) {
      return;
    }
    TaskDeath.process(context, group.key(), signal);
  }
}
