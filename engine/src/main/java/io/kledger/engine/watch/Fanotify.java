package io.kledger.engine.watch;

import io.kledger.engine.CallContext;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.watch.MountMark;

/** Groups and their marks: fs/notify/fanotify/fanotify_user.c. */
public final class Fanotify {
  private Fanotify() {}

  /** The mark of a group on a mount namespace, or null. */
  public static MountMark mark(KernelState state, long group, long namespace) {
    for (long key : state.mountMarksByGroup.keys(group)) {
      MountMark mark = state.mountMarks.require(key);
      if (mark.namespace() == namespace) {
        return mark;
      }
    }
    return null;
  }

  /** FAN_MARK_FLUSH: all marks of a group go. */
  public static void flush(CallContext context, long group) {
    for (long key : context.state().mountMarksByGroup.keys(group)) {
      context.remove(Tables.MOUNT_MARKS, key);
    }
  }

  /** The last reference went: marks and queue go without a word. */
  public static void release(CallContext context, long group) {
    KernelState state = context.state();
    if (state.fanotifyGroups.get(group) == null) {
      return;
    }
    flush(context, group);
    for (long key : state.mountEventsByGroup.keys(group)) {
      context.remove(Tables.MOUNT_EVENTS, key);
    }
    context.remove(Tables.FANOTIFY_GROUPS, group);
  }
}
