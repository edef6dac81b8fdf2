package io.kledger.engine.cgroup;

import io.kledger.engine.CallContext;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.cgroup.Cgroup;
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

  private CgroupEvents() {}

  /** Whether a file is the cgroup.events of a cgroup. */
  public static boolean isEventsFile(CallContext context, OpenFileDescription file) {
    return cgroup(context, file) != null;
  }

  /** Whether the file has changed since this description read it. */
  public static boolean changed(CallContext context, OpenFileDescription file) {
    KernelState state = context.state();
    CgroupEventCount seen = state.cgroupEventsSeen.get(file.key());
    return seen == null || seen.count() != count(state, cgroup(context, file).key());
  }

  /** The description has read the file: what it shows is known to it. */
  public static void read(CallContext context, OpenFileDescription file) {
    Cgroup cgroup = cgroup(context, file);
    if (cgroup != null) {
      context.put(
          Tables.CGROUP_EVENTS_SEEN,
          new CgroupEventCount(file.key(), count(context.state(), cgroup.key())));
    }
  }

  /** `populated` or `frozen` of a cgroup has changed. */
  static void happened(CallContext context, long cgroup) {
    context.put(
        Tables.CGROUP_EVENTS, new CgroupEventCount(cgroup, count(context.state(), cgroup) + 1));
  }

  private static long count(KernelState state, long cgroup) {
    CgroupEventCount row = state.cgroupEvents.get(cgroup);
    return row == null ? 0 : row.count();
  }

  private static Cgroup cgroup(CallContext context, OpenFileDescription file) {
    KernelState state = context.state();
    Dentry name = state.dentries.get(file.place().dentry());
    return name == null || !name.name().equals(NAME) || !CgroupFs.holds(state, name.key())
        ? null
        : CgroupFs.of(context, name.parent());
  }
}
