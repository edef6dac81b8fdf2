package io.kledger.kernel.file;

import io.kledger.event.Bytes;
import io.kledger.store.Row;

/**
 * What open(2) makes and fds refer to (struct file). Lives while a slot, a message in flight or the
 * kernel refers to it.
 *
 * @param place where it was opened; {@link Place#UNKNOWN} for pipes, sockets and what was never
 *     seen
 * @param inode key of the inode, 0 if unknown
 * @param flags access mode and status flags (O_*), without O_CLOEXEC
 * @param position offset of the next read or write, in bytes; {@link #POSITION_UNKNOWN}
 * @param object key of what it stands for by kind: the Pid of a pidfd, the Namespace of an nsfs
 *     file, the Socket, the watch instance, the FsContext; else 0
 * @param name what readlink of /proc/PID/fd/N prints where there is no path, else empty
 * @param ownsMount key of the mount namespace of a detached tree that goes with the last reference,
 *     or 0
 * @param openedBy key of the task that opened it
 * @param createdAt position of the event that made it
 * @param inferred true if its opening was not in the log
 */
public record OpenFileDescription(
    long key,
    FileKind kind,
    Place place,
    long inode,
    long flags,
    long position,
    long object,
    Bytes name,
    long ownsMount,
    long openedBy,
    long createdAt,
    boolean inferred)
    implements Row {
  /** Instead of flags: they are not known. The access mode below it is a guess. */
  public static final long FLAGS_UNKNOWN = 1L << 40;

  /** Instead of a position: the log does not tell it. */
  public static final long POSITION_UNKNOWN = -1;

  /** Whether the flags were seen. */
  public boolean flagsKnown() {
    return (flags & FLAGS_UNKNOWN) == 0;
  }

  /** Whether read(2) may work: FMODE_READ. */
  public boolean readable() {
    return !flagsKnown() || (flags & 3) != 1 && !pathOnly();
  }

  /** Whether write(2) may work: FMODE_WRITE. */
  public boolean writable() {
    return !flagsKnown() || (flags & 3) != 0 && !pathOnly();
  }

  /** O_PATH: FMODE_PATH. */
  public boolean pathOnly() {
    return (flags & 010000000) != 0;
  }

  public OpenFileDescription withPosition(long offset) {
    return new OpenFileDescription(
        key, kind, place, inode, flags, offset, object, name, ownsMount, openedBy, createdAt,
        inferred);
  }

  public OpenFileDescription withPlace(Place newPlace, long newInode) {
    return new OpenFileDescription(
        key, kind, newPlace, newInode, flags, position, object, name, ownsMount, openedBy,
        createdAt, inferred);
  }

  public OpenFileDescription withObject(FileKind newKind, long newObject, long newInode) {
    return new OpenFileDescription(
        key, newKind, place, newInode, flags, position, newObject, name, ownsMount, openedBy,
        createdAt, inferred);
  }

  public OpenFileDescription withFlags(long newFlags) {
    return new OpenFileDescription(
        key, kind, place, inode, newFlags, position, object, name, ownsMount, openedBy, createdAt,
        inferred);
  }

  public OpenFileDescription withOwnsMount(long namespace) {
    return new OpenFileDescription(
        key, kind, place, inode, flags, position, object, name, namespace, openedBy, createdAt,
        inferred);
  }
}
