package io.kledger.engine.syscall;

import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.file.StatusNews;
import io.kledger.engine.task.Pidfs;
import io.kledger.event.Bytes;
import io.kledger.event.avro.FileStatus;
import io.kledger.event.avro.Raw;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.task.PidTimes;

/** struct statx: cp_statx() of fs/stat.c, as strace prints it. */
final class StatxAnswer {
  private static final long MNT_ID_UNIQUE = 0x4000;
  private static final long SECOND = 1_000_000_000L;

  private StatxAnswer() {}

  /**
   * What is known of a file.
   *
   * @param inode with the owners that the caller sees
   * @param place where it was found
   * @param wanted STATX_* of the request, of which only the kind of mount id matters
   */
  static Raw of(CallContext context, Inode inode, Place place, long wanted) {
    Mount mount = context.state().mounts.get(place.mount());
    boolean unique = (wanted & MNT_ID_UNIQUE) != 0;
    boolean top = mount != null && mount.root() == place.dentry();
    FileStatus status = StatusNews.of(context.state(), inode);
    StringBuilder text = new StringBuilder();
    PidTimes times =
        Pidfs.holds(context.state(), inode) ? Pidfs.times(context.state(), inode) : null;
    boolean born = times != null && context.profile().has(KernelFeature.PIDFD_BTIME);
    text.append("{stx_mask=STATX_BASIC_STATS|")
        .append(born ? "STATX_BTIME|" : "")
        .append(unique ? "STATX_MNT_ID_UNIQUE" : "STATX_MNT_ID")
        .append(", stx_attributes=")
        .append(top ? "STATX_ATTR_MOUNT_ROOT" : "0")
        .append(", stx_nlink=")
        .append(status.getNlink())
        .append(", stx_uid=")
        .append(status.getUid())
        .append(", stx_gid=")
        .append(status.getGid())
        .append(", stx_mode=")
        .append(mode(inode.mode()))
        .append(", stx_ino=")
        .append(status.getIno())
        .append(", stx_size=")
        .append(status.getSize());
    if (mount != null) {
      text.append(", stx_mnt_id=")
          .append(unique ? "0x" + Long.toHexString(mount.uniqueId()) : mount.id());
    }
    if (times != null) {
      time(text, "stx_btime", born ? times.born() : 0);
      time(text, "stx_ctime", times.inode());
      time(text, "stx_mtime", times.inode());
      time(text, "stx_atime", times.inode());
    }
    return new Raw(Bytes.of(text.append('}').toString()).toBuffer());
  }

  private static void time(StringBuilder text, String name, long nanos) {
    text.append(", ")
        .append(name)
        .append("={tv_sec=")
        .append(Math.floorDiv(nanos, SECOND))
        .append(", tv_nsec=")
        .append(Math.floorMod(nanos, SECOND))
        .append('}');
  }

  /** {@code S_IFREG|0644}; a file without a type has only the bits. */
  private static String mode(int mode) {
    String type =
        switch (mode & Inode.S_IFMT) {
          case Inode.S_IFREG -> "S_IFREG|";
          case Inode.S_IFDIR -> "S_IFDIR|";
          case Inode.S_IFLNK -> "S_IFLNK|";
          case Inode.S_IFCHR -> "S_IFCHR|";
          case Inode.S_IFBLK -> "S_IFBLK|";
          case Inode.S_IFIFO -> "S_IFIFO|";
          case Inode.S_IFSOCK -> "S_IFSOCK|";
          default -> "";
        };
    return type + "0" + Integer.toOctalString(mode & 07777);
  }
}
