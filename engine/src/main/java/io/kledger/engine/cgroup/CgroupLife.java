package io.kledger.engine.cgroup;

import io.kledger.engine.CallContext;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.cgroup.Cgroup;
import io.kledger.kernel.change.CgroupChange;
import io.kledger.kernel.task.Task;

/** Which cgroups are populated, and how long a removed one stays. */
public final class CgroupLife {
  private CgroupLife() {}

  /** Whether a live task is in the cgroup or below (`populated` of cgroup.events). */
  public static boolean populated(KernelState state, long cgroup) {
    return populated(state, cgroup, 0);
  }

  private static boolean populated(KernelState state, long cgroup, long except) {
    for (long key : state.tasksByCgroup.keys(cgroup)) {
      if (key != except && state.tasks.get(key).alive()) {
        return true;
      }
    }
    for (long child : state.cgroupsByParent.keys(cgroup)) {
      if (populated(state, child, except)) {
        return true;
      }
    }
    return false;
  }

  /** A task that is no longer alive, or not here any more, was in this cgroup: leaf to root. */
  public static void left(CallContext context, long cgroup) {
    KernelState state = context.state();
    Cgroup row = state.cgroups.get(cgroup);
    while (row != null && row.parent() != 0 && !populated(state, row.key(), 0)) {
      context.emit(new CgroupChange.Populated(row, false));
      row = state.cgroups.get(row.parent());
    }
  }

  /** A live task has come into its cgroup: those that had nobody are populated now. */
  public static void entered(CallContext context, Task task) {
    KernelState state = context.state();
    Cgroup row = state.cgroups.get(task.cgroup());
    while (row != null && row.parent() != 0 && !populated(state, row.key(), task.key())) {
      context.emit(new CgroupChange.Populated(row, true));
      row = state.cgroups.get(row.parent());
    }
  }

  /** A removed cgroup goes with the last zombie that was in it. */
  public static void releaseIfUnused(CallContext context, long cgroup) {
    KernelState state = context.state();
    Cgroup row = state.cgroups.get(cgroup);
    if (row != null && row.removed() && state.tasksByCgroup.count(cgroup) == 0) {
      context.emit(new CgroupChange.Released(cgroup));
    }
  }
}
