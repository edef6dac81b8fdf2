package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.Result;
import io.kledger.engine.block.BlockDevices;
import io.kledger.engine.block.BlockHandles;
import io.kledger.engine.block.ObservedLoops;
import io.kledger.engine.device.DeviceCgroup;
import io.kledger.engine.ns.Capability;
import io.kledger.event.Bytes;
import io.kledger.event.avro.IoctlCall;
import io.kledger.event.avro.Raw;
import io.kledger.kernel.Tables;
import io.kledger.kernel.block.BlockDevice;
import io.kledger.kernel.block.BlockHandle;
import io.kledger.kernel.block.LoopBinding;
import io.kledger.kernel.change.BlockChange;
import io.kledger.kernel.change.FdChange;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import java.util.List;

/** Requests of block devices: block/ioctl.c; loop devices and control nodes have their own. */
final class BlockIoctls {
  private static final int LOOP = 0x4c;
  private static final int BLOCK = 0x12;
  private static final int DM = 0xfd;
  private static final int TERMINAL = 'T';
  private static final int CDROM = 0x53;
  private static final int FLAGS = 0x66;
  private static final int BTRFS = 0x94;

  /** Requests of type {@code T} from here on are the VFS's: FIONBIO and its kin. */
  private static final int FILE_REQUESTS = 0x20;

  /** Requests of block devices from here on are nobody's. */
  private static final int UNKNOWN_BLOCK = 0x90;

  private static final int MISC_MAJOR = 10;
  private static final int LOOP_CONTROL = 237;
  private static final int DM_CONTROL = 236;
  private static final long SECTOR = 512;
  private static final long PAGE = 4096;
  private static final long READ_AHEAD = 256;
  private static final long MOST_SECTORS = 2560;
  private static final long KEEP_SIZE = 1;
  private static final long PUNCH_HOLE = 2;
  private static final long ZERO_RANGE = 0x10;
  private static final long READ = 1;
  private static final long WRITE = 2;
  private static final long EXCLUSIVE = 8;

  private BlockIoctls() {}

  /** Null if the request is none of these, or the ledger does not know the device. */
  static Result ioctl(CallContext context, OpenFileDescription file, IoctlCall call) {
    int type = (int) (call.getRequest() >> 8 & 0xff);
    Inode inode = context.state().inodes.get(file.inode());
    if (inode == null || !inode.typeKnown()) {
      return null;
    }
    int kind = inode.mode() & Inode.S_IFMT;
    boolean misc = kind == Inode.S_IFCHR && inode.rdevMajor() == MISC_MAJOR;
    if (misc && inode.rdevMinor() == LOOP_CONTROL) {
      return context.simulated()
          ? LoopControl.ioctl(context, inode, call)
          : LoopControl.observed(context, call);
    }
    boolean ours = type == LOOP || type == BLOCK || type == DM;
    if (misc && inode.rdevMinor() == DM_CONTROL && context.simulated() && ours) {
      return type == DM ? DmIoctls.ioctl(context, call) : notty(context);
    }
    BlockDevice device = BlockDevices.of(context.state(), inode);
    if (device == null && !context.simulated() && ObservedLoops.isNode(inode)) {
      device = LoopControl.learned(context, inode, call);
    }
    if (device == null) {
      boolean other = ours && kind != Inode.S_IFBLK && !misc && context.simulated();
      return other ? notty(context) : null;
    }
    if (device.kind() == BlockDevice.Kind.LOOP) {
      return loop(context, file, device, call);
    }
    if (type == LOOP || type == DM) {
      return notty(context);
    }
    return type == BLOCK ? block(context, file, device, call) : null;
  }

  /** Loop devices call what they do not know an invalid argument: lo_simple_ioctl(). */
  private static Result loop(
      CallContext context, OpenFileDescription file, BlockDevice device, IoctlCall call) {
    int type = (int) (call.getRequest() >> 8 & 0xff);
    int number = (int) (call.getRequest() & 0xff);
    if (type == LOOP) {
      return LoopIoctls.ioctl(context, file, device, call);
    }
    Result common = type == BLOCK ? block(context, file, device, call) : null;
    boolean own =
        switch (type) {
          case BLOCK -> number >= UNKNOWN_BLOCK;
          case TERMINAL -> number < FILE_REQUESTS;
          case DM, CDROM, FLAGS, BTRFS -> true;
          default -> false;
        };
    return common == null && own && context.simulated()
        ? context.fail(Errno.EINVAL, "lo_simple_ioctl: unknown")
        : common;
  }

