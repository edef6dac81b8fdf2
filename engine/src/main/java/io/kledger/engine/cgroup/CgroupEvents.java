package io.kledger.engine.cgroup;

import io.kledger.engine.CallContext;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.cgroup.Cgroup;
import io.kledger.kernel.cgroup.CgroupCoredump;
import io.kledger.kernel.cgroup.CgroupEventCount;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.OpenFileDescription;

/**
 * Who is told of a change of cgroup.events: kernfs_notify() and kernfs_generic_poll(). A reader is
 * behind until it has read the file since the last change; one that never read it is behind from
 * the start.
 */
public final class CgroupEvents {
  private static final Bytes NAME = Bytes.of("cgroup.events");
  private static final Bytes CORES = Bytes.of(Coredumps.EVENTS);

  private CgroupEvents() {}

  /** Whether a file is the cgroup.events of a cgroup. */
  public static boolean isEventsFile(CallContext context, OpenFileDescription file) {
    return cgroup(context, file) != null;
  }

  /** Whether the file has changed since this description read it. */
  public static boolean changed(CallContext context, OpenFileDescription file) {
    KernelState state = context.state();
    CgroupEventCount seen = state.cgroupEventsSeen.get(file.key());
    return seen == null || seen.count() != count(context, file, cgroup(context, file));
  }

  /** The description has read the file: what it shows is known to it. */
  public static void read(CallContext context, OpenFileDescription file) {
    Cgroup cgroup = cgroup(context, file);
    if (cgroup != null) {
      context.put(
          Tables.CGROUP_EVENTS_SEEN,
          new CgroupEventCount(file.key(), count(context, file, cgroup)));
    }
  }

  /** `populated` or `frozen` of a cgroup has changed. */
  static void happened(CallContext context, long cgroup) {
    context.put(
        Tables.CGROUP_EVENTS, new CgroupEventCount(cgroup, count(context.state(), cgroup) + 1));
  }

  private static long count(CallContext context, OpenFileDescription file, Cgroup cgroup) {
    KernelState state = context.state();
    if (!state.dentries.require(file.place().dentry()).name().equals(CORES)) {
      return count(state, cgroup.key());
    }
    // Each dump is one change, and counted in one of the three.
    CgroupCoredump row = Coredumps.row(state, cgroup.key());
    return row.dumped() + row.truncated() + row.suppressed();
  }

  private static long count(KernelState state, long cgroup) {
    CgroupEventCount row = state.cgroupEvents.get(cgroup);
    return row == null ? 0 : row.count();
  }

  private static Cgroup cgroup(CallContext context, OpenFileDescription file) {
    KernelState state = context.state();
    Dentry name = state.dentries.get(file.place().dentry());
    boolean events = name != null && (name.name().equals(NAME) || name.name().equals(CORES));
    return !events || !CgroupFs.holds(state, name.key())
        ? null
        : CgroupFs.of(context, name.parent());
  }
}
