package io.kledger.engine.block;

import io.kledger.engine.CallContext;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.block.BlockDevice;
import io.kledger.kernel.block.BlockHandle;
import io.kledger.kernel.block.LoopBinding;
import io.kledger.kernel.block.MappedDevice;

/** Who has block devices open, and who claims them: bdev_open(), bd_may_claim(). */
public final class BlockHandles {
  private BlockHandles() {}

  /** bdev_open(): the checks are the caller's. */
  public static BlockHandle open(
      CallContext context,
      long holder,
      BlockDevice device,
      BlockHandle.Holder kind,
      boolean exclusive,
      boolean write) {
    BlockHandle handle =
        new BlockHandle(holder, device.key(), kind, exclusive, write, device.diskseq(), false);
    context.put(Tables.BLOCK_HANDLES, handle);
    return handle;
  }

  /** Who else claims the device, a partition of it, or the disk that it is a part of; or null. */
  public static BlockHandle claimant(KernelState state, BlockDevice device, long holder) {
    for (BlockDevice other : state.blockDevices.rows()) {
      if (other.key() == device.key() || related(device, other)) {
        for (long key : state.blockHandlesByDevice.keys(other.key())) {
          BlockHandle handle = state.blockHandles.get(key);
          if (handle.exclusive() && handle.key() != holder) {
            return handle;
          }
        }
      }
    }
    return null;
  }

  private static boolean related(BlockDevice a, BlockDevice b) {
    return partition(a, b) || partition(b, a);
  }

  private static boolean partition(BlockDevice disk, BlockDevice part) {
    String whole = disk.path().latin1();
    String path = part.path().latin1();
    return disk.kind() != BlockDevice.Kind.MAPPED
        && disk.major() == part.major()
        && path.startsWith(whole)
        && path.length() > whole.length()
        && (Character.isDigit(whole.charAt(whole.length() - 1))
            ? path.substring(whole.length()).matches("p[0-9]+")
            : path.substring(whole.length()).matches("[0-9]+"));
  }

  /** How often a device is open (disk_openers()). */
  public static int users(KernelState state, BlockDevice device) {
    return state.blockHandlesByDevice.count(device.key());
  }

  /** bdev_release(): the holder lets go; a loop device that nobody uses any more may let go too. */
  public static void release(CallContext context, long holder) {
    KernelState state = context.state();
    BlockHandle handle = state.blockHandles.get(holder);
    if (handle == null) {
      return;
    }
    context.remove(Tables.BLOCK_HANDLES, holder);
    BlockDevice device = state.blockDevices.get(handle.device());
    if (device == null || users(state, device) > 0) {
      return;
    }
    MappedDevice mapped = state.mappedDevices.get(device.key());
    if (mapped != null && mapped.deferred()) {
      Mapper.remove(context, mapped);
      return;
    }
    LoopBinding binding = state.loopBindings.get(device.key());
    if (binding != null && (binding.rundown() || binding.is(LoopBinding.AUTOCLEAR))) {
      Loops.detach(context, device);
    }
  }
}
