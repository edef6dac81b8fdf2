package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.block.BlockHandles;
import io.kledger.engine.block.LoopPools;
import io.kledger.engine.block.Loops;
import io.kledger.event.avro.IoctlCall;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.block.BlockDevice;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.mount.Superblock;

/** /dev/loop-control, and that of a loopfs: loop_control_ioctl(). */
final class LoopControl {
  private static final int ADD = 0x4c80;
  private static final int REMOVE = 0x4c81;
  private static final int GET_FREE = 0x4c82;

  private LoopControl() {}

  static Result ioctl(CallContext context, Inode control, IoctlCall call) {
    long pool = LoopPools.of(context.state(), control);
    int index = (int) BlockIoctls.number(call);
    return switch ((int) call.getRequest()) {
      case ADD -> add(context, pool, index);
      case REMOVE -> remove(context, pool, index);
      case GET_FREE -> free(context, pool);
      default -> context.fail(Errno.ENOSYS, "C11.1 unknown request");
    };
  }

  private static Result add(CallContext context, long pool, int index) {
    KernelState state = context.state();
    int number = index < 0 ? LoopPools.free(state, pool) : index;
    if (LoopPools.device(state, pool, number) != null) {
      return context.fail(Errno.EEXIST, "C11.1 exists");
    }
    if (LoopPools.full(state, pool)) {
      return context.fail(Errno.ENOSPC, "F31.6 max");
    }
    Superblock instance = state.superblocks.get(pool);
    Loops.add(context, number, pool, instance == null ? 0 : instance.userNs());
    return Result.value(number);
  }

  private static Result remove(CallContext context, long pool, int index) {
    KernelState state = context.state();
    if (index < 0) {
      return context.fail(Errno.EINVAL, "C11.1 negative");
    }
    BlockDevice device = LoopPools.device(state, pool, index);
    if (device == null) {
      return context.fail(Errno.ENODEV, "C11.1 no such device");
    }
    boolean busy =
        state.loopBindings.get(device.key()) != null || BlockHandles.users(state, device) > 0;
    if (busy) {
      return context.fail(Errno.EBUSY, "C11.1 in use");
    }
    Loops.remove(context, device);
    return Result.ZERO;
  }

  private static Result free(CallContext context, long pool) {
    for (BlockDevice device : LoopPools.devices(context.state(), pool)) {
      if (context.state().loopBindings.get(device.key()) == null) {
        return Result.value(device.index());
      }
    }
    return add(context, pool, -1);
  }
}
