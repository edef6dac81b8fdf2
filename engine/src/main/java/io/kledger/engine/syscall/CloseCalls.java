package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.file.FdTables;
import io.kledger.engine.file.FdTables.Open;
import io.kledger.engine.file.FilePut;
import io.kledger.engine.file.Limits;
import io.kledger.engine.file.SlowClose;
import io.kledger.event.avro.Close2Call;
import io.kledger.event.avro.CloseRangeCall;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.change.FdChange;
import io.kledger.kernel.file.FdSlot;
import io.kledger.kernel.file.OpenFileDescription;

/** close_range(2), and closes that do not wait. */
final class CloseCalls {
  private static final long CLOSE_RANGE_UNSHARE = 2;
  private static final long CLOSE_RANGE_CLOEXEC = 4;
  private static final long CLOSE_RANGE_ASYNC = 0x80;
  private static final long CLOSE_ASYNC = 1;

  private CloseCalls() {}

  static void register(SyscallTable.Builder table) {
    table
        .full(CloseRangeCall.class, CloseCalls::closeRange)
        .full(Close2Call.class, CloseCalls::close2);
  }

  private static Result closeRange(CallContext context, CloseRangeCall call) {
    long first = call.getFirst() & 0xffffffffL;
    long last = call.getLast() & 0xffffffffL;
    long flags = call.getFlags();
    boolean async = (flags & CLOSE_RANGE_ASYNC) != 0;
    boolean mark = (flags & CLOSE_RANGE_CLOEXEC) != 0;
    boolean known = context.profile().has(KernelFeature.ASYNC_CLOSE);
    long valid = CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC | (known ? CLOSE_RANGE_ASYNC : 0L);
    if (((flags & ~valid) != 0 || async && mark) && context.refuse("C2.6 flags")) {
      return context.fail(Errno.EINVAL, "C2.6 flags");
    }
    if (first > last && context.refuse("C2.6 range")) {
      return context.fail(Errno.EINVAL, "C2.6 range");
    }
    if ((flags & CLOSE_RANGE_UNSHARE) != 0) {
      FdTables.unshare(context);
    }
    KernelState state = context.state();
    for (long key : state.fdsByTable.keys(context.task().files())) {
      FdSlot slot = state.fds.get(key);
      if (slot == null || slot.fd() < first || slot.fd() > last) {
        continue;
      }
      if (mark) {
        closeOnExec(context, slot, true);
      } else if (!async) {
        FilePut.close(context, slot);
      } else if (!full(context, slot)) {
        SlowClose.detach(context, slot);
      }
    }
    return Result.ZERO;
  }

  /** Sets FD_CLOEXEC. */
  static void closeOnExec(CallContext context, FdSlot slot, boolean on) {
    if (slot.closeOnExec() != on) {
      context.emit(
          new FdChange.SlotChanged(
              new FdSlot(
                  slot.key(), slot.table(), slot.fd(), slot.description(), on, slot.since())));
    }
  }

  private static Result close2(CallContext context, Close2Call call) {
    if (!context.profile().has(KernelFeature.ASYNC_CLOSE) && context.refuse("F14 no such call")) {
      return context.fail(Errno.ENOSYS, "F14 no such call");
    }
    if ((call.getFlags() & ~CLOSE_ASYNC) != 0 && context.refuse("F14.4 flags")) {
      return context.fail(Errno.EINVAL, "F14.4 flags");
    }
    FdTables.Lookup found = FdTables.get(context, call.getFd());
    if (!(found instanceof Open open)) {
      return FdTables.failure(context, found);
    }
    if ((call.getFlags() & CLOSE_ASYNC) == 0) {
      return FdCalls.close(context, open.slot());
    }
    if (full(context, open.slot()) && context.refuse("F14.4 pending releases")) {
      return context.fail(Errno.EAGAIN, "F14.4 pending releases");
    }
    SlowClose.detach(context, open.slot());
    return Result.ZERO;
  }

  /** Whether the caller's user may not leave another release to the kernel. */
  private static boolean full(CallContext context, FdSlot slot) {
    KernelState state = context.state();
    OpenFileDescription file = state.descriptions.require(slot.description());
    return !file.pathOnly()
        && SlowClose.last(state, slot)
        && SlowClose.pending(state, context.task().credentials().uid()) >= Limits.files(context);
  }
}
