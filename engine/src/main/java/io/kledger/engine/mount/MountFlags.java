package io.kledger.engine.mount;

import io.kledger.kernel.mount.Mount;

/** Flags of mounts and superblocks, as mount(2) numbers them (include/uapi/linux/mount.h). */
public final class MountFlags {
  public static final long RDONLY = 1;
  public static final long NOSUID = 2;
  public static final long NODEV = 4;
  public static final long NOEXEC = 8;
  public static final long SYNCHRONOUS = 16;
  public static final long REMOUNT = 32;
  public static final long MANDLOCK = 64;
  public static final long DIRSYNC = 128;
  public static final long NOSYMFOLLOW = 256;
  public static final long NOATIME = 1024;
  public static final long NODIRATIME = 2048;
  public static final long BIND = 4096;
  public static final long MOVE = 8192;
  public static final long REC = 16384;
  public static final long SILENT = 32768;
  public static final long POSIXACL = 1 << 16;
  public static final long UNBINDABLE = 1 << 17;
  public static final long PRIVATE = 1 << 18;
  public static final long SLAVE = 1 << 19;
  public static final long SHARED = 1 << 20;
  public static final long RELATIME = 1 << 21;
  public static final long I_VERSION = 1 << 23;
  public static final long STRICTATIME = 1 << 24;
  public static final long LAZYTIME = 1 << 25;
  public static final long NOUSER = 1L << 31;

  /** The bits that belong to one mount. */
  public static final long OF_MOUNT =
      RDONLY | NOSUID | NODEV | NOEXEC | NOATIME | NODIRATIME | RELATIME | NOSYMFOLLOW;

  /** The bits that belong to the superblock. */
  public static final long OF_SUPERBLOCK =
      RDONLY | SYNCHRONOUS | MANDLOCK | DIRSYNC | SILENT | POSIXACL | LAZYTIME | I_VERSION;

  /** Among locked flags: the access time mode cannot change (MNT_LOCK_ATIME). */
  public static final long LOCK_ATIME = RELATIME;

  public static final long PROPAGATION = SHARED | PRIVATE | SLAVE | UNBINDABLE;
  static final long ATIME = NOATIME | NODIRATIME | RELATIME;

  private MountFlags() {}

  /** path_mount(): the flags of the mount that a flag word of mount(2) asks for. */
  public static long requested(long word) {
    long flags = word & (OF_MOUNT & ~RELATIME);
    if ((word & NOATIME) == 0) {
      flags |= RELATIME;
    }
    if ((word & STRICTATIME) != 0) {
      flags &= ~(RELATIME | NOATIME);
    }
    return flags;
  }

  /** The same for a remount, which keeps the access time mode if the word names none. */
  public static long remounted(long word, long now) {
    long flags = requested(word) | now & Mount.PROPAGATE_RDONLY;
    if ((word & (NOATIME | NODIRATIME | RELATIME | STRICTATIME)) == 0) {
      flags = flags & ~ATIME | now & ATIME;
    }
    return flags;
  }

  /** can_change_locked_flags(); of a frozen mount nothing may change. */
  static boolean allowed(long locked, long now, long wanted) {
    if ((locked & Mount.FROZEN) != 0 && now != wanted) {
      return false;
    }
    if ((locked & Mount.PINNED_RDONLY) != 0 && (wanted & RDONLY) == 0) {
      return false;
    }
    for (long bit : new long[] {RDONLY, NODEV, NOSUID, NOEXEC}) {
      if ((locked & bit) != 0 && (wanted & bit) == 0) {
        return false;
      }
    }
    return (locked & LOCK_ATIME) == 0 || (now & ATIME) == (wanted & ATIME);
  }
}
