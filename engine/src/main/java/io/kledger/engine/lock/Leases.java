package io.kledger.engine.lock;

import io.kledger.engine.CallContext;
import io.kledger.kernel.CounterId;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.change.FdChange;
import io.kledger.kernel.change.LockChange;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.lock.FileLock;
import io.kledger.kernel.lock.FileLock.Mode;
import io.kledger.kernel.lock.FileLock.Type;

/** Leases (generic_setlease()): on a file, one per open file description. */
public final class Leases {
  private static final long FASYNC = 020000;

  private Leases() {}

  /** The lease of a description, or null. */
  public static FileLock held(KernelState state, long inode, long description) {
    for (long key : state.locksByOwner.keys(description)) {
      FileLock lock = state.locks.get(key);
      if (lock.type() == Type.LEASE && lock.inode() == inode) {
        return lock;
      }
    }
    return null;
  }

  /** Takes a lease, or changes the one there is. */
  public static void set(CallContext context, OpenFileDescription file, Mode mode, int pid) {
    async(context, file.key(), true);
    FileLock held = held(context.state(), file.inode(), file.key());
    if (held != null) {
      context.emit(new LockChange.Converted(held.withMode(mode), held));
      return;
    }
    FileLock lease =
        new FileLock(
            context.newKey(), file.inode(), Type.LEASE, file.key(), mode, 0, FileLock.EOF, pid,
            context.taskKey(), context.next(CounterId.ORDER), 0, context.position(), false);
    context.emit(new LockChange.Acquired(lease, 0, FileLock.EOF));
  }

  /** Gives a lease up. */
  public static void release(CallContext context, long inode, long description) {
    FileLock lease = held(context.state(), inode, description);
    if (lease != null) {
      context.emit(new LockChange.Released(lease.key(), null, lease, 0, FileLock.EOF));
      async(context, description, false);
    }
  }

  /** lease_setup() and lease_modify(): the holder of a lease is on the file's fasync list. */
  private static void async(CallContext context, long description, boolean on) {
    OpenFileDescription file = context.state().descriptions.get(description);
    long flags = on ? file.flags() | FASYNC : file.flags() & ~FASYNC;
    if (flags != file.flags()) {
      context.emit(new FdChange.DescriptionChanged(file.withFlags(flags)));
    }
  }

  /** inode_is_open_for_write(). */
  public static boolean openForWriting(KernelState state, long inode) {
    for (long key : state.descriptionsByInode.keys(inode)) {
      OpenFileDescription file = state.descriptions.get(key);
      if (file.flagsKnown() && file.writable()) {
        return true;
      }
    }
    return false;
  }

  /** Whether the file is open by another description. */
  public static boolean openElsewhere(KernelState state, long inode, long description) {
    for (long key : state.descriptionsByInode.keys(inode)) {
      if (key != description && !state.descriptions.get(key).pathOnly()) {
        return true;
      }
    }
    return false;
  }

  /** leases_conflict(): whether an open for reading or writing has to wait for a lease. */
  public static boolean conflicting(KernelState state, long inode, boolean write) {
    for (long key : state.locksByInode.keys(inode)) {
      if (conflicts(state.locks.get(key), write)) {
        return true;
      }
    }
    return false;
  }

  private static boolean conflicts(FileLock lock, boolean write) {
    return lock.type() == Type.LEASE && (write || lock.mode() != Mode.READ);
  }

  /** __break_lease(): the holders are told to give their leases up (mode UNLCK until they do). */
  public static void breakAll(CallContext context, long inode, boolean write) {
    for (long key : context.state().locksByInode.keys(inode)) {
      FileLock lease = context.state().locks.get(key);
      if (conflicts(lease, write) && lease.mode() != Mode.UNLCK) {
        context.emit(new LockChange.Adjusted(lease.withMode(Mode.UNLCK)));
      }
    }
  }

  /** The kernel opened the file: the holders have given up unseen. */
  public static void drop(CallContext context, long inode, boolean write) {
    for (long key : context.state().locksByInode.keys(inode)) {
      FileLock lease = context.state().locks.get(key);
      if (conflicts(lease, write)) {
        context.emit(new LockChange.Released(key, null, lease, 0, FileLock.EOF));
      }
    }
  }
}
