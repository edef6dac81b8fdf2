package io.kledger.engine.file;

import io.kledger.abi.DeviceNumber;
import io.kledger.engine.CallContext;
import io.kledger.event.avro.FileStatus;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.ns.Namespace;

/**
 * What stat(2) tells of an inode: the ledger learns from it what it lacks, and answers it itself.
 */
public final class StatusNews {
  private static final long UNKNOWN_WORD = -1;

  /** Minor of the anonymous device of nsfs, which the kernel mounts at boot. */
  private static final int NSFS_MINOR = 4;

  private StatusNews() {}

  /**
   * Takes over what a trace shows. Writes nothing if it is known already.
   *
   * @param dentry key of the name it was asked by, 0 if none: a number that another inode of the
   *     filesystem has makes the name a hard link to that one
   */
  public static void learn(CallContext context, Inode inode, long dentry, FileStatus status) {
    if (inode == null || status == null || !context.succeeded()) {
      return;
    }
    Inode now = inode;
    long number = orUnknown(status.getIno());
    if (number > 0 && number != inode.number() && sameFilesystem(context, inode, dentry, status)) {
      now = numbered(context, inode, dentry, number, orUnknown(status.getMode()));
    }
    long mode = orUnknown(status.getMode());
    int uid = status.getUid() == null ? now.uid() : status.getUid().intValue();
    int gid = status.getGid() == null ? now.gid() : status.getGid().intValue();
    long links = orUnknown(status.getNlink());
    long size = orUnknown(status.getSize());
    long rdev = orUnknown(status.getRdev());
    Inode told =
        new Inode(
            now.key(),
            now.superblock(),
            now.number(),
            mode < 0 ? now.mode() : (int) mode,
            uid,
            gid,
            links < 0 ? now.nlink() : (int) links,
            size < 0 || Pipes.isPipe(now) ? now.size() : size,
            rdev < 0 ? now.rdevMajor() : DeviceNumber.major(rdev),
            rdev < 0 ? now.rdevMinor() : DeviceNumber.minor(rdev),
            now.target(),
            now.complete(),
            now.inferred(),
            now.linkable());
    if (!told.equals(now)) {
      context.put(Tables.INODES, told);
    }
  }

  /**
   * Whether a number counts among those of the inode's superblock. Below the root of which a trace
   * without a start state shows nothing lie filesystems that it does not show either: there only
   * the device tells them apart.
   */
  private static boolean sameFilesystem(
      CallContext context, Inode inode, long dentry, FileStatus status) {
    Superblock superblock = context.state().superblocks.get(inode.superblock());
    if (superblock == null || !superblock.guessed()) {
      return true;
    }
    Long device = status.getDev();
    if (device == null) {
      return false;
    }
    int major = DeviceNumber.major(device);
    int minor = DeviceNumber.minor(device);
    if (superblock.root() == dentry && superblock.major() == 0 && superblock.minor() == 0) {
      context.put(Tables.SUPERBLOCKS, superblock.withDevice(major, minor));
      return true;
    }
    return superblock.major() == major && superblock.minor() == minor;
  }

  private static long orUnknown(Long value) {
    return value == null ? UNKNOWN_WORD : value;
  }

  /** The inode gets its number, or turns out to be one that is known. */
  private static Inode numbered(
      CallContext context, Inode inode, long dentry, long number, long mode) {
    KernelState state = context.state();
    if (inode.number() == number) {
      return inode;
    }
    Dcache.numberSeen(context, inode.superblock(), number);
    Inode same = withNumber(state, inode.superblock(), number);
    boolean other =
        same != null && same.typeKnown() && mode > 0 && ((same.mode() ^ mode) & Inode.S_IFMT) != 0;
    if (same != null && (inode.number() != 0 || other)) {
      // The number of the other one was a guess.
      context.put(Tables.INODES, same.withNumber(0));
    }
    if (inode.number() != 0 || same == null || other) {
      return inode.withNumber(number);
    }
    Dentry name = state.dentries.get(dentry);
    if (name == null) {
      return inode;
    }
    context.put(
        Tables.DENTRIES,
        new Dentry(
            name.key(), name.superblock(), name.parent(), name.name(), same.key(), name.deleted()));
    return same;
  }

  private static Inode withNumber(KernelState state, long superblock, long number) {
    for (long key : state.inodesByNumber.keys(KernelState.pair(superblock, number))) {
      Inode inode = state.inodes.get(key);
      if (inode.superblock() == superblock && inode.number() == number) {
        return inode;
      }
    }
    return null;
  }

  /** What fstat(2) answers of a namespace: fs/nsfs.c. */
  public static FileStatus of(Namespace namespace) {
    return FileStatus.newBuilder()
        .setDev(DeviceNumber.of(0, NSFS_MINOR))
        .setIno(namespace.inode())
        .setMode((long) (Inode.S_IFREG | 0444))
        .setNlink(1L)
        .setUid(0L)
        .setGid(0L)
        .setRdev(0L)
        .setSize(0L)
        .build();
  }

  /** What stat(2) answers. */
  public static FileStatus of(KernelState state, Inode inode) {
    Superblock sb = state.superblocks.get(inode.superblock());
    return FileStatus.newBuilder()
        .setDev(sb == null ? 0 : DeviceNumber.of(sb.major(), sb.minor()))
        .setIno(inode.number())
        .setMode((long) inode.mode())
        .setNlink((long) inode.nlink())
        .setUid(inode.uid() & 0xffffffffL)
        .setGid(inode.gid() & 0xffffffffL)
        .setRdev(DeviceNumber.of(inode.rdevMajor(), inode.rdevMinor()))
        .setSize(size(inode))
        .build();
  }

  /** st_size: that of a pipe is 0, whatever is in it. */
  private static long size(Inode inode) {
    return inode.symlink()
        ? inode.target().length()
        : Pipes.isPipe(inode) ? 0 : Math.max(0, inode.size());
  }
}
