package io.kledger.engine.task;

import io.kledger.engine.CallContext;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.task.JobState;

/** Stopping and going on: do_signal_stop() and prepare_signal() in kernel/signal.c. */
public final class JobControl {
  private JobControl() {}

  /** Whether the process is stopped. */
  public static boolean stopped(KernelState state, long group) {
    JobState row = state.jobStates.get(group);
    return row != null && row.stopped() != 0;
  }

  /** A signal stops the process; its parent may wait for that once. */
  static void stop(CallContext context, long group, int signal) {
    if (!stopped(context.state(), group)) {
      context.put(Tables.JOB_STATES, new JobState(group, signal, false, false));
    }
  }

  /** SIGCONT: a stopped process goes on, whatever it does with the signal itself. */
  static void goOn(CallContext context, long group) {
    if (stopped(context.state(), group)) {
      context.put(Tables.JOB_STATES, new JobState(group, 0, false, true));
    }
  }

  /** The parent has been told of the stop or of its end. */
  static void told(CallContext context, JobState row) {
    if (row.stopped() != 0) {
      context.put(Tables.JOB_STATES, new JobState(row.key(), row.stopped(), true, false));
    } else {
      context.remove(Tables.JOB_STATES, row.key());
    }
  }

  /** The process has ended. */
  static void ended(CallContext context, long group) {
    if (context.state().jobStates.get(group) != null) {
      context.remove(Tables.JOB_STATES, group);
    }
  }
}
