package io.kledger.engine.mount;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.Result;
import io.kledger.engine.block.BlockDevices;
import io.kledger.engine.block.BlockHandles;
import io.kledger.engine.device.DeviceCgroup;
import io.kledger.engine.file.PathWalk;
import io.kledger.event.Bytes;
import io.kledger.event.avro.Fd;
import io.kledger.event.avro.Text;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.block.BlockDevice;
import io.kledger.kernel.block.BlockHandle;
import io.kledger.kernel.block.FsDevice;
import io.kledger.kernel.block.LoopBinding;
import io.kledger.kernel.change.BlockChange;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.mount.FsContext;

/** Proposed: a filesystem context that is given its device itself, or opens it when named. */
public final class ContextDevice {
  private static final long BY_FD = 1;
  private static final long BY_PATH = 2;
  private static final long BY_NUMBER = 4;
  private static final long DISKSEQ = 8;
  private static final int SIZE = 40;
  private static final int PAGE = 4096;

  private ContextDevice() {}

  /**
   * struct fsconfig_bdev.
   *
   * @param path null if not given
   * @param dirfd what the path is relative to
   */
  public record Selector(
      long size, long flags, int fd, int major, int minor, long diskseq, Text path, Fd dirfd) {}

  /** What a context knows of its device; null if nothing. */
  static FsDevice of(KernelState state, FsContext fc) {
    return state.fsDevices.get(fc.key());
  }

  /** FSCONFIG_SET_BDEV. */
  public static Result select(CallContext context, FsContext fc, Bytes key, Selector asked) {
    boolean known = key.latin1().equals("source") || key.latin1().equals("journal_dev");
    if (!known && context.refuse("F35.2 key")) {
      return context.fail(Errno.EINVAL, "F35.2 key");
    }
    if (fc.phase() != FsContext.Phase.CREATE_PARAMS && context.refuse("F35.2 phase")) {
      return context.fail(Errno.EBUSY, "F35.2 phase");
    }
    if (asked.size() > PAGE && context.refuse("F35.2 size")) {
      return context.fail(Errno.E2BIG, "F35.2 size");
    }
    long by = asked.flags() & (BY_FD | BY_PATH | BY_NUMBER);
    boolean source = key.latin1().equals("source");
    boolean wrong =
        asked.size() < SIZE
            || by == 0
            || (asked.flags() & ~(BY_FD | BY_PATH | BY_NUMBER | DISKSEQ)) != 0
            || source && fc.source() != null;
    if (wrong && context.refuse("F35.2 selector")) {
      return context.fail(Errno.EINVAL, "F35.2 selector");
    }
    Chosen chosen = choose(context, asked);
    if (chosen.refused() != null) {
      return chosen.refused();
    }
    BlockDevice device = chosen.device();
    boolean stale = (asked.flags() & DISKSEQ) != 0 && asked.diskseq() != device.diskseq();
    if (stale && context.refuse("F35.2 diskseq")) {
      return context.fail(Errno.ESTALE, "F35.2 diskseq");
    }
    if (!source) {
      return Result.ZERO;
    }
    FsDevice before = of(context.state(), fc);
    boolean early = before != null && before.early();
    long seq = (asked.flags() & DISKSEQ) != 0 ? device.diskseq() : 0;
    if (early) {
      Result busy = openEarly(context, fc, device, seq != 0);
      if (busy != null) {
        return busy;
      }
    }
    context.put(Tables.FS_DEVICES, new FsDevice(fc.key(), early, device.key(), seq));
    context.put(Tables.FS_CONTEXTS, fc.withSource(device.path()));
    return Result.ZERO;
  }

  private record Chosen(BlockDevice device, Result refused) {}

  /** All selectors that are given must agree. */
  private static Chosen choose(CallContext context, Selector asked) {
    BlockDevice device = null;
    if ((asked.flags() & BY_FD) != 0) {
      Chosen found = byDescriptor(context, asked.fd());
      if (found.refused() != null) {
        return found;
      }
      device = found.device();
    }
    if ((asked.flags() & BY_PATH) != 0) {
      Chosen found = byPath(context, asked.dirfd(), asked.path());
      if (found.refused() != null) {
        return found;
      }
      if (device != null && device.key() != found.device().key()) {
        return new Chosen(null, context.fail(Errno.ENODEV, "F35.2 selectors differ"));
      }
      device = found.device();
    }
    if ((asked.flags() & BY_NUMBER) != 0) {
      BlockDevice found = BlockDevices.of(context.state(), asked.major(), asked.minor());
      if (found == null) {
        return new Chosen(null, context.fail(Errno.ENXIO, "F35.2 no such device"));
      }
      if (device != null && device.key() != found.key()) {
        return new Chosen(null, context.fail(Errno.ENODEV, "F35.2 selectors differ"));
      }
      device = found;
    }
    return new Chosen(device, null);
  }

