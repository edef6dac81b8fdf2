package io.kledger.engine.file;

import io.kledger.engine.CallContext;
import io.kledger.engine.blob.Blobs;
import io.kledger.engine.block.BlockHandles;
import io.kledger.engine.block.BtrfsSpace;
import io.kledger.engine.lock.LockTable;
import io.kledger.engine.mount.FsContexts;
import io.kledger.engine.mount.MountLife;
import io.kledger.engine.mount.MountsPoll;
import io.kledger.engine.task.AutoReaping;
import io.kledger.engine.task.PidNumbers;
import io.kledger.engine.uring.Rings;
import io.kledger.engine.watch.Events;
import io.kledger.engine.watch.Fanotify;
import io.kledger.engine.watch.Inotify;
import io.kledger.engine.xattr.Xattrs;
import io.kledger.kernel.CounterId;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.change.FdChange;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.FdSlot;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;

/**
 * The end of descriptors and of open file descriptions: filp_close() and __fput(), in the kernel's
 * order. Whatever drops a reference goes through here: close, dup2, exec, exit, messages thrown
 * away.
 */
public final class FilePut {
  private FilePut() {}

  /** filp_close(): the slot goes, with the record locks of its table, and then its reference. */
  public static void close(CallContext context, FdSlot slot) {
    OpenFileDescription file = context.state().descriptions.require(slot.description());
    context.emit(new FdChange.Closed(slot.key(), context.taskKey(), slot.description()));
    FdTrails.drop(context, slot.key());
    if (!file.pathOnly()) {
      boolean shared = file.inode() == 0 && Files.sharesInode(file.kind());
      long inode = shared ? context.state().counter(CounterId.SHARED_INODE) : file.inode();
      if (inode != 0) {
        LockTable.closePosix(context, inode, slot.table());
      }
    }
    put(context, file.key());
  }

  /** fput(): call after a reference went; the last one releases the description. */
  public static void put(CallContext context, long description) {
    KernelState state = context.state();
    OpenFileDescription file = state.descriptions.get(description);
    if (file != null
        && state.fdsByDescription.count(description) == 0
        && state.inFlightByDescription.count(description) == 0
        && state.ringFilesByDescription.count(description) == 0
        && state.loopBindingsByBacking.count(description) == 0) {
      release(context, file);
    }
  }

  /** __fput(). */
  private static void release(CallContext context, OpenFileDescription file) {
    detach(context, file);
    finish(context, file);
  }

  /** The first half of __fput(): watchers are told, locks go. */
  static void detach(CallContext context, OpenFileDescription file) {
    Events.of(context).closed(file);
    LockTable.releaseDescription(context, file.inode(), file.key());
  }

  /** The second half: ->release, and what the description held. */
  static void finish(CallContext context, OpenFileDescription file) {
    context.emit(new FdChange.Released(file.key()));
    forget(context, file.key());
    switch (file.kind()) {
      case SOCKET -> Sockets.release(context, file.object());
      case FS_CONTEXT -> FsContexts.release(context, file.object());
      case PIDFD -> {
        AutoReaping.released(context, file);
        PidNumbers.dropIfUnused(context, file.object());
      }
      case PATH -> {
        BlockHandles.release(context, file.key());
        Openers.drop(context, file.key());
        if (state(context).upgradeMasks.get(file.key()) != null) {
          context.remove(Tables.UPGRADE_MASKS, file.key());
        }
        if (state(context).cgroupEventsSeen.get(file.key()) != null) {
          context.remove(Tables.CGROUP_EVENTS_SEEN, file.key());
        }
        MountsPoll.drop(context, file.key());
      }
      case FANOTIFY -> Fanotify.release(context, file.key());
      case INOTIFY -> Inotify.release(context, file.key());
      case IO_URING -> Rings.release(context, file.key());
      case EPOLL -> {
        for (long item : context.state().epollItemsByInstance.keys(file.key())) {
          context.remove(Tables.EPOLL_ITEMS, item);
        }
      }
      case EVENTFD -> {
        if (context.state().eventCounters.get(file.key()) != null) {
          context.remove(Tables.EVENT_COUNTERS, file.key());
        }
      }
      case PIPE, NAMESPACE, SIGNALFD, TIMERFD, MEMFD, USERFAULTFD, BPF, PERF_EVENT, OTHER -> {}
    }
    if (file.ownsMount() != 0) {
      MountLife.dissolve(context, file.ownsMount());
    }
    if (file.place().mount() != 0) {
      MountLife.releaseIfUnused(context, file.place().mount());
    }
    nameUnused(context, file.place().dentry(), file.inode());
    DirectoryEnd.released(context, file.place().dentry());
    dropInode(context, file.inode());
  }

  /** eventpoll_release(), and what fcntl(2) has set. */
  private static void forget(CallContext context, long file) {
    for (long item : context.state().epollItemsByFile.keys(file)) {
      context.remove(Tables.EPOLL_ITEMS, item);
    }
    if (context.state().signalOwners.get(file) != null) {
      context.remove(Tables.SIGNAL_OWNERS, file);
    }
  }

  /**
   * dentry_unlink_inode(): watchers hear of the end of an inode without names when a name of it is
   * no longer in use, whoever has it open by another one.
   */
  public static void nameUnused(CallContext context, long name, long inode) {
    KernelState state = context.state();
    Inode row = state.watches.size() == 0 ? null : state.inodes.get(inode);
    Dentry dentry = row == null ? null : state.dentries.get(name);
    if (dentry == null || !dentry.deleted() || row.nlink() != 0 || row.directory()) {
      return;
    }
    for (long key : state.descriptionsByInode.keys(inode)) {
      if (state.descriptions.require(key).place().dentry() == name) {
        return;
      }
    }
    Events.of(context).destroyed(inode);
  }

  private static KernelState state(CallContext context) {
    return context.state();
  }

  /** iput(): an inode without names that nothing has open any more is gone, with its dentries. */
  public static void dropInode(CallContext context, long key) {
    KernelState state = context.state();
    Inode inode = state.inodes.get(key);
    if (inode == null
        || state.descriptionsByInode.count(key) > 0
        || state.programsByInode.count(key) > 0) {
      return;
    }
    boolean anonymous = inode.superblock() == 0;
    boolean unused = anonymous ? state.socketsByInode.count(key) == 0 : inode.nlink() == 0;
    if (!unused || inode.directory()) {
      return;
    }
    for (long name : state.dentriesByInode.keys(key)) {
      Dentry dentry = state.dentries.get(name);
      boolean mounted =
          state.mountsByMountpoint.count(name) > 0 || state.mountsByRoot.count(name) > 0;
      if (!dentry.deleted() || mounted) {
        return;
      }
    }
    for (long name : state.dentriesByInode.keys(key)) {
      context.remove(Tables.DENTRIES, name);
    }
    Events.of(context).destroyed(key);
    BtrfsSpace.refund(context, inode, inode.size());
    Xattrs.drop(context, key);
    Contents.drop(context, key);
    Blobs.drop(context, key);
    if (state.seals.get(key) != null) {
      context.remove(Tables.SEALS, key);
    }
    if (state.pipeSizes.get(key) != null) {
      context.remove(Tables.PIPE_SIZES, key);
    }
    context.remove(Tables.INODES, key);
  }
}
