package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.file.OpenFlags;
import io.kledger.engine.file.Pipes;
import io.kledger.engine.file.Pipes.Ends;
import io.kledger.engine.task.Delivery;
import io.kledger.event.Bytes;
import io.kledger.event.avro.Phase;
import io.kledger.event.avro.Syscall;
import io.kledger.event.avro.Text;
import io.kledger.event.avro.WriteCall;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.FdSlot;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.task.PendingCall;
import java.util.function.Function;
import org.apache.avro.specific.SpecificRecord;

/** Reads and writes of pipes and fifos: pipe_read(), pipe_write(). */
final class PipeData {
  private static final int SIGPIPE = 13;
  private static final String WRITE = "write";

  private PipeData() {}

  static Result read(
      CallContext context,
      OpenFileDescription file,
      Inode pipe,
      long count,
      Function<Text, SpecificRecord> fill) {
    KernelState state = context.state();
    if (count == 0) {
      return Result.ZERO;
    }
    if (context.assuming()) {
      long moved = context.observed().getValue();
      if (moved > 0) {
        Pipes.drain(context, pipe, moved);
      }
      return Result.value(moved);
    }
    if (!Pipes.known(state, pipe.key())) {
      return FileData.UNKNOWN;
    }
    if (pipe.size() > 0) {
      long bytes = Math.min(count, pipe.size());
      Bytes data = Pipes.drain(context, pipe, context.observedOr(bytes));
      return data == null
          ? Result.value(bytes)
          : Result.value(bytes, fill.apply(new Text(data.toBuffer(), false, null)));
    }
    if (pipe.size() < 0) {
      return FileData.UNKNOWN;
    }
    if (Pipes.writers(state, pipe.key()) == Ends.NONE) {
      return Result.ZERO;
    }
    if ((file.flags() & OpenFlags.NONBLOCK) != 0) {
      return context.fail(Errno.EAGAIN, "pipe_read: empty");
    }
    return context.simulated() ? new Result.Blocked("a writer") : FileData.UNKNOWN;
  }

  static Result write(
      CallContext context, OpenFileDescription file, Inode pipe, Bytes data, long count) {
    KernelState state = context.state();
    if (count == 0) {
      return Result.ZERO;
    }
    if (context.assuming()) {
      Pipes.fill(context, pipe, context.observed().getValue(), null);
      return Result.value(context.observed().getValue());
    }
    if (Pipes.readers(state, pipe.key()) == Ends.NONE) {
      boolean late =
          context.event().getBody() instanceof Syscall call && call.getPhase() == Phase.RETURNED;
      if (late && !context.simulated()) {
        return new Result.Unknown("how much was read before the last reader left");
      }
      if (context.simulated()) {
        Delivery.deliver(context, state.groups.require(context.task().group()), SIGPIPE, true);
      }
      return context.fail(Errno.EPIPE, "pipe_write: no readers");
    }
    boolean nonblock = (file.flags() & OpenFlags.NONBLOCK) != 0;
    if (!context.simulated()) {
      if (nonblock
          && (!Pipes.known(state, pipe.key())
              || count + pipe.size() > Pipes.capacity(context.state(), pipe.key()))) {
        return FileData.UNKNOWN;
      }
      Pipes.fill(context, pipe, context.observedOr(count), data);
      return Result.value(count);
    }
    long room = Math.max(0, Pipes.capacity(context.state(), pipe.key()) - pipe.size());
    if (room >= count) {
      Pipes.fill(context, pipe, count, data);
      return Result.value(count);
    }
    if (!nonblock) {
      return new Result.Blocked("room in the pipe");
    }
    if (count <= Pipes.ATOMIC || room == 0) {
      return context.fail(Errno.EAGAIN, "pipe_write: full");
    }
    Pipes.fill(context, pipe, room, data == null ? null : data.slice(0, (int) room));
    return Result.value(room);
  }

  /**
   * A write has begun that has not returned: the bytes are in the pipe from now on, if there is
   * room.
   */
  static void begin(CallContext context, WriteCall call) {
    KernelState state = context.state();
    FdSlot slot = state.fd(context.task().files(), call.getFd().getNumber());
    OpenFileDescription file = slot == null ? null : state.descriptions.get(slot.description());
    Inode pipe = file == null ? null : state.inodes.get(file.inode());
    if (!Pipes.isPipe(pipe)
        || !file.writable()
        || call.getCount() + pipe.size() > Pipes.capacity(context.state(), pipe.key())
        || Pipes.readers(state, pipe.key()) == Ends.NONE) {
      return;
    }
    Pipes.fill(context, pipe, call.getCount(), null);
    context.put(
        Tables.PENDING,
        new PendingCall(
            context.taskKey(), WRITE, context.position(), 0, pipe.key(), true, call.getCount(), 0));
  }

  /** Bytes of writes that have begun and not returned: they may or may not be there yet. */
  static long writing(KernelState state, long pipe) {
    long bytes = 0;
    for (PendingCall pending : state.pending.rows()) {
      bytes += pending.call().equals(WRITE) && pending.child() == pipe ? pending.value() : 0;
    }
    return bytes;
  }

  /** Whether the write that returns is one that {@link #begin} has counted. */
  static boolean begun(CallContext context) {
    PendingCall pending = LockCalls.pending(context, WRITE);
    return pending != null
        && context.event().getBody() instanceof Syscall syscall
        && syscall.getPhase() == Phase.RETURNED;
  }

  static Result finish(CallContext context, WriteCall call) {
    PendingCall pending = LockCalls.pending(context, WRITE);
    context.remove(Tables.PENDING, pending.key());
    Inode pipe = context.state().inodes.get(pending.child());
    long more = context.observedOr(call.getCount()) - call.getCount();
    if (pipe != null && more != 0) {
      context.put(Tables.INODES, pipe.withSize(pipe.size() + more));
    }
    return Result.value(call.getCount());
  }
}
