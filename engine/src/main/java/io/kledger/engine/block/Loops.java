package io.kledger.engine.block;

import io.kledger.engine.CallContext;
import io.kledger.engine.file.FilePut;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.block.BlockDevice;
import io.kledger.kernel.block.BlockHandle;
import io.kledger.kernel.block.LoopBinding;
import io.kledger.kernel.change.BlockChange;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;

/** The states of loop devices: drivers/block/loop.c behind its checks. */
public final class Loops {
  public static final int MAJOR = 7;
  private static final long SECTOR = 512;

  /** Minor numbers of devices of loopfs instances lie above those of the machine's pool. */
  private static final int INSTANCE_MINORS = 1 << 16;

  private Loops() {}

  /** get_size(): what is shown of a backing file, in whole sectors. */
  public static long size(KernelState state, Inode file, long offset, long limit) {
    BlockDevice below = BlockDevices.of(state, file);
    long bytes = Math.max(0, (below == null ? file.size() : below.size()) - offset);
    return (limit > 0 ? Math.min(limit, bytes) : bytes) / SECTOR * SECTOR;
  }

  /** loop_configure(): the device is bound. */
  public static void attach(CallContext context, BlockDevice device, LoopBinding binding) {
    context.put(Tables.LOOP_BINDINGS, binding);
    Inode file = context.state().inodes.require(binding.inode());
    BlockDevice bound =
        device
            .withDiskseq(BlockDevices.nextDiskseq(context))
            .withSize(size(context.state(), file, binding.offset(), binding.sizeLimit()))
            .withReadOnly(binding.is(LoopBinding.READ_ONLY));
    BlockDevices.put(context, bound);
    BlockDevices.tell(context, BlockChange.What.ATTACH, bound);
  }

  /** loop_change_fd(): other content of the same size. */
  public static void change(
      CallContext context, BlockDevice device, LoopBinding binding, OpenFileDescription file) {
    context.put(Tables.LOOP_BINDINGS, binding.withBacking(file.key(), file.inode()));
    BlockDevice changed = device.withDiskseq(BlockDevices.nextDiskseq(context));
    BlockDevices.put(context, changed);
    BlockDevices.tell(context, BlockChange.What.CHANGE, changed);
    FilePut.put(context, binding.backing());
  }

  /** Whoever binds or swaps knows what is on the device from then on. */
  public static void seen(CallContext context, long holder) {
    KernelState state = context.state();
    BlockHandle handle = state.blockHandles.get(holder);
    if (handle != null) {
      long diskseq = state.blockDevices.require(handle.device()).diskseq();
      context.put(
          Tables.BLOCK_HANDLES,
          new BlockHandle(
              handle.key(),
              handle.device(),
              handle.holder(),
              handle.exclusive(),
              handle.write(),
              diskseq,
              handle.pinned()));
    }
  }

  /** The visible part, or a flag, changes: not the content. */
  public static void resize(CallContext context, BlockDevice device, LoopBinding binding) {
    context.put(Tables.LOOP_BINDINGS, binding);
    Inode file = context.state().inodes.get(binding.inode());
    long bytes =
        file == null
            ? device.size()
            : size(context.state(), file, binding.offset(), binding.sizeLimit());
    BlockDevice resized = device.withSize(bytes);
    BlockDevices.put(context, resized);
    if (bytes != device.size()) {
      BlockDevices.tell(context, BlockChange.What.CHANGE, resized);
    }
  }

  /** __loop_clr_fd(). */
  public static void detach(CallContext context, BlockDevice device) {
    LoopBinding binding = context.state().loopBindings.require(device.key());
    context.remove(Tables.LOOP_BINDINGS, device.key());
    BlockDevice unbound =
        device.withDiskseq(BlockDevices.nextDiskseq(context)).withSize(0).withReadOnly(false);
    BlockDevices.put(context, unbound);
    BlockDevices.tell(context, BlockChange.What.DETACH, unbound);
    FilePut.put(context, binding.backing());
    boolean orphan =
        device.instance() != 0 && context.state().superblocks.get(device.instance()) == null;
    if (orphan) {
      remove(context, unbound);
    }
  }

  /** loop_add(): a device of the pool, or of a loopfs; its node appears. */
  public static BlockDevice add(CallContext context, int index, long instance, long userNs) {
    String directory = instance == 0 ? "/dev/" : LoopPools.path(context.state(), instance) + "/";
    int minor = instance == 0 ? index : freeMinor(context.state());
    BlockDevice device =
        new BlockDevice(
            context.newKey(),
            MAJOR,
            minor,
            Bytes.of(directory + "loop" + index),
            BlockDevice.Kind.LOOP,
            index,
            0,
            BlockDevices.nextDiskseq(context),
            false,
            false,
            userNs,
            instance);
    context.put(Tables.BLOCK_DEVICES, device);
    SysBlock.added(context, device);
    BlockDevices.tell(context, BlockChange.What.ADD, device);
    return device;
  }

  private static int freeMinor(KernelState state) {
    int minor = INSTANCE_MINORS;
    while (BlockDevices.of(state, MAJOR, minor) != null) {
      minor++;
    }
    return minor;
  }

  /** loop_remove(). */
  public static void remove(CallContext context, BlockDevice device) {
    SysBlock.removed(context, device);
    context.emit(new BlockChange.Removed(device));
  }

  /** Whether no one may write a file because an immutable loop device shows it. */
  public static boolean deniesWrites(KernelState state, long inode) {
    for (long key : state.loopBindingsByInode.keys(inode)) {
      if (state.loopBindings.require(key).is(LoopBinding.IMMUTABLE)) {
        return true;
      }
    }
    return false;
  }

  /** A writer was turned away: it is counted and told. */
  public static void denied(CallContext context, long inode, String operation) {
    KernelState state = context.state();
    for (long key : state.loopBindingsByInode.keys(inode)) {
      LoopBinding binding = state.loopBindings.require(key);
      if (binding.is(LoopBinding.IMMUTABLE)) {
        context.put(Tables.LOOP_BINDINGS, binding.withDenied(binding.denied() + 1));
      }
    }
    context.notice(
        "block.write_denied", "pid", Integer.toString(context.task().tid()), "op", operation);
  }

  /** How many have a file open for writing. */
  public static int writers(KernelState state, long inode) {
    int writers = 0;
    for (long key : state.descriptionsByInode.keys(inode)) {
      OpenFileDescription file = state.descriptions.require(key);
      writers += file.writable() && file.kind() != FileKind.MEMFD ? 1 : 0;
    }
    return writers;
  }
}
