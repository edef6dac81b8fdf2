package io.kledger.engine.block;

import io.kledger.engine.CallContext;
import io.kledger.event.Bytes;
import io.kledger.kernel.CounterId;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.block.BlockDevice;
import io.kledger.kernel.block.BlockHandle;
import io.kledger.kernel.change.BlockChange;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;

/**
 * Loop devices of a traced machine. The ledger does not know them when it begins; it learns of one
 * when a call shows that nothing is behind it, and follows the rules from then on.
 */
public final class ObservedLoops {
  private static final int MAJOR = 7;

  private ObservedLoops() {}

  /** Whether a node is that of a loop device of the machine's pool. */
  public static boolean isNode(Inode inode) {
    return inode != null
        && (inode.mode() & Inode.S_IFMT) == Inode.S_IFBLK
        && inode.rdevMajor() == MAJOR;
  }

  /** A device is there, and unbound: those that have it open are its users. */
  public static BlockDevice unbound(CallContext context, int index) {
    KernelState state = context.state();
    BlockDevice known = BlockDevices.of(state, MAJOR, index);
    if (known != null) {
      return known;
    }
    BlockDevice device =
        new BlockDevice(
            context.newKey(),
            MAJOR,
            index,
            Bytes.of("/dev/loop" + index),
            BlockDevice.Kind.LOOP,
            index,
            0,
            BlockDevices.nextDiskseq(context),
            false,
            false,
            0,
            0);
    context.emit(new BlockChange.Told(device, BlockChange.What.ADD));
    for (OpenFileDescription file : state.descriptions.rows()) {
      Inode inode = state.inodes.get(file.inode());
      if (isNode(inode) && inode.rdevMinor() == index && !file.pathOnly()) {
        BlockHandles.open(
            context, file.key(), device, BlockHandle.Holder.FILE, false, file.writable());
      }
    }
    return device;
  }

  /** BLKGETDISKSEQ told the number. */
  public static void diskseq(CallContext context, BlockDevice device, long number) {
    if (number > 0 && number != device.diskseq()) {
      context.raise(CounterId.DISKSEQ, number);
      BlockDevices.put(context, device.withDiskseq(number));
    }
  }
}
