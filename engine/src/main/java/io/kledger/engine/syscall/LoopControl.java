package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.block.BlockHandles;
import io.kledger.engine.block.LoopPools;
import io.kledger.engine.block.Loops;
import io.kledger.engine.block.ObservedLoops;
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

  private static final int SET_FD = 0x4c00;
  private static final int CLR_FD = 0x4c01;
  private static final int GET_STATUS = 0x4c03;
  private static final int GET_STATUS64 = 0x4c05;
  private static final int CONFIGURE = 0x4c0a;

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

  /** In a trace: what the pool holds is learned from the answers. */
  static Result observed(CallContext context, IoctlCall call) {
    KernelState state = context.state();
    int index = (int) BlockIoctls.number(call);
    long answer = context.observedOr(-1);
    BlockDevice known = index < 0 ? null : LoopPools.device(state, 0, index);
    switch ((int) call.getRequest()) {
      case ADD, GET_FREE -> {
        boolean add = (int) call.getRequest() == ADD;
        if (add && known != null && context.refuse("C11.1 exists")) {
          return context.fail(Errno.EEXIST, "C11.1 exists");
        }
        if (!context.succeeded()) {
          return new Result.Unknown("which devices the pool has");
        }
        ObservedLoops.unbound(context, (int) answer);
        return Result.value(answer);
      }
      case REMOVE -> {
        if (index < 0 && context.refuse("C11.1 negative")) {
          return context.fail(Errno.EINVAL, "C11.1 negative");
        }
        if (known == null) {
          return context.assuming()
              ? Result.ZERO
              : new Result.Unknown("which devices the pool has");
        }
        boolean busy =
            state.loopBindings.get(known.key()) != null || BlockHandles.users(state, known) > 0;
        if (busy && context.refuse("C11.1 in use")) {
          return context.fail(Errno.EBUSY, "C11.1 in use");
        }
        Loops.remove(context, known);
        return Result.ZERO;
      }
      default -> {
        return context.refuse("C11.1 unknown request")
            ? context.fail(Errno.ENOSYS, "C11.1 unknown request")
            : Result.value(answer);
      }
    }
  }

  /** The device of a node, if the call shows that nothing was behind it; else null. */
  static BlockDevice learned(CallContext context, Inode node, IoctlCall call) {
    boolean shows =
        switch ((int) call.getRequest()) {
          case SET_FD, CONFIGURE -> context.succeeded();
          case GET_STATUS, GET_STATUS64, CLR_FD ->
              context.observed() != null && context.observed().getError() == Errno.ENXIO;
          default -> false;
        };
    return shows ? ObservedLoops.unbound(context, node.rdevMinor()) : null;
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
