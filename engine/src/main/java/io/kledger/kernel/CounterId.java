package io.kledger.kernel;

/**
 * Generators of keys and of ids that the kernel allocates. The number is stored: never change one.
 */
public enum CounterId {
  /** Keys of rows, for all tables together. */
  KEY(1),
  /** Order of siblings: mounts under a parent, children of a process, slaves, locks. */
  ORDER(2),
  /** Descending counterpart of ORDER, for insertion at the front of a list. */
  FRONT_ORDER(3),
  /** 64-bit unique mount ids. */
  MOUNT_UNIQUE_ID(4),
  /** 64-bit namespace ids. */
  NAMESPACE_ID(5),
  /** Inode numbers of namespaces. */
  NAMESPACE_INODE(6),
  /** Inode numbers of pipes, sockets and anonymous inodes. */
  ANON_INODE(7),
  CGROUP_ID(8),
  PID_INODE(9),
  DISKSEQ(10),
  COOKIE(11),
  /** Every mount id up to this one is in use. */
  MOUNT_ID_FLOOR(12),
  /** Key of the inode that eventfds, epoll and inotify instances and their kin share. */
  SHARED_INODE(13);

  private final int key;

  CounterId(int key) {
    this.key = key;
  }

  public int key() {
    return key;
  }
}
