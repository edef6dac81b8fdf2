package io.kledger.engine.cgroup;

import io.kledger.engine.CallContext;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.cgroup.Cgroup;
import io.kledger.kernel.change.CgroupChange;
import io.kledger.kernel.task.Task;
import java.util.List;

/** Which cgroups are populated, and how long a removed one stays. */
public final class CgroupLife {
  private CgroupLife() {}

  /** Whether a live task is in the cgroup or below (`populated` of cgroup.events). */
  public static boolean populated(KernelState state, long cgroup) {
    return populated(state, cgroup, 0, 0);
  }

  /** The same, without regard to the live tasks of one process in one cgroup. */
  private static boolean populated(KernelState state, long cgroup, long where, long group) {
    for (long key : state.tasksByCgroup.keys(cgroup)) {
      Task task = state.tasks.get(key);
      if (task.alive() && !(cgroup == where && task.group() == group)) {
        return true;
      }
    }
    for (long child : state.cgroupsByParent.keys(cgroup)) {
      if (populated(state, child, where, group)) {
        return true;
      }
    }
    return false;
  }

  /** The cgroup has lost tasks: it and those above may have nobody left. */
  public static void left(CallContext context, long cgroup) {
    KernelState state = context.state();
    Cgroup row = state.cgroups.get(cgroup);
    while (row != null && row.parent() != 0 && !populated(state, row.key())) {
      context.emit(new CgroupChange.Populated(row, false));
      CgroupEvents.happened(context, row.key());
      row = state.cgroups.get(row.parent());
    }
  }

  /**
   * Live tasks of a process have come into a cgroup: those that had nobody are populated now.
   * css_set_move_task() counts the newcomers before it takes them off where they were: what is
   * above both was populated all the time.
   *
   * @param sources where they were before
   */
  public static void entered(CallContext context, List<Long> sources, long cgroup, long group) {
    KernelState state = context.state();
    Cgroup row = state.cgroups.get(cgroup);
    while (row != null
        && row.parent() != 0
        && populated(state, row.key())
        && !above(state, row.key(), sources)
        && !populated(state, row.key(), cgroup, group)) {
      context.emit(new CgroupChange.Populated(row, true));
      CgroupEvents.happened(context, row.key());
      row = state.cgroups.get(row.parent());
    }
  }

  private static boolean above(KernelState state, long cgroup, List<Long> sources) {
    for (long source : sources) {
      for (Cgroup at = state.cgroups.get(source); at != null; at = state.cgroups.get(at.parent())) {
        if (at.key() == cgroup) {
          return true;
        }
      }
    }
    return false;
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
