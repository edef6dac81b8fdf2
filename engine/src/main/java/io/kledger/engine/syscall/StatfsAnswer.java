package io.kledger.engine.syscall;

import io.kledger.engine.CallContext;
import io.kledger.engine.block.BtrfsSpace;
import io.kledger.event.Bytes;
import io.kledger.event.avro.Raw;
import io.kledger.kernel.block.DiskImage;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.mount.Superblock;

/** struct statfs, of which the ledger knows the type of the filesystem. */
final class StatfsAnswer {
  private static final long BLOCK = 4096;

  private StatfsAnswer() {}

  /** Null if a kernel ran, or the filesystem is not known. */
  static Raw of(CallContext context, Inode inode) {
    Superblock superblock =
        inode == null ? null : context.state().superblocks.get(inode.superblock());
    String name = superblock == null ? null : magic(superblock.type().latin1());
    if (name == null || !context.simulated()) {
      return null;
    }
    DiskImage image = BtrfsSpace.of(context.state(), inode);
    return image == null ? named(name) : space(name, image);
  }

  /** btrfs_statfs(): of the budget. */
  private static Raw space(String magic, DiskImage image) {
    long free = Math.max(0, image.size() - image.overhead() - image.used());
    String text =
        "{f_type=%s, f_bsize=%d, f_blocks=%d, f_bfree=%d, f_bavail=%d}"
            .formatted(
                magic,
                BLOCK,
                image.size() / BLOCK,
                (image.size() - image.used()) / BLOCK,
                free / BLOCK);
    return new Raw(Bytes.of(text).toBuffer());
  }

  static Raw named(String magic) {
    return new Raw(Bytes.of("{f_type=" + magic + "}").toBuffer());
  }

  /** Names of include/uapi/linux/magic.h, as strace prints them. */
  static String magic(String type) {
    return switch (type) {
      case "ext2", "ext3", "ext4" -> "EXT2_SUPER_MAGIC";
      case "tmpfs", "devtmpfs" -> "TMPFS_MAGIC";
      case "proc" -> "PROC_SUPER_MAGIC";
      case "sysfs" -> "SYSFS_MAGIC";
      case "cgroup2" -> "CGROUP2_SUPER_MAGIC";
      case "overlay" -> "OVERLAYFS_SUPER_MAGIC";
      case "pidfs" -> "PID_FS_MAGIC";
      case "anon_inodefs" -> "ANON_INODE_FS_MAGIC";
      case "btrfs" -> "BTRFS_SUPER_MAGIC";
      case "xfs" -> "XFS_SUPER_MAGIC";
      case "mqueue" -> "MQUEUE_MAGIC";
      case "devpts" -> "DEVPTS_SUPER_MAGIC";
      case "ramfs" -> "RAMFS_MAGIC";
      case "securityfs" -> "SECURITYFS_MAGIC";
      case "debugfs" -> "DEBUGFS_MAGIC";
      case "tracefs" -> "TRACEFS_MAGIC";
      case "bpf" -> "BPF_FS_MAGIC";
      case "binfmt_misc" -> "BINFMTFS_MAGIC";
      case "blobfs" -> "BLOBFS_MAGIC";
      default -> null;
    };
  }
}
