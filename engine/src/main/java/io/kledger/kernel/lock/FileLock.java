package io.kledger.kernel.lock;

import io.kledger.store.Row;

/**
 * A granted lock, or (with {@code blocker} set) a request that waits: struct file_lock.
 *
 * @param inode key of the inode
 * @param owner key of the OpenFileDescription (FLOCK, OFD, LEASE) or of the FdTable (POSIX)
 * @param start first byte
 * @param end last byte; {@link Long#MAX_VALUE} = to the end of the file
 * @param pid the number /proc/locks shows: tgid of the taker in the tracer's pid namespace, -1 for
 *     OFD
 * @param task key of the task that asked
 * @param order place in the inode's list: grant order, kept by what grows out of an old lock
 * @param blocker key of the lock or waiter this one waits for; 0 if granted
 * @param since position of the event that granted it or began the wait
 */
public record FileLock(
    long key,
    long inode,
    Type type,
    long owner,
    Mode mode,
    long start,
    long end,
    int pid,
    long task,
    long order,
    long blocker,
    long since,
    boolean inferred)
    implements Row {
  /** The families of locks, as /proc/locks names them. */
  public enum Type {
    FLOCK,
    POSIX,
    OFDLCK,
    LEASE
  }

  /** Shared, exclusive, or what a breaking lease is to become. */
  public enum Mode {
    READ,
    WRITE,
    /** A lease that is to be given up: FL_UNLOCK_PENDING. */
    UNLCK,
    /** A write lease that is to become a read lease: FL_DOWNGRADE_PENDING. */
    DOWNGRADE
  }

  public boolean waiting() {
    return blocker != 0;
  }

  /** A granted lock of fcntl(2), of either family. */
  public boolean grantedRange() {
    return blocker == 0 && (type == Type.POSIX || type == Type.OFDLCK);
  }

  /** The whole file. */
  public static final long EOF = Long.MAX_VALUE;

  public FileLock withRange(long newStart, long newEnd) {
    return new FileLock(
        key, inode, type, owner, mode, newStart, newEnd, pid, task, order, blocker, since,
        inferred);
  }

  public FileLock withBlocker(long newBlocker, long newOrder) {
    return new FileLock(
        key,
        inode,
        type,
        owner,
        mode,
        start,
        end,
        pid,
        task,
        newOrder,
        newBlocker,
        since,
        inferred);
  }

  /** The granted lock that this request becomes. */
  public FileLock granted(long newKey, long newOrder, long position) {
    return new FileLock(
        newKey, inode, type, owner, mode, start, end, pid, task, newOrder, 0, position, inferred);
  }

  public FileLock withMode(Mode newMode) {
    return new FileLock(
        key, inode, type, owner, newMode, start, end, pid, task, order, blocker, since, inferred);
  }

  /** Whether the bytes overlap. */
  public boolean overlaps(FileLock that) {
    return start <= that.end && that.start <= end;
  }

  /** Whether two locks of one family cannot be held at once (flock_locks_conflict and kin). */
  public boolean conflicts(FileLock that) {
    return owner != that.owner && (mode == Mode.WRITE || that.mode == Mode.WRITE) && overlaps(that);
  }
}
