package io.kledger.kernel.file;

import io.kledger.event.Bytes;
import io.kledger.store.Row;

/**
 * A file of a superblock, whatever its names.
 *
 * @param number st_ino, 0 if not known
 * @param mode S_IFMT and permission bits; 0 if not known at all (see {@link #typeKnown})
 * @param nlink number of names, -1 if not known
 * @param target of a symbolic link
 * @param complete of a directory: true if every name in it is in the ledger, so that a name that is
 *     not there does not exist
 * @param inferred true if its creation was not in the log
 * @param linkable I_LINKABLE: made by O_TMPFILE without O_EXCL, and never had a name
 */
public record Inode(
    long key,
    long superblock,
    long number,
    int mode,
    int uid,
    int gid,
    int nlink,
    long size,
    int rdevMajor,
    int rdevMinor,
    Bytes target,
    boolean complete,
    boolean inferred,
    boolean linkable)
    implements Row {
  public static final int S_IFMT = 0170000;
  public static final int S_IFDIR = 0040000;
  public static final int S_IFREG = 0100000;
  public static final int S_IFLNK = 0120000;

  public static final int S_IFBLK = 0060000;
  public static final int S_IFCHR = 0020000;
  public static final int S_IFIFO = 0010000;
  public static final int S_IFSOCK = 0140000;

  /** One that has, or had, a name. */
  public Inode(
      long key,
      long superblock,
      long number,
      int mode,
      int uid,
      int gid,
      int nlink,
      long size,
      int rdevMajor,
      int rdevMinor,
      Bytes target,
      boolean complete,
      boolean inferred) {
    this(
        key,
        superblock,
        number,
        mode,
        uid,
        gid,
        nlink,
        size,
        rdevMajor,
        rdevMinor,
        target,
        complete,
        inferred,
        false);
  }

  public Inode withLinkable(boolean may) {
    return new Inode(
        key,
        superblock,
        number,
        mode,
        uid,
        gid,
        nlink,
        size,
        rdevMajor,
        rdevMinor,
        target,
        complete,
        inferred,
        may);
  }

  public boolean typeKnown() {
    return (mode & S_IFMT) != 0;
  }

  public boolean directory() {
    return (mode & S_IFMT) == S_IFDIR;
  }

  public boolean symlink() {
    return (mode & S_IFMT) == S_IFLNK;
  }

  public boolean regular() {
    return (mode & S_IFMT) == S_IFREG;
  }

  public Inode withNlink(int links) {
    return new Inode(
        key,
        superblock,
        number,
        mode,
        uid,
        gid,
        links,
        size,
        rdevMajor,
        rdevMinor,
        target,
        complete,
        inferred,
        linkable);
  }

  public Inode withMode(int newMode) {
    return new Inode(
        key,
        superblock,
        number,
        newMode,
        uid,
        gid,
        nlink,
        size,
        rdevMajor,
        rdevMinor,
        target,
        complete,
        inferred,
        linkable);
  }

  /** A device node that stands for this device. */
  public Inode withDevice(int major, int minor) {
    return new Inode(
        key,
        superblock,
        number,
        mode,
        uid,
        gid,
        nlink,
        size,
        major,
        minor,
        target,
        complete,
        inferred,
        linkable);
  }

  public Inode withOwner(int newUid, int newGid) {
    return new Inode(
        key,
        superblock,
        number,
        mode,
        newUid,
        newGid,
        nlink,
        size,
        rdevMajor,
        rdevMinor,
        target,
        complete,
        inferred,
        linkable);
  }

  public Inode withSize(long bytes) {
    return new Inode(
        key,
        superblock,
        number,
        mode,
        uid,
        gid,
        nlink,
        bytes,
        rdevMajor,
        rdevMinor,
        target,
        complete,
        inferred,
        linkable);
  }

  public Inode withNumber(long newNumber) {
    return new Inode(
        key,
        superblock,
        newNumber,
        mode,
        uid,
        gid,
        nlink,
        size,
        rdevMajor,
        rdevMinor,
        target,
        complete,
        inferred,
        linkable);
  }

  public Inode withTarget(Bytes newTarget) {
    return new Inode(
        key,
        superblock,
        number,
        mode,
        uid,
        gid,
        nlink,
        size,
        rdevMajor,
        rdevMinor,
        newTarget,
        complete,
        inferred,
        linkable);
  }
}