  static Result notty(CallContext context) {
    return context.refuse("ioctl: not of this device")
        ? context.fail(Errno.ENOTTY, "ioctl: not of this device")
        : Result.ZERO;
  }

  /** The call with a number that it gives back. */
  static Result answer(IoctlCall call, long value) {
    Raw out = new Raw(Bytes.of("[" + value + "]").toBuffer());
    return Result.value(0, IoctlCall.newBuilder(call).setArgument(out).build());
  }

  /** The number that an argument is, or holds. */
  static long number(IoctlCall call) {
    String text = RawStruct.text(call.getArgument());
    return RawStruct.number(text, Arguments.number(text, 0));
  }

  private static Result block(
      CallContext context, OpenFileDescription file, BlockDevice device, IoctlCall call) {
    return switch ((int) call.getRequest()) {
      case 0x125d -> readOnly(context, device, call);
      case 0x125e -> answer(call, device.refusesWrites() ? 1 : 0);
      case 0x1260 -> answer(call, device.size() / SECTOR);
      case 0x80081272 -> answer(call, device.size());
      case 0x80081280 -> {
        if (context.succeeded()) {
          ObservedLoops.diskseq(context, device, number(call));
        }
        yield answer(call, device.diskseq());
      }
      case 0x1268, 0x127b, 0x1278 -> answer(call, SECTOR);
      case 0x1263, 0x1265 -> answer(call, READ_AHEAD);
      case 0x1267 -> answer(call, MOST_SECTORS);
      case 0x1279, 0x127a, 0x127c, 0x127e -> answer(call, 0);
      case 0x80081270 -> answer(call, 4096);
      case 0x1261 -> privileged(context, device, Result.ZERO);
      case 0x125f -> privileged(context, device, rescan(context, device));
      case 0x1277, 0x127d, 0x127f -> discard(context, file, device, call);
      case 0x40081271 -> privileged(context, device, blockSize(context, file, device, call));
      case 0x40041281 -> reopen(context, file, device, number(call));
      default -> null;
    };
  }

  private static Result privileged(CallContext context, BlockDevice device, Result result) {
    boolean may = BlockDevices.capable(context, device, Capability.SYS_ADMIN);
    return !may && context.refuse("C12.4 CAP_SYS_ADMIN")
        ? context.fail(Errno.EACCES, "C12.4 CAP_SYS_ADMIN")
        : result;
  }

  /** blkdev_roset(). */
  private static Result readOnly(CallContext context, BlockDevice device, IoctlCall call) {
    if (!BlockDevices.capable(context, device, Capability.SYS_ADMIN)
        && context.refuse("C12.4 CAP_SYS_ADMIN")) {
      return context.fail(Errno.EACCES, "C12.4 CAP_SYS_ADMIN");
    }
    boolean on = number(call) != 0;
    LoopBinding binding = context.state().loopBindings.get(device.key());
    boolean immutable = binding != null && binding.is(LoopBinding.IMMUTABLE);
    if (!on && immutable && context.refuse("F16.3 immutable")) {
      return context.fail(Errno.EPERM, "F16.3 immutable");
    }
    BlockDevices.put(context, device.withUserReadOnly(on));
    return Result.ZERO;
  }

  /** blk_ioctl_discard(), blk_ioctl_zeroout(). */
  private static Result discard(
      CallContext context, OpenFileDescription file, BlockDevice device, IoctlCall call) {
    if (!file.writable() && context.refuse("blk_ioctl_discard: access mode")) {
      return context.fail(Errno.EBADF, "blk_ioctl_discard: access mode");
    }
    if (device.refusesWrites() && context.refuse("blk_ioctl_discard: read-only")) {
      return context.fail(Errno.EPERM, "blk_ioctl_discard: read-only");
    }
    List<String> range =
        RawStruct.split(RawStruct.text(call.getArgument()).replaceAll("[\\[\\]]", ""));
    long from = range.isEmpty() ? 0 : Arguments.number(range.get(0), 0);
    long bytes = range.size() < 2 ? 0 : Arguments.number(range.get(1), 0);
    boolean sized = device.size() > 0 || context.simulated();
    boolean beyond = sized && from + bytes > device.size();
    boolean wrong = from % SECTOR != 0 || bytes % SECTOR != 0 || from < 0 || beyond;
    return wrong && context.refuse("blk_ioctl_discard: range")
        ? context.fail(Errno.EINVAL, "blk_ioctl_discard: range")
        : Result.ZERO;
  }

