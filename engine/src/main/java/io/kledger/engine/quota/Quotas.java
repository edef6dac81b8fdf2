package io.kledger.engine.quota;

import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.block.BlockDevices;
import io.kledger.engine.ns.Capability;
import io.kledger.engine.ns.IdMap;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.block.BlockDevice;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.quota.QuotaLimits;
import io.kledger.kernel.quota.QuotaTypes;

/** Usage and enforcement: dquot_alloc_space(). */
public final class Quotas {
  public static final int USER = 0;
  public static final int GROUP = 1;

  /** PRJQUOTA. */
  public static final int PROJECT = 2;

  /** What filesystems allocate at once, in bytes. */
  private static final long BLOCK = 4096;

  /** QIF_DQBLKSIZE: the unit of limits, in bytes. */
  private static final long UNIT = 1024;

  private static final int MOST_TYPES = 3;

  private Quotas() {}

  /** The quotas of a mounted filesystem; null if it has none. */
  public static QuotaTypes of(KernelState state, Superblock superblock) {
    if (state.quotaTypes.size() == 0 || superblock == null) {
      return null;
    }
    BlockDevice device = BlockDevices.of(state, superblock.major(), superblock.minor());
    return device == null ? null : state.quotaTypes.get(device.key());
  }

  /** The limits of an id; all zero if none were set. */
  public static QuotaLimits limits(KernelState state, long device, int type, int id) {
    for (long key : state.quotaByDevice.keys(device)) {
      QuotaLimits row = state.quotaLimits.require(key);
      if (row.type() == type && row.id() == id) {
        return row;
      }
    }
    return new QuotaLimits(0, device, type, id, 0, 0, 0, 0);
  }

  /** Bytes that an id has allocated: whole blocks of its files. */
  public static long space(KernelState state, Superblock superblock, int type, int kernelId) {
    long bytes = 0;
    for (long key : state.inodesBySuperblock.keys(superblock.key())) {
      Inode inode = state.inodes.require(key);
      bytes += owner(inode, type) == kernelId && inode.regular() ? blocks(inode.size()) : 0;
    }
    return bytes;
  }

  /** Inodes that belong to an id. */
  public static long inodes(KernelState state, Superblock superblock, int type, int kernelId) {
    long count = 0;
    for (long key : state.inodesBySuperblock.keys(superblock.key())) {
      Inode inode = state.inodes.require(key);
      count += owner(inode, type) == kernelId ? 1 : 0;
    }
    return count;
  }

  /** Whom an inode is charged to. All files are of project 0: nothing gives them another. */
  private static int owner(Inode inode, int type) {
    return type == USER ? inode.uid() : type == GROUP ? inode.gid() : 0;
  }

  /** The id as it is stored; projects have no namespaces. */
  private static int id(KernelState state, Superblock superblock, int type, int owner) {
    return type == PROJECT
        ? owner
        : IdMap.fromKernel(state, superblock.userNs(), owner, type == GROUP);
  }

  /**
   * dquot_alloc_inode(): whether one more inode of these owners fits. Tells of limits that are
   * crossed.
   */
  public static boolean inodeFits(CallContext context, Superblock superblock, int uid, int gid) {
    KernelState state = context.state();
    QuotaTypes types = of(state, superblock);
    if (types == null || types.on() == 0 || exempt(context, superblock)) {
      return true;
    }
    boolean fits = true;
    for (int type = 0; type < MOST_TYPES; type++) {
      if ((types.on() & 1 << type) != 0) {
        int owner = type == USER ? uid : type == GROUP ? gid : 0;
        int id = id(state, superblock, type, owner);
        QuotaLimits limits = limits(state, types.key(), type, id);
        long more = inodes(state, superblock, type, owner) + 1;
        if (limits.inodeHard() > 0 && more > limits.inodeHard()) {
          warn(context, type, id, "hard");
          fits = false;
        } else if (limits.inodeSoft() > 0 && more == limits.inodeSoft() + 1) {
          warn(context, type, id, "soft");
        }
      }
    }
    return fits;
  }

  private static long blocks(long size) {
    return (size + BLOCK - 1) / BLOCK * BLOCK;
  }

  /**
   * How many bytes of a write fit: the first block that would cross a hard limit ends it. Tells of
   * limits that are crossed.
   */
  public static long fitting(CallContext context, Inode inode, long from, long count) {
    KernelState state = context.state();
    Superblock superblock = state.superblocks.get(inode.superblock());
    QuotaTypes types = of(state, superblock);
    if (types == null || types.on() == 0 || exempt(context, superblock)) {
      return count;
    }
    long fits = count;
    for (int type = 0; type < MOST_TYPES; type++) {
      if ((types.on() & 1 << type) != 0) {
        fits = Math.min(fits, fitting(context, inode, superblock, types.key(), type, from, count));
      }
    }
    return fits;
  }

  private static long fitting(
      CallContext context,
      Inode inode,
      Superblock superblock,
      long device,
      int type,
      long from,
      long count) {
    KernelState state = context.state();
    int owner = owner(inode, type);
    int id = id(state, superblock, type, owner);
    QuotaLimits limits = limits(state, device, type, id);
    long used = space(state, superblock, type, owner);
    long more = blocks(Math.max(inode.size(), from + count)) - blocks(inode.size());
    if (limits.blockSoft() > 0 && more > 0 && used + more > limits.blockSoft() * UNIT) {
      warn(context, type, id, "soft");
    }
    if (limits.blockHard() == 0 || used + more <= limits.blockHard() * UNIT) {
      return count;
    }
    warn(context, type, id, "hard");
    long room = Math.max(0, limits.blockHard() * UNIT - used) / BLOCK * BLOCK;
    return Math.max(0, Math.min(count, blocks(inode.size()) + room - from));
  }

  private static boolean exempt(CallContext context, Superblock superblock) {
    KernelState state = context.state();
    return context.profile().has(KernelFeature.QUOTA_USERNS)
        ? Capability.over(
            state, context.task().credentials(), superblock.userNs(), Capability.SYS_RESOURCE)
        : Capability.initial(state, context.task().credentials(), Capability.SYS_RESOURCE);
  }

  private static void warn(CallContext context, int type, int id, String what) {
    context.notice(
        "quota.warn",
        "type",
        type == USER ? "usr" : type == GROUP ? "grp" : "prj",
        "id",
        Integer.toUnsignedString(id),
        "what",
        what);
  }
}