  private static Chosen byDescriptor(CallContext context, int fd) {
    KernelState state = context.state();
    var slot = state.fd(context.task().files(), fd);
    OpenFileDescription file = slot == null ? null : state.descriptions.get(slot.description());
    if (file == null) {
      return new Chosen(null, context.fail(Errno.EBADF, "F35.2 fd not open"));
    }
    return ofInode(context, state.inodes.get(file.inode()));
  }

  private static Chosen byPath(CallContext context, Fd dirfd, Text path) {
    PathWalk.Walk walk = PathWalk.walk(context, dirfd, path, PathWalk.FOLLOW, Inode.S_IFBLK, 0);
    return switch (walk) {
      case PathWalk.Missing missing ->
          new Chosen(null, context.fail(Errno.ENOENT, "F35.2 no such path"));
      case PathWalk.Refused refused ->
          new Chosen(null, context.fail(refused.errno(), refused.rule()));
      case PathWalk.Unknown unknown -> new Chosen(null, new Result.Unknown(unknown.reason()));
      case PathWalk.Found found -> {
        Dentry dentry = context.state().dentries.get(found.place().dentry());
        yield ofInode(context, dentry == null ? null : context.state().inodes.get(dentry.inode()));
      }
    };
  }

  private static Chosen ofInode(CallContext context, Inode inode) {
    boolean block = inode != null && (inode.mode() & Inode.S_IFMT) == Inode.S_IFBLK;
    if (!block) {
      return new Chosen(null, context.fail(Errno.ENOTBLK, "F35.2 not a block device"));
    }
    BlockDevice device = BlockDevices.of(context.state(), inode);
    return device == null
        ? new Chosen(null, context.fail(Errno.ENXIO, "F35.2 no such device"))
        : new Chosen(device, null);
  }

  /** The flag {@code early_open}; null if the parameter is another. */
  static Result earlyOpen(CallContext context, FsContext fc, Bytes key, Bytes value) {
    if (value != null
        || !key.latin1().equals("early_open")
        || !context.profile().has(KernelFeature.BDEV_REOPEN)) {
      return null;
    }
    FilesystemType type = FilesystemType.of(fc.type());
    if (type == null || !type.onDevice() || fc.phase() != FsContext.Phase.CREATE_PARAMS) {
      return null;
    }
    FsDevice before = of(context.state(), fc);
    FsDevice early =
        new FsDevice(
            fc.key(),
            true,
            before == null ? 0 : before.device(),
            before == null ? 0 : before.diskseq());
    if (fc.source() != null) {
      Result refused = source(context, fc, early, fc.source());
      if (refused != null) {
        return refused;
      }
      return Result.ZERO;
    }
    context.put(Tables.FS_DEVICES, early);
    return Result.ZERO;
  }

  /** The source is named; null if nothing is opened yet, or all went well. */
  static Result source(CallContext context, FsContext fc, Bytes source) {
    FsDevice known = of(context.state(), fc);
    return known == null || !known.early() ? null : source(context, fc, known, source);
  }

  private static Result source(CallContext context, FsContext fc, FsDevice known, Bytes source) {
    Text path = Text.newBuilder().setValue(source.toBuffer()).build();
    Chosen chosen = byPath(context, null, path);
    if (chosen.refused() != null) {
      return chosen.refused();
    }
    Result refused = openEarly(context, fc, chosen.device(), known.diskseq() != 0);
    if (refused == null) {
      context.put(
          Tables.FS_DEVICES, new FsDevice(fc.key(), true, chosen.device().key(), known.diskseq()));
    }
    return refused;
  }

  private static Result openEarly(
      CallContext context, FsContext fc, BlockDevice device, boolean pinned) {
    KernelState state = context.state();
    LoopBinding binding = state.loopBindings.get(device.key());
    if (binding != null && binding.rundown()) {
      return context.fail(Errno.ENXIO, "F36.1 device goes");
    }
    boolean may = DeviceCgroup.allows(context, Inode.S_IFBLK, device.major(), device.minor(), "r");
    if (!may) {
      return context.fail(Errno.EPERM, "F36.1 device cgroup");
    }
    if (BlockHandles.claimant(state, device, fc.key()) != null) {
      return context.fail(Errno.EBUSY, "F36.1 claimed");
    }
    BlockHandle handle =
        BlockHandles.open(context, fc.key(), device, BlockHandle.Holder.FS_CONTEXT, true, false);
    if (pinned) {
      context.put(Tables.BLOCK_HANDLES, handle.pin());
    }
    BlockDevices.tell(context, BlockChange.What.CLAIM, device);
    return null;
  }

  /** The superblock has the device now. */
  static void handedOver(CallContext context, FsContext fc) {
    if (context.state().fsDevices.get(fc.key()) != null) {
      context.remove(Tables.FS_DEVICES, fc.key());
    }
    BlockHandles.release(context, fc.key());
  }
}
