package io.kledger.engine.cgroup;

import io.kledger.engine.CallContext;
import io.kledger.engine.task.Kernel;
import io.kledger.engine.time.Timers;
import io.kledger.engine.watch.Events;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.cgroup.Cgroup;
import io.kledger.kernel.cgroup.CgroupCoredump;
import io.kledger.kernel.cgroup.CgroupEventCount;
import io.kledger.kernel.cgroup.CgroupNotified;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.time.Timer;

/**
 * Who is told of a change of cgroup.events: kernfs_notify() and kernfs_generic_poll(). A reader is
 * behind until it has read the file since the last change; one that never read it is behind from
 * the start.
 */
public final class CgroupEvents {
  private static final Bytes NAME = Bytes.of("cgroup.events");
  private static final Bytes CORES = Bytes.of(Coredumps.EVENTS);

  /** CGROUP_FILE_NOTIFY_MIN_INTV, nanoseconds. */
  private static final long INTERVAL = 10_000_000;

  private CgroupEvents() {}

  /** Whether a file is the cgroup.events of a cgroup. */
  public static boolean isEventsFile(CallContext context, OpenFileDescription file) {
    return cgroup(context, file) != null;
  }

  /** Whether the file has changed since this description read it. */
  public static boolean changed(CallContext context, OpenFileDescription file) {
    KernelState state = context.state();
    CgroupEventCount seen = state.cgroupEventsSeen.get(file.key());
    // kernfs_fop_poll(): a file that is gone is always ready.
    return cgroup(context, file).removed()
        || seen == null
        || seen.count() != count(context, file, cgroup(context, file));
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
    if (!Kernel.runs(context)) {
      tell(context, cgroup);
      return;
    }
    CgroupNotified last = context.state().cgroupNotified.get(cgroup);
    long now = Timers.now(context, Timer.Clock.MONOTONIC);
    if (last == null || now >= last.at() + INTERVAL) {
      notify(context, cgroup, now);
    } else if (Timers.of(context, Timer.Purpose.CGROUP_EVENTS, cgroup) == null) {
      long next = last.at() + INTERVAL;
      Timers.start(context, Timer.Clock.MONOTONIC, next, Timer.Purpose.CGROUP_EVENTS, cgroup);
    }
  }

  /**
   * cgroup_file_notify(): what was held back since the last notification is told now, as one.
   *
   * @param now nanoseconds of monotonic time
   */
  public static void notify(CallContext context, long cgroup, long now) {
    Cgroup row = context.state().cgroups.get(cgroup);
    if (row != null && !row.removed()) {
      context.put(Tables.CGROUP_NOTIFIED, new CgroupNotified(cgroup, now));
      tell(context, cgroup);
      modified(context, row, NAME);
    }
  }

  /** The cgroup is removed: what was held back is lost. */
  static void removed(CallContext context, long cgroup) {
    Timers.stop(context, Timer.Purpose.CGROUP_EVENTS, cgroup);
    if (context.state().cgroupNotified.get(cgroup) != null) {
      context.remove(Tables.CGROUP_NOTIFIED, cgroup);
    }
  }

  private static void tell(CallContext context, long cgroup) {
    context.put(
        Tables.CGROUP_EVENTS, new CgroupEventCount(cgroup, count(context.state(), cgroup) + 1));
  }

  /** coredump.events of a cgroup has changed. */
  static void coresCounted(CallContext context, Cgroup cgroup) {
    modified(context, cgroup, CORES);
  }

  /** Watchers of the file hear IN_MODIFY. */
  private static void modified(CallContext context, Cgroup cgroup, Bytes file) {
    KernelState state = context.state();
    for (long key : state.dentriesByInode.keys(cgroup.directory())) {
      Dentry name = state.child(key, file);
      Inode inode = name == null ? null : state.inodes.get(name.inode());
      if (inode != null) {
        Events.of(context).written(new Place(0, name.key()), inode);
      }
    }
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
