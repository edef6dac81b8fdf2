package io.kledger.engine.task;

import io.kledger.engine.CallContext;
import io.kledger.engine.cgroup.CgroupLife;
import io.kledger.engine.file.ProcPlace;
import io.kledger.engine.ns.NamespaceLife;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.cgroup.Cgroup;
import io.kledger.kernel.change.TaskChange;
import io.kledger.kernel.task.Pid;
import io.kledger.kernel.task.PidExit;
import io.kledger.kernel.task.Task;
import io.kledger.kernel.task.ThreadGroup;

/** Zombies and their end: exit_notify() and release_task() in kernel/exit.c. */
public final class Reaping {
  private Reaping() {}

  /** The last thread has gone: the leader can be waited for, or goes by itself. */
  static void groupEmpty(CallContext context, long groupKey) {
    KernelState state = context.state();
    ThreadGroup group = state.groups.require(groupKey);
    Task leader = state.tasks.get(group.leader());
    if (leader == null) {
      return;
    }
    if (leader.exitStatus() != group.exitStatus()) {
      leader = leader.withState(leader.state(), group.exitStatus());
      context.put(Tables.TASKS, leader);
    }
    ThreadGroup parent = state.groups.get(group.parent());
    if (automatic(context, group)) {
      release(context, leader, 0);
    }
    // do_notify_parent(): SIGCHLD harms nobody, another signal may.
    boolean other = group.exitSignal() > 0 && group.exitSignal() != Signals.CHLD;
    if (other && parent != null && !parent.untraced() && Kernel.runs(context)) {
      Delivery.deliver(context, parent, group.exitSignal(), false);
    }
  }

  /** Nobody will wait for it: its parent does not care, or is outside the log. */
  static boolean automatic(CallContext context, ThreadGroup group) {
    ThreadGroup parent = context.state().groups.get(group.parent());
    if (AutoReaping.is(context.state(), group.key())) {
      return true;
    }
    if (parent == null || parent.untraced() || outside(context.state(), parent)) {
      return true;
    }
    return group.exitSignal() == Signals.CHLD
        && (Signals.in(parent.sigIgnored(), Signals.CHLD) || parent.noChildWait());
  }

  /** A process that is known only as what a pidfd refers to: the trace does not show its waits. */
  private static boolean outside(KernelState state, ThreadGroup parent) {
    Task leader = state.tasks.get(parent.leader());
    return leader != null
        && leader.inferred()
        && leader.files() != 0
        && state.fdsByTable.count(leader.files()) == 0;
  }

  /** A process is gone: its zombie, its numbers, its place among its parent's children. */
  public static void release(CallContext context, Task leader, long reaper) {
    KernelState state = context.state();
    ThreadGroup group = state.groups.require(leader.group());
    for (long key : state.tasksByGroup.keys(group.key())) {
      if (key != leader.key()) {
        releaseTask(context, state.tasks.require(key), 0);
      }
    }
    Pid pid = state.pids.get(leader.pid());
    if (pid != null) {
      ProcPlace.gone(context, pid);
    }
    releaseTask(context, leader, reaper);
    context.emit(new TaskChange.GroupReleased(group.key()));
    ResourceLimits.drop(context, group.key());
    if (AutoReaping.is(state, group.key())) {
      context.remove(Tables.AUTO_REAPS, group.key());
    }
    PidNumbers.dropIfUnused(context, leader.pid());
    PidNumbers.dropIfUnused(context, group.processGroup());
    PidNumbers.dropIfUnused(context, group.session());
  }

  /** pidfs_exit(): what pidfds of the number tell from now on. */
  static void publish(CallContext context, long pid, long cgroup, int status) {
    if (PidNumbers.pinned(context.state(), pid)) {
      Cgroup row = context.state().cgroups.get(cgroup);
      context.put(Tables.PID_EXITS, new PidExit(pid, status, row == null ? 0 : row.id()));
    }
  }

  static void releaseTask(CallContext context, Task task, long reaper) {
    context.emit(new TaskChange.Released(task.key(), reaper));
    publish(context, task.pid(), task.cgroup(), task.exitStatus());
    if (context.state().taskSettings.get(task.key()) != null) {
      context.remove(Tables.TASK_SETTINGS, task.key());
    }
    PidNumbers.dropIfUnused(context, task.pid());
    NamespaceLife.dropIfUnused(context, task.namespaces().pid());
    NamespaceLife.dropIfUnused(context, task.credentials().userNs());
    CgroupLife.releaseIfUnused(context, task.cgroup());
  }
}
