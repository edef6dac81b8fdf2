package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.block.BlockDevices;
import io.kledger.engine.block.BlockHandles;
import io.kledger.engine.file.OpenFlags;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.block.BlockDevice;
import io.kledger.kernel.block.BlockHandle;
import io.kledger.kernel.block.LoopBinding;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.task.PendingCall;

/** Opening what is no file: devices, fifos, sockets (chrdev_open(), blkdev_open(), fifo_open()). */
final class SpecialOpening {
  /** Name of a pending call: an open that waits for the other end of a fifo. */
  private static final String FIFO = "open of a fifo";

  private static final int MISC = 10;
  private static final int LOOP_CONTROL = 237;
  private static final int MAPPER_CONTROL = 236;

  private final CallContext context;
  private final KernelState state;
  private final long flags;

  SpecialOpening(CallContext context, long flags) {
    this.context = context;
    this.state = context.state();
    this.flags = flags;
  }

  private boolean has(long flag) {
    return (flags & flag) != 0;
  }

  /** bdev_file_open(): a description of a device is one more user of it. */
  void opened(Inode inode, OpenFileDescription file) {
    BlockDevice device = has(OpenFlags.PATH) ? null : BlockDevices.of(state, inode);
    if (device != null) {
      BlockHandles.open(
          context,
          file.key(),
          device,
          BlockHandle.Holder.FILE,
          has(OpenFlags.EXCL) && !has(OpenFlags.CREAT),
          file.writable());
    }
  }

  /** blkdev_open(): null if the device opens. */
  private Result block(BlockDevice device) {
    LoopBinding binding = state.loopBindings.get(device.key());
    if (binding != null && binding.rundown()) {
      return context.fail(Errno.ENXIO, "C12.1 device goes");
    }
    boolean claims = has(OpenFlags.EXCL) && !has(OpenFlags.CREAT);
    return claims && BlockHandles.claimant(state, device, 0) != null
        ? context.fail(Errno.EBUSY, "C12.1 claimed")
        : null;
  }

  /** Null if the file opens. */
  Result refusal(Inode inode, int type) {
    if (type == Inode.S_IFSOCK && context.refuse("C4.5 socket")) {
      return context.fail(Errno.ENXIO, "C4.5 socket");
    }
    if (context.assuming()) {
      return null;
    }
    if (type == Inode.S_IFIFO) {
      return fifo(inode);
    }
    BlockDevice device = BlockDevices.of(state, inode);
    if (device != null) {
      return block(device);
    }
    if (type == Inode.S_IFBLK && context.simulated()) {
      return context.fail(Errno.ENXIO, "C12.1 no device");
    }
    if (type == Inode.S_IFCHR && driverless(inode.rdevMajor())) {
      return context.fail(Errno.ENXIO, "C4.5 device without driver");
    }
    boolean control =
        context.simulated()
            && inode.rdevMajor() == MISC
            && (inode.rdevMinor() == LOOP_CONTROL || inode.rdevMinor() == MAPPER_CONTROL);
    boolean memory = type == Inode.S_IFCHR && (inode.rdevMajor() == 1 || control);
    boolean seen = state.descriptionsByInode.count(inode.key()) > 0;
    boolean open = memory || seen || type == Inode.S_IFSOCK;
    return open ? null : new Result.Unknown("whether the device answers");
  }

  /** chrdev_open(): the model machine has the drivers of memory, tty and misc only. */
  private boolean driverless(int major) {
    return context.simulated() && major != 1 && major != 4 && major != 5 && major != 10;
  }

  /** fifo_open(). */
  private Result fifo(Inode inode) {
    int access = (int) (flags & OpenFlags.ACCMODE);
    if (access == OpenFlags.RDWR || access == OpenFlags.RDONLY && has(OpenFlags.NONBLOCK)) {
      return null;
    }
    PendingCall own = state.pending.get(context.taskKey());
    if (own != null && own.call().equals(FIFO)) {
      context.remove(Tables.PENDING, own.key());
    }
    if (otherEnd(inode, access)) {
      return null;
    }
    if (!context.simulated()) {
      return new Result.Unknown("whether the fifo has another end");
    }
    if (has(OpenFlags.NONBLOCK)) {
      return context.fail(Errno.ENXIO, "C4.5 fifo without reader");
    }
    context.put(
        Tables.PENDING,
        new PendingCall(
            context.taskKey(), FIFO, context.position(), access, inode.key(), false, 0, 0));
    return new Result.Blocked("the other end of the fifo");
  }

  /** wait_for_partner(): the other end is open, or a task waits to open it. */
  private boolean otherEnd(Inode inode, int access) {
    for (long key : state.descriptionsByInode.keys(inode.key())) {
      OpenFileDescription other = state.descriptions.get(key);
      if (access == OpenFlags.RDONLY ? other.writable() : other.readable()) {
        return true;
      }
    }
    for (PendingCall waiting : state.pending.rows()) {
      if (waiting.call().equals(FIFO)
          && waiting.child() == inode.key()
          && waiting.flags() != access) {
        return true;
      }
    }
    return false;
  }
}
