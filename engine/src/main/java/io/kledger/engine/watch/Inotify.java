package io.kledger.engine.watch;

import io.kledger.engine.CallContext;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.task.FileOpener;
import io.kledger.kernel.watch.InotifyEvent;
import io.kledger.kernel.watch.InotifyInstance;
import io.kledger.kernel.watch.InotifyWatch;

/** Instances, watches and queues: fs/notify/inotify/inotify_user.c. */
public final class Inotify {
  public static final long ACCESS = 0x1;
  public static final long MODIFY = 0x2;
  public static final long ATTRIB = 0x4;
  public static final long CLOSE_WRITE = 0x8;
  public static final long CLOSE_NOWRITE = 0x10;
  public static final long OPEN = 0x20;
  public static final long MOVED_FROM = 0x40;
  public static final long MOVED_TO = 0x80;
  public static final long CREATE = 0x100;
  public static final long DELETE = 0x200;
  public static final long DELETE_SELF = 0x400;
  public static final long MOVE_SELF = 0x800;
  public static final long UNMOUNT = 0x2000;
  public static final long Q_OVERFLOW = 0x4000;
  public static final long IGNORED = 0x8000;

  /** Proposed: a lock of flock(2) was granted. */
  public static final long LOCK = 0x200000;

  /** Proposed: a lock of flock(2) is gone. */
  public static final long UNLOCK = 0x400000;

  public static final long ONLYDIR = 0x01000000;
  public static final long DONT_FOLLOW = 0x02000000;
  public static final long EXCL_UNLINK = 0x04000000;
  public static final long MASK_CREATE = 0x10000000;
  public static final long MASK_ADD = 0x20000000;
  public static final long ISDIR = 0x40000000;
  public static final long ONESHOT = 0x80000000L;

  private static final int MAX_QUEUED = 16384;

  private Inotify() {}

  /** An instance for a new description. Its creator is whom instances and watches count for. */
  public static void create(CallContext context, long description) {
    long max = InotifyLimits.setting(context, "fs.inotify.max_queued_events", MAX_QUEUED);
    context.put(
        Tables.INOTIFY_INSTANCES,
        new InotifyInstance(description, 0, (int) Math.min(max, Integer.MAX_VALUE)));
    if (context.simulated()) {
      context.put(
          Tables.FILE_OPENERS,
          new FileOpener(
              description, context.task().credentials(), context.task().namespaces().cgroup()));
    }
  }

  /** The last reference went: watches and queue go without a word. */
  public static void release(CallContext context, long instance) {
    KernelState state = context.state();
    if (state.inotifyInstances.get(instance) == null) {
      return;
    }
    for (long key : state.watchesByInstance.keys(instance)) {
      context.remove(Tables.INOTIFY_WATCHES, key);
    }
    for (long key : state.inotifyQueue.keys(instance)) {
      context.remove(Tables.INOTIFY_EVENTS, key);
    }
    context.remove(Tables.INOTIFY_INSTANCES, instance);
  }

  /** The watch of an instance on an inode, or null. */
  public static InotifyWatch watch(KernelState state, long instance, long inode) {
    for (long key : state.watchesByInode.keys(inode)) {
      InotifyWatch watch = state.watches.require(key);
      if (watch.instance() == instance) {
        return watch;
      }
    }
    return null;
  }

  /** The watch of an instance with a descriptor, or null. */
  public static InotifyWatch watch(KernelState state, long instance, int wd) {
    for (long key : state.watchesByInstance.keys(instance)) {
      InotifyWatch watch = state.watches.require(key);
      if (watch.wd() == wd) {
        return watch;
      }
    }
    return null;
  }

  /** A watch goes; who holds it reads IN_IGNORED. */
  public static void ignore(CallContext context, InotifyWatch watch) {
    context.remove(Tables.INOTIFY_WATCHES, watch.key());
    queue(context, watch.instance(), watch.wd(), IGNORED, 0, Bytes.EMPTY);
  }

  /** fsnotify_insert_event() and inotify_merge(). */
  static void queue(CallContext context, long instance, int wd, long mask, int cookie, Bytes name) {
    KernelState state = context.state();
    InotifyEvent event = new InotifyEvent(context.newKey(), instance, wd, mask, cookie, name);
    InotifyEvent before = state.inotifyQueue.last(instance);
    if (before != null && before.repeats(event) && mask != IGNORED) {
      return;
    }
    InotifyInstance owner = state.inotifyInstances.require(instance);
    if (state.inotifyQueue.count(instance) >= owner.maxQueued()) {
      if (before == null || before.mask() != Q_OVERFLOW) {
        context.put(
            Tables.INOTIFY_EVENTS,
            new InotifyEvent(event.key(), instance, -1, Q_OVERFLOW, 0, Bytes.EMPTY));
      }
      return;
    }
    context.put(Tables.INOTIFY_EVENTS, event);
  }
}
