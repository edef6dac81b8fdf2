package io.kledger.engine.mount;

import io.kledger.engine.CallContext;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.change.MountChange;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.task.Task;
import io.kledger.kernel.task.ThreadGroup;
import io.kledger.kernel.watch.MountEvent;
import io.kledger.kernel.watch.MountMark;

/**
 * Who watches a mount namespace hears of mounts that come, go and move (notify_mnt_list()). Events
 * are never merged.
 */
final class MountNews {
  static final long ATTACH = 0x01000000;
  static final long DETACH = 0x02000000;
  private static final int MAX_QUEUED = 16384;

  private MountNews() {}

  /** Emits the change, and tells of it. */
  static void emit(CallContext context, MountChange.Attached change) {
    context.emit(change);
    tell(context, change.after(), ATTACH);
  }

  /** Emits the change, and tells of it. */
  static void emit(CallContext context, MountChange.Detached change) {
    tell(context, change.before(), DETACH);
    context.emit(change);
  }

  /** Emits the change, and tells of it. */
  static void emit(CallContext context, MountChange.Moved change) {
    context.emit(change);
    boolean within = change.before().namespace() == change.after().namespace();
    tell(context, change.after(), within ? ATTACH | DETACH : ATTACH);
  }

  private static void tell(CallContext context, Mount mount, long what) {
    MountsPoll.touch(context, mount.namespace());
    KernelState state = context.state();
    if (state.mountMarks.size() == 0) {
      return;
    }
    for (long key : state.mountMarksByNamespace.keys(mount.namespace())) {
      MountMark mark = state.mountMarks.require(key);
      long mask = what & mark.mask() & ~mark.ignored();
      if (mask != 0) {
        queue(context, mark.group(), mask, mount.uniqueId());
      }
    }
  }

  private static void queue(CallContext context, long group, long mask, long mount) {
    KernelState state = context.state();
    int queued = state.mountEventsByGroup.count(group);
    if (queued > MAX_QUEUED) {
      return;
    }
    boolean full = queued == MAX_QUEUED;
    context.put(
        Tables.MOUNT_EVENTS,
        new MountEvent(
            context.newKey(),
            group,
            full ? MountEvent.OVERFLOW : mask,
            full ? 0 : process(context),
            full ? 0 : mount));
  }

  private static long process(CallContext context) {
    KernelState state = context.state();
    ThreadGroup group = state.groups.get(context.task().group());
    Task leader = group == null ? null : state.tasks.get(group.leader());
    return leader == null ? context.task().pid() : leader.pid();
  }
}
