package io.kledger.engine.task;

import io.kledger.engine.CallContext;
import io.kledger.engine.ns.NamespaceLife;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.ns.NamespaceKind;
import io.kledger.kernel.task.Pid;
import io.kledger.kernel.task.PidCounter;
import io.kledger.kernel.task.Task;
import io.kledger.kernel.task.ThreadGroup;

/** Numbers of tasks in pid namespaces: kernel/pid.c. */
public final class PidNumbers {
  private PidNumbers() {}

  /** The number of a holder as seen from a pid namespace; 0 if it has none there (pid_nr_ns). */
  public static int seenFrom(KernelState state, Pid pid, long namespace) {
    Namespace from = state.namespaces.get(namespace);
    if (pid == null || from == null) {
      return 0;
    }
    long at = pid.namespace();
    while (at != 0 && at != namespace) {
      at = state.namespaces.require(at).parent();
    }
    return at == 0 ? 0 : pid.at(from.level());
  }

  /** The number of a task as seen from a pid namespace. */
  public static int ofTask(KernelState state, Task task, long namespace) {
    return seenFrom(state, state.pids.get(task.pid()), namespace);
  }

  /** The number of a process as seen from a pid namespace; 0 if it has none there. */
  public static int ofGroup(KernelState state, ThreadGroup group, long namespace) {
    if (group == null) {
      return 0;
    }
    Task leader = state.tasks.get(group.leader());
    if (leader != null) {
      return ofTask(state, leader, namespace);
    }
    Namespace from = state.namespaces.get(namespace);
    return from == null || from.level() == 0 ? group.tgid() : 0;
  }

  /** The holder of a number in a pid namespace, or null (find_pid_ns). */
  public static Pid find(KernelState state, long namespace, int number) {
    if (number <= 0) {
      return null;
    }
    Namespace in = state.namespaces.get(namespace);
    if (in == null) {
      return null;
    }
    if (in.level() == 0) {
      return newest(state, state.pidsByTracerNumber.keys(number), 0, number);
    }
    Pid own =
        newest(
            state,
            state.pidsByNumber.keys(KernelState.pair(namespace, number)),
            in.level(),
            number);
    return own != null && own.namespace() == namespace ? own : below(state, in, number);
  }

  private static Pid newest(KernelState state, long[] keys, int level, int number) {
    for (int i = keys.length - 1; i >= 0; i--) {
      Pid pid = state.pids.get(keys[i]);
      if (pid.at(level) == number && inUse(state, pid)) {
        return pid;
      }
    }
    return null;
  }

  private static Pid below(KernelState state, Namespace namespace, int number) {
    for (long key : state.namespacesByKind.keys(NamespaceKind.PID.ordinal() + 1L)) {
      if (key == namespace.key() || !within(state, key, namespace.key())) {
        continue;
      }
      Pid pid = newest(state, state.pidsByNamespace.keys(key), namespace.level(), number);
      if (pid != null) {
        return pid;
      }
    }
    return null;
  }

  /** Whether a pid namespace is this one or below it. */
  public static boolean within(KernelState state, long inner, long outer) {
    long at = inner;
    while (at != 0 && at != outer) {
      Namespace namespace = state.namespaces.get(at);
      at = namespace == null ? 0 : namespace.parent();
    }
    return at == outer;
  }

  /** Whether any task or process uses it as tid, process group or session. */
  public static boolean inUse(KernelState state, Pid pid) {
    return state.tasksByPid.count(pid.key()) > 0
        || state.groupsByProcessGroup.count(pid.key()) > 0
        || state.groupsBySession.count(pid.key()) > 0;
  }

  /** The task with this number in a pid namespace, zombies included, or null. */
  public static Task task(KernelState state, long namespace, int number) {
    Pid pid = find(state, namespace, number);
    return pid == null ? null : state.tasksByPid.last(pid.key());
  }

  /** The next free number of a namespace: one above the highest so far. */
  static int next(KernelState state, long namespace) {
    PidCounter counter = state.pidCounters.get(namespace);
    return counter == null ? 1 : counter.last() + 1;
  }

  /** Notes that a number was given out. */
  public static void taken(CallContext context, long namespace, int number) {
    PidCounter counter = context.state().pidCounters.get(namespace);
    if (counter == null || counter.last() < number) {
      context.put(
          Tables.PID_COUNTERS,
          new PidCounter(namespace, number, counter != null && counter.disabled()));
    }
  }

  /** Whether a pidfd, a message or the peer of a socket refers to it: it can still be asked. */
  static boolean pinned(KernelState state, long key) {
    return state.descriptionsByObject.count(key) > 0
        || state.messagesByPid.count(key) > 0
        || state.socketsByPid.count(key) > 0;
  }

  /** The holder goes when nothing uses its numbers and no pidfd refers to it. */
  public static void dropIfUnused(CallContext context, long key) {
    KernelState state = context.state();
    Pid pid = state.pids.get(key);
    if (pid != null && !inUse(state, pid) && !pinned(state, key)) {
      context.remove(Tables.PIDS, key);
      Pidfs.drop(context, pid);
      if (state.pidTimes.get(key) != null) {
        context.remove(Tables.PID_TIMES, key);
      }
      if (state.pidExits.get(key) != null) {
        context.remove(Tables.PID_EXITS, key);
      }
      NamespaceLife.dropIfUnused(context, pid.namespace());
    }
  }
}
