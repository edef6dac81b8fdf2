package io.kledger.engine.task;

import io.kledger.engine.CallContext;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.task.JobState;
import io.kledger.kernel.task.Task;
import io.kledger.kernel.task.TaskState;
import io.kledger.kernel.task.ThreadGroup;

/** Stopping and going on: do_signal_stop() and prepare_signal() in kernel/signal.c. */
public final class JobControl {
  private JobControl() {}

  /** Whether the process is stopped. */
  public static boolean stopped(KernelState state, long group) {
    JobState row = state.jobStates.get(group);
    return row != null && row.stopped() != 0;
  }

  /** A stop signal takes effect; a process that is stopped already stays as it is. */
  static void stop(CallContext context, ThreadGroup group, int signal) {
    KernelState state = context.state();
    boolean keyboard = signal != Signals.STOP;
    if (stopped(state, group.key()) || keyboard && orphaned(state, group.processGroup(), 0)) {
      return;
    }
    context.put(Tables.JOB_STATES, new JobState(group.key(), signal, false, false, 0));
  }

  /** SIGCONT: a stopped process goes on, whatever it does with the signal itself. */
  static void goOn(CallContext context, ThreadGroup group) {
    JobState row = context.state().jobStates.get(group.key());
    if (row == null || row.stopped() == 0) {
      return;
    }
    context.put(Tables.JOB_STATES, new JobState(group.key(), 0, false, true, 0));
    if (row.pending() != 0) {
      TaskDeath.process(context, group.key(), Long.numberOfTrailingZeros(row.pending()) + 1);
    }
  }

  /** A fatal signal other than SIGKILL waits until a stopped process goes on. */
  static boolean holds(CallContext context, ThreadGroup group, int signal) {
    JobState row = context.state().jobStates.get(group.key());
    boolean held = row != null && row.stopped() != 0 && signal != Signals.KILL;
    if (held) {
      context.put(Tables.JOB_STATES, row.withPending(signal));
    }
    return held;
  }

  /** The parent has been told of the stop or of its end. */
  static void told(CallContext context, JobState row) {
    if (row.stopped() != 0) {
      context.put(
          Tables.JOB_STATES, new JobState(row.key(), row.stopped(), true, false, row.pending()));
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

  /**
   * A process has ended, or one of its children has another parent: if that cut the last link of
   * its process group to the rest of the session, stopped members are hung up and continued.
   *
   * @param parent the parent that was the link
   * @param ignored key of the process that ended, 0 = none
   */
  static void unlink(CallContext context, ThreadGroup member, ThreadGroup parent, long ignored) {
    KernelState state = context.state();
    long group = member.processGroup();
    if (!Kernel.runs(context)
        || parent == null
        || parent.processGroup() == group
        || parent.session() != member.session()
        || !orphaned(state, group, ignored)) {
      return;
    }
    boolean any = false;
    for (long key : state.groupsByProcessGroup.keys(group)) {
      any |= stopped(state, key);
    }
    if (!any) {
      return;
    }
    for (int signal : new int[] {Signals.HUP, Signals.CONT}) {
      for (long key : state.groupsByProcessGroup.keys(group)) {
        ThreadGroup row = state.groups.get(key);
        if (row != null && !row.untraced() && !gone(state, row)) {
          Delivery.deliver(context, row, signal, false);
        }
      }
    }
  }

  /** will_become_orphaned_pgrp(): no member has a parent elsewhere in the session. */
  private static boolean orphaned(KernelState state, long processGroup, long ignored) {
    for (long key : state.groupsByProcessGroup.keys(processGroup)) {
      ThreadGroup member = state.groups.get(key);
      ThreadGroup parent = member == null ? null : state.groups.get(member.parent());
      if (parent == null || key == ignored || gone(state, member) || parent.tgid() == 1) {
        continue;
      }
      if (parent.processGroup() != processGroup && parent.session() == member.session()) {
        return false;
      }
    }
    return true;
  }

  private static boolean gone(KernelState state, ThreadGroup group) {
    Task leader = state.tasks.get(group.leader());
    return leader != null
        && leader.state() == TaskState.ZOMBIE
        && TaskDeath.liveThread(state, group.key(), leader.key()) == null;
  }
}
