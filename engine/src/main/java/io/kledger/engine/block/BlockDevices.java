package io.kledger.engine.block;

import io.kledger.engine.CallContext;
import io.kledger.engine.ns.Capability;
import io.kledger.event.Bytes;
import io.kledger.kernel.CounterId;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.block.BlockDevice;
import io.kledger.kernel.block.DiskImage;
import io.kledger.kernel.block.LoopBinding;
import io.kledger.kernel.block.MappedDevice;
import io.kledger.kernel.block.MappedTable;
import io.kledger.kernel.change.BlockChange;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.ns.Namespace;

/** Finds block devices and what is on them (block/genhd.c, block/bdev.c). */
public final class BlockDevices {
  /** Loops on loops that are followed; loop_validate_file() lets no circle arise. */
  private static final int DEEPEST = 64;

  private BlockDevices() {}

  /** The device of a number, or null. */
  public static BlockDevice of(KernelState state, int major, int minor) {
    for (long key : state.blockDevicesByNumber.keys(KernelState.pair(major + 1L, minor))) {
      BlockDevice device = state.blockDevices.get(key);
      if (device.major() == major && device.minor() == minor) {
        return device;
      }
    }
    return null;
  }

  /**
   * blkdev_get_no_open(): the device behind a node, or null. That of a loopfs answers only at its
   * own node.
   */
  public static BlockDevice of(KernelState state, Inode inode) {
    if (inode == null || (inode.mode() & Inode.S_IFMT) != Inode.S_IFBLK) {
      return null;
    }
    BlockDevice device = of(state, inode.rdevMajor(), inode.rdevMinor());
    boolean elsewhere =
        device != null && device.instance() != 0 && device.instance() != inode.superblock();
    return elsewhere ? null : device;
  }

  /** The filesystem that is on a device, or null. */
  public static DiskImage image(KernelState state, BlockDevice device) {
    BlockDevice at = device;
    for (int depth = 0; depth < DEEPEST; depth++) {
      DiskImage own = first(state, at.key());
      LoopBinding binding = state.loopBindings.get(at.key());
      MappedDevice mapped = state.mappedDevices.get(at.key());
      MappedTable table = mapped == null ? null : state.mappedTables.get(mapped.live());
      if (table != null) {
        at = state.blockDevices.require(table.data());
        continue;
      }
      if (own != null || binding == null || binding.offset() != 0) {
        return own;
      }
      Inode file = state.inodes.get(binding.inode());
      BlockDevice below = of(state, file);
      if (below == null) {
        return first(state, binding.inode());
      }
      at = below;
    }
    return null;
  }

  private static DiskImage first(KernelState state, long carrier) {
    return state.diskImagesByCarrier.count(carrier) == 0
        ? null
        : state.diskImages.get(state.diskImagesByCarrier.keyAt(carrier, 0));
  }

  /** Disks get their numbers from one counter (inc_diskseq()). */
  public static long nextDiskseq(CallContext context) {
    return context.next(CounterId.DISKSEQ);
  }

  /** Writes a device, and what sysfs shows of it. */
  public static void put(CallContext context, BlockDevice device) {
    context.put(Tables.BLOCK_DEVICES, device);
    SysBlock.refresh(context, device);
  }

  /** A uevent, or what deserves one. */
  public static void tell(CallContext context, BlockChange.What what, BlockDevice device) {
    context.emit(new BlockChange.Told(device, what));
  }

  /** Whether the caller has a capability over the device: that of its owner's user namespace. */
  public static boolean capable(CallContext context, BlockDevice device, int capability) {
    KernelState state = context.state();
    return device.userNs() == 0
        ? Capability.initial(state, context.task().credentials(), capability)
        : Capability.over(state, context.task().credentials(), device.userNs(), capability);
  }

  /** Whether a device belongs to a user namespace or one below it. */
  public static boolean ownedWithin(KernelState state, BlockDevice device, long userNs) {
    long at = device.userNs();
    while (at != 0 && at != userNs) {
      Namespace row = state.namespaces.get(at);
      at = row == null ? 0 : row.parent();
    }
    return at == userNs;
  }

  /** The last name in a path of /dev. */
  static Bytes name(BlockDevice device) {
    String path = device.path().latin1();
    return Bytes.of(path.substring(path.lastIndexOf('/') + 1));
  }
}
