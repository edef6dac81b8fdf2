package io.kledger.engine.task;

import io.kledger.engine.CallContext;
import io.kledger.engine.lock.LockTable;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.task.Task;
import io.kledger.kernel.task.ThreadGroup;

/** What a signal does to a process, where no trace tells: kernel/signal.c. */
public final class Delivery {
  /** Signals that do nothing by default: CHLD, CONT, URG, WINCH. */
  private static final long HARMLESS = bit(Signals.CHLD) | bit(Signals.CONT) | bit(23) | bit(28);

  /** Signals that stop by default. */
  private static final long STOPS =
      bit(Signals.STOP) | bit(Signals.TSTP) | bit(Signals.TTIN) | bit(Signals.TTOU);

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
    if (signal == Signals.CONT) {
      JobControl.goOn(context, group);
      if (state.groups.get(group.key()) == null || state.tasks.get(leader.key()) == null) {
        return;
      }
    }
    // Nothing but these two is beyond a handler: sig_kernel_only().
    boolean only = signal == Signals.KILL || signal == Signals.STOP;
    if (!only && Signals.in(group.sigIgnored() | group.sigCaught(), signal)) {
      if (Signals.in(group.sigCaught(), signal)) {
        LockTable.interrupt(context, leader.key());
      }
      return;
    }
    if (Signals.in(HARMLESS, signal)) {
      return;
    }
    boolean init = TaskDeath.isInit(state, leader) || leader.tid() == 1;
    if (init && !(only && fromAbove && leader.tid() != 1)) {
      return;
    }
    if (Signals.in(STOPS, signal)) {
      JobControl.stop(context, group, signal);
    } else if (!JobControl.holds(context, group, signal)) {
      TaskDeath.process(context, group.key(), signal);
    }
  }
}
