package io.kledger.ingest.strace;

import io.kledger.event.Bytes;

/**
 * What strace's -y and -yy say of the object behind a file descriptor, between the angle brackets.
 */
public sealed interface FdAnnotation {
  /** A file by its path. */
  record Path(Bytes path, boolean deleted) implements FdAnnotation {}

  /**
   * A device node that is open.
   *
   * @param peer the slave of a pseudo terminal's master, empty if there is none
   */
  record Device(Bytes path, boolean block, int major, int minor, Bytes peer, boolean deleted)
      implements FdAnnotation {}

  /** An unnamed pipe. */
  record Pipe(long inode) implements FdAnnotation {}

  /** A memory file, memfd_create(2). */
  record Memfd(Bytes name) implements FdAnnotation {}

  /**
   * A socket of the unix family.
   *
   * @param type {@code UNIX-STREAM}, {@code UNIX-DGRAM}, {@code UNIX-SEQPACKET} or {@code UNIX}
   * @param peer inode of the connected socket, 0 if there is none
   * @param name its address without the {@code @} of an abstract one; null if it has none
   */
  record UnixSocket(String type, long inode, long peer, Bytes name, boolean abstractName)
      implements FdAnnotation {}

  /**
   * Any other socket.
   *
   * @param type {@code TCP}, {@code UDPv6}, {@code NETLINK} ..., {@code socket} if -y says no more
   * @param inode 0 if addresses are shown instead
   * @param local its own address, empty if not shown
   * @param peer the address it is connected to, empty if not shown
   */
  record Socket(String type, long inode, Bytes local, Bytes peer) implements FdAnnotation {}

  /** A process or thread, pidfd_open(2). */
  record Pidfd(int pid) implements FdAnnotation {}

  /** A namespace: {@code mnt}, {@code pid} ... */
  record Namespace(String kind, long inode) implements FdAnnotation {}

  /**
   * An object without a name in any filesystem.
   *
   * @param kind {@code eventpoll}, {@code eventfd}, {@code signalfd}, {@code inotify}, {@code
   *     fscontext} ...
   * @param detail what -yy says of it, empty if nothing
   */
  record Anonymous(String kind, Bytes detail) implements FdAnnotation {}

  /** What none of these is. */
  record Other(Bytes text) implements FdAnnotation {}

  /** Reads an annotation as {@code Fd.target} and {@code Outcome.target} keep it. */
  static FdAnnotation parse(Bytes target) {
    return new FdAnnotationParser(target.toArray()).parse();
  }

  /** Reads an annotation as {@code Fd.target} and {@code Outcome.target} keep it. */
  static FdAnnotation parse(java.nio.ByteBuffer target) {
    return parse(Bytes.of(target));
  }
}