  /** blkdev_bszset(): needs the device for itself, unless the caller claims it already. */
  private static Result blockSize(
      CallContext context, OpenFileDescription file, BlockDevice device, IoctlCall call) {
    long size = number(call);
    boolean wrong = size < SECTOR || size > PAGE || Long.bitCount(size) != 1;
    if (BlockHandles.claimant(context.state(), device, file.key()) != null) {
      return context.fail(Errno.EBUSY, "blkdev_bszset: claimed");
    }
    return wrong ? context.fail(Errno.EINVAL, "blkdev_bszset: size") : Result.ZERO;
  }

  /** disk_scan_partitions(). */
  private static Result rescan(CallContext context, BlockDevice device) {
    LoopBinding binding = context.state().loopBindings.get(device.key());
    boolean none =
        device.kind() == BlockDevice.Kind.MAPPED
            || device.kind() == BlockDevice.Kind.LOOP
                && (binding == null || !binding.is(LoopBinding.PARTSCAN));
    return none ? context.fail(Errno.EINVAL, "disk_scan_partitions: no partitions") : Result.ZERO;
  }

  /** blkdev_fallocate(). */
  static Result fallocate(CallContext context, BlockDevice device, long mode, long from, long end) {
    long kind = mode & ~KEEP_SIZE;
    boolean known = kind == ZERO_RANGE || kind == PUNCH_HOLE && (mode & KEEP_SIZE) != 0;
    if (!known) {
      return context.fail(Errno.EOPNOTSUPP, "blkdev_fallocate: mode");
    }
    boolean beyond = from >= device.size() || end > device.size() && (mode & KEEP_SIZE) == 0;
    boolean odd = from % SECTOR != 0 || Math.min(end, device.size()) % SECTOR != 0;
    return beyond || odd ? context.fail(Errno.EINVAL, "blkdev_fallocate: range") : Result.ZERO;
  }

  /** Proposed: BLKREOPEN changes the mode of a handle, or leaves it as it was. */
  private static Result reopen(
      CallContext context, OpenFileDescription file, BlockDevice device, long mode) {
    if (!context.profile().has(KernelFeature.BDEV_REOPEN)) {
      return notty(context);
    }
    boolean odd = (mode & ~(READ | WRITE | EXCLUSIVE)) != 0 || (mode & (READ | WRITE)) == 0;
    if (odd && context.refuse("F36 mode")) {
      return context.fail(Errno.EINVAL, "F36 mode");
    }
    BlockHandle handle = context.state().blockHandles.get(file.key());
    LoopBinding binding = context.state().loopBindings.get(device.key());
    boolean gone = handle == null || binding != null && binding.rundown();
    if (gone && context.refuse("F36.2 device gone")) {
      return context.fail(Errno.ENXIO, "F36.2 device gone");
    }
    if (handle != null && handle.diskseq() != device.diskseq() && context.refuse("F36.2 diskseq")) {
      return context.fail(Errno.ESTALE, "F36.2 diskseq");
    }
    boolean write = (mode & WRITE) != 0;
    if (write && device.refusesWrites() && context.refuse("F36.2 read-only")) {
      return context.fail(Errno.EACCES, "F36.2 read-only");
    }
    boolean barred =
        write && !DeviceCgroup.allows(context, Inode.S_IFBLK, device.major(), device.minor(), "w");
    if (barred && context.refuse("F36.2 device cgroup")) {
      return context.fail(Errno.EPERM, "F36.2 device cgroup");
    }
    boolean exclusive = (mode & EXCLUSIVE) != 0;
    boolean claimed =
        exclusive && BlockHandles.claimant(context.state(), device, file.key()) != null;
    if (claimed && context.refuse("F36.2 claimed")) {
      return context.fail(Errno.EBUSY, "F36.2 claimed");
    }
    context.put(
        Tables.BLOCK_HANDLES,
        new BlockHandle(
            file.key(),
            device.key(),
            BlockHandle.Holder.FILE,
            exclusive,
            write,
            device.diskseq(),
            false));
    long access = write ? (mode & READ) != 0 ? 2 : 1 : 0;
    context.emit(new FdChange.DescriptionChanged(file.withFlags(file.flags() & ~3L | access)));
    BlockDevices.tell(context, BlockChange.What.REOPEN, device);
    return Result.ZERO;
  }
}
