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
