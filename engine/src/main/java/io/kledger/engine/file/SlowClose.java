package io.kledger.engine.file;

import io.kledger.engine.CallContext;
import io.kledger.engine.lock.LockTable;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.change.FdChange;
import io.kledger.kernel.file.FdSlot;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.PendingRelease;
import io.kledger.kernel.file.SlowFilesystem;
import io.kledger.kernel.path.PathText;
import io.kledger.kernel.task.PendingCall;
import java.util.TreeSet;

/**
 * Closes that wait for a filesystem which does not answer (the ->flush of filp_close()), and the
 * proposed ones that do not: the number, the locks and the watchers' events at once, the release
 * later, one after the other for each user.
 */
public final class SlowClose {
  /** Name of the call that waits. */
  public static final String CLOSE = "close";

  private SlowClose() {}

  /** Whether a slot holds the last reference to its description. */
  public static boolean last(KernelState state, FdSlot slot) {
    return state.fdsByDescription.count(slot.description()) == 1
        && state.inFlightByDescription.count(slot.description()) == 0
        && state.loopBindingsByBacking.count(slot.description()) == 0;
  }

  /** Whether the last close of a description waits: it may have something to write. */
  private static boolean slow(KernelState state, OpenFileDescription file) {
    if (state.slowFilesystems.size() == 0 || file.pathOnly() || !file.writable()) {
      return false;
    }
    Inode inode = state.inodes.get(file.inode());
    return inode != null && state.slowFilesystems.get(inode.superblock()) != null;
  }

  /** close(2) of a slot: true if it waits in its flush, before it drops locks. */
  public static boolean waits(CallContext context, FdSlot slot) {
    OpenFileDescription file = context.state().descriptions.require(slot.description());
    if (!context.simulated() || !slow(context.state(), file) || !last(context.state(), slot)) {
      return false;
    }
    context.emit(new FdChange.Closed(slot.key(), context.taskKey(), slot.description()));
    FdTrails.drop(context, slot.key());
    pend(context, slot, false);
    context.put(
        Tables.PENDING,
        new PendingCall(context.taskKey(), CLOSE, context.position(), 0, 0, false, 0, 0));
    return true;
  }

  private static void pend(CallContext context, FdSlot slot, boolean asynchronous) {
    context.put(
        Tables.PENDING_RELEASES,
        new PendingRelease(
            context.newKey(),
            slot.description(),
            asynchronous,
            context.task().credentials().uid(),
            context.taskKey(),
            slot.table()));
  }

  /** Number of releases that wait for a user. */
  public static int pending(KernelState state, int user) {
    return state.pendingReleasesByUser.count(user + 1L);
  }

  /** close2(CLOSE_ASYNC) of a slot. */
  public static void detach(CallContext context, FdSlot slot) {
    KernelState state = context.state();
    OpenFileDescription file = state.descriptions.require(slot.description());
    boolean last = last(state, slot);
    context.emit(new FdChange.Closed(slot.key(), context.taskKey(), slot.description()));
    FdTrails.drop(context, slot.key());
    context.notice(
        "fd.detach",
        "pid",
        Integer.toString(context.task().tid()),
        "fd",
        Integer.toString(slot.fd()));
    if (!file.pathOnly()) {
      LockTable.closePosix(context, file.inode(), slot.table());
    }
    if (!last) {
      return;
    }
    if (file.pathOnly()) {
      FilePut.put(context, file.key());
      return;
    }
    FilePut.detach(context, file);
    pend(context, slot, true);
    reap(context, context.task().credentials().uid());
  }

  /** Releases what a user's queue holds, up to the first that waits for its filesystem. */
  private static void reap(CallContext context, int user) {
    KernelState state = context.state();
    for (long key : state.pendingReleasesByUser.keys(user + 1L)) {
      PendingRelease release = state.pendingReleases.require(key);
      OpenFileDescription file = state.descriptions.require(release.description());
      if (slow(state, file)) {
        return;
      }
      context.remove(Tables.PENDING_RELEASES, key);
      context.notice("fd.reap", "path", path(state, file), "errno", "0");
      FilePut.finish(context, file);
    }
  }

  private static String path(KernelState state, OpenFileDescription file) {
    return file.name().isEmpty()
        ? PathText.fromTop(state, file.place()).latin1()
        : file.name().latin1();
  }

  /** A filesystem stops answering. */
  public static void stalls(CallContext context, long superblock) {
    context.put(Tables.SLOW_FILESYSTEMS, new SlowFilesystem(superblock));
  }

  /** A filesystem answers again: what waited for it goes on, oldest first. */
  public static void answers(CallContext context, long superblock) {
    KernelState state = context.state();
    if (state.slowFilesystems.get(superblock) == null) {
      return;
    }
    context.remove(Tables.SLOW_FILESYSTEMS, superblock);
    TreeSet<Integer> users = new TreeSet<>();
    for (PendingRelease release : state.pendingReleases.rows()) {
      if (release.asynchronous()) {
        if (users.add(release.user())) {
          reap(context, release.user());
        }
      } else if (!slow(state, state.descriptions.require(release.description()))) {
        goOn(context, release);
      }
    }
  }

  private static void goOn(CallContext context, PendingRelease release) {
    KernelState state = context.state();
    OpenFileDescription file = state.descriptions.require(release.description());
    context.remove(Tables.PENDING_RELEASES, release.key());
    LockTable.closePosix(context, file.inode(), release.table());
    FilePut.put(context, file.key());
    PendingCall call = state.pending.get(release.task());
    if (call != null && call.call().equals(CLOSE)) {
      context.put(Tables.PENDING, call.finished(0, 0));
    }
  }
}
