package io.kledger.engine.syscall;

import io.kledger.engine.mount.MountFlags;
import io.kledger.kernel.mount.Mount;

/** MOUNT_ATTR_* of include/uapi/linux/mount.h, and their flags of a mount. */
final class MountAttrFlags {
  static final long RDONLY = 0x1;
  static final long NOSUID = 0x2;
  static final long NODEV = 0x4;
  static final long NOEXEC = 0x8;
  static final long ATIME = 0x70;
  static final long RELATIME = 0;
  static final long NOATIME = 0x10;
  static final long STRICTATIME = 0x20;
  static final long NODIRATIME = 0x80;
  static final long IDMAP = 0x100000;
  static final long NOSYMFOLLOW = 0x200000;

  /** Proposed. */
  static final long PROPAGATE_RDONLY = 0x400000;

  /** FSMOUNT_VALID_FLAGS. */
  static final long OF_FSMOUNT =
      RDONLY | NOSUID | NODEV | NOEXEC | ATIME | NODIRATIME | NOSYMFOLLOW;

  /** MOUNT_SETATTR_VALID_FLAGS. */
  static final long OF_SETATTR = OF_FSMOUNT | IDMAP;

  private MountAttrFlags() {}

  /** attr_flags_to_mnt_flags(): all but the access time mode. */
  static long mountFlags(long attributes) {
    long flags = 0;
    flags |= (attributes & RDONLY) != 0 ? MountFlags.RDONLY : 0;
    flags |= (attributes & NOSUID) != 0 ? MountFlags.NOSUID : 0;
    flags |= (attributes & NODEV) != 0 ? MountFlags.NODEV : 0;
    flags |= (attributes & NOEXEC) != 0 ? MountFlags.NOEXEC : 0;
    flags |= (attributes & NODIRATIME) != 0 ? MountFlags.NODIRATIME : 0;
    flags |= (attributes & NOSYMFOLLOW) != 0 ? MountFlags.NOSYMFOLLOW : 0;
    flags |= (attributes & PROPAGATE_RDONLY) != 0 ? Mount.PROPAGATE_RDONLY : 0;
    return flags;
  }

  /** The flags of an access time mode; -1 for a value that is none. */
  static long atimeFlags(long attributes) {
    long mode = attributes & ATIME;
    if (mode == RELATIME) {
      return MountFlags.RELATIME;
    }
    if (mode == NOATIME) {
      return MountFlags.NOATIME;
    }
    return mode == STRICTATIME ? 0 : -1;
  }
}
