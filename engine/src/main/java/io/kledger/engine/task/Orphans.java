package io.kledger.engine.task;

import io.kledger.engine.CallContext;
import io.kledger.engine.ns.NamespaceRows;
import io.kledger.kernel.CounterId;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.change.TaskChange;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.ns.NamespaceKind;
import io.kledger.kernel.task.Task;
import io.kledger.kernel.task.TaskSettings;
import io.kledger.kernel.task.TaskState;
import io.kledger.kernel.task.ThreadGroup;

/** Children of the dying get another parent: forget_original_parent() in kernel/exit.c. */
final class Orphans {
  private Orphans() {}

  /**
   * @param sibling another live thread of the dying task's process, or null
   */
  static void of(CallContext context, Task dying, Task sibling) {
    KernelState state = context.state();
    long[] children = state.groupsByParent.keys(dying.group());
    if (children.length == 0) {
      return;
    }
    ThreadGroup reaper = sibling == null ? reaper(context, dying) : null;
    for (long key : children) {
      ThreadGroup child = state.groups.get(key);
      if (child == null) {
        continue;
      }
      if (sibling != null) {
        handOver(context, child, dying, sibling);
      } else {
        reparent(context, child, dying, reaper);
      }
    }
  }

  private static void handOver(CallContext context, ThreadGroup child, Task dying, Task sibling) {
    if (child.parentTask() != dying.key()) {
      return;
    }
    context.put(Tables.GROUPS, child.withParentTask(sibling.key()));
    deathSignal(context, child);
  }

  private static void reparent(
      CallContext context, ThreadGroup child, Task dying, ThreadGroup reaper) {
    KernelState state = context.state();
    context.emit(
        new TaskChange.Reparented(
            child.withParent(
                reaper == null ? 0 : reaper.key(),
                reaper == null ? 0 : reaper.leader(),
                context.next(CounterId.ORDER),
                AutoReaping.is(state, child.key()) ? 0 : Signals.CHLD),
            dying.group()));
    deathSignal(context, child);
    ThreadGroup moved = state.groups.get(child.key());
    if (moved != null) {
      JobControl.unlink(context, moved, state.groups.get(dying.group()), 0);
    }
    ThreadGroup now = state.groups.get(child.key());
    Task leader = now == null ? null : state.tasks.get(now.leader());
    if (leader != null
        && leader.state() == TaskState.ZOMBIE
        && TaskDeath.liveThread(state, now.key(), leader.key()) == null
        && Reaping.automatic(context, now)) {
      Reaping.release(context, leader, 0);
    }
  }

  /** PR_SET_PDEATHSIG: fatal unless handled; the trace shows a death by itself. */
  private static void deathSignal(CallContext context, ThreadGroup child) {
    KernelState state = context.state();
    TaskSettings settings = state.taskSettings.get(child.leader());
    Task leader = state.tasks.get(child.leader());
    if (settings != null
        && settings.parentDeathSignal() != 0
        && leader != null
        && leader.alive()
        && Kernel.runs(context)) {
      Delivery.deliver(context, child, settings.parentDeathSignal(), false);
    }
  }

  /**
   * find_new_reaper(): the nearest subreaper above at the same level, else the namespace's init.
   */
  private static ThreadGroup reaper(CallContext context, Task dying) {
    KernelState state = context.state();
    Namespace pid = state.namespaces.get(dying.namespaces().pid());
    ThreadGroup at = state.groups.get(state.groups.require(dying.group()).parent());
    for (; at != null && !at.untraced(); at = state.groups.get(at.parent())) {
      Task leader = state.tasks.get(at.leader());
      Task live = TaskDeath.liveThread(state, at.key(), 0);
      if (leader == null || live == null || leader.namespaces().pid() != pid.key()) {
        break;
      }
      if (at.subreaper()) {
        return at;
      }
    }
    Task init = pid == null ? null : state.tasks.get(pid.root());
    if (init != null && init.group() != dying.group()) {
      return state.groups.get(init.group());
    }
    Namespace initial = NamespaceRows.initial(state, NamespaceKind.PID);
    boolean outermost = pid == null || initial != null && pid.key() == initial.key();
    return outermost ? TaskBirth.process(context, 1) : null;
  }
}
