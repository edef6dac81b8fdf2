package io.kledger.engine.cgroup;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.cgroup.Cgroup;
import io.kledger.kernel.cgroup.CgroupLimit;
import java.util.List;

/** How many tasks a cgroup may hold: kernel/cgroup/pids.c. */
public final class PidsController {
  static final String MAX = "pids.max";
  static final String CURRENT = "pids.current";
  static final String EVENTS = "pids.events";
  static final String LOCAL = "pids.events.local";

  private static final Bytes CONTROLLER = Bytes.of("pids");

  private PidsController() {}

  /** pids_can_fork(): EAGAIN if a task more is too many here or above; null if it may be born. */
  public static Result mayFork(CallContext context, long cgroup) {
    KernelState state = context.state();
    if (state.cgroupLimits.size() == 0) {
      return null;
    }
    for (Cgroup at = state.cgroups.get(cgroup); at != null; at = state.cgroups.get(at.parent())) {
      String max = value(state, at, MAX);
      if (max == null || max.equals("max") || tasks(state, at.key()) < Long.parseLong(max)) {
        continue;
      }
      if (context.refuse("pids.max")) {
        Result refused = context.fail(Errno.EAGAIN, "pids.max");
        count(context, at, LOCAL);
        for (Cgroup up = at; up != null; up = state.cgroups.get(up.parent())) {
          count(context, up, EVENTS);
        }
        return refused;
      }
    }
    return null;
  }

  /** The tasks of a cgroup and those below, zombies among them. */
  static long tasks(KernelState state, long cgroup) {
    long count = state.tasksByCgroup.count(cgroup);
    for (long child : state.cgroupsByParent.keys(cgroup)) {
      count += tasks(state, child);
    }
    return count;
  }

  private static String value(KernelState state, Cgroup cgroup, String file) {
    CgroupLimit row = ControllerFiles.row(state, cgroup.key(), file);
    return row == null ? null : row.value().toString();
  }

  /** One more fork failed: only where the controller is enabled. */
  private static void count(CallContext context, Cgroup cgroup, String file) {
    KernelState state = context.state();
    Cgroup parent = state.cgroups.get(cgroup.parent());
    if (parent == null || !parent.subtreeControl().contains(CONTROLLER)) {
      return;
    }
    CgroupLimit row = ControllerFiles.row(state, cgroup.key(), file);
    String old = row == null ? null : row.value().toString();
    long failed = old == null ? 0 : Long.parseLong(old.substring(old.indexOf(' ') + 1));
    context.put(
        Tables.CGROUP_LIMITS,
        new CgroupLimit(
            row == null ? context.newKey() : row.key(),
            cgroup.key(),
            Bytes.of(file),
            Bytes.of("max " + (failed + 1))));
  }

  /** What pids.current and the events files show. */
  static List<String> lines(KernelState state, Cgroup cgroup, String file) {
    if (file.equals(CURRENT)) {
      return List.of(Long.toString(tasks(state, cgroup.key())));
    }
    String value = value(state, cgroup, file);
    return List.of(value == null ? "max 0" : value);
  }
}
