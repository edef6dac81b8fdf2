package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.file.FdTables;
import io.kledger.event.Bytes;
import io.kledger.event.avro.Fd;
import io.kledger.event.avro.Pread64Call;
import io.kledger.event.avro.Preadv2Call;
import io.kledger.event.avro.PreadvCall;
import io.kledger.event.avro.Pwrite64Call;
import io.kledger.event.avro.Pwritev2Call;
import io.kledger.event.avro.PwritevCall;
import io.kledger.event.avro.Raw;
import io.kledger.event.avro.ReadCall;
import io.kledger.event.avro.ReadvCall;
import io.kledger.event.avro.Text;
import io.kledger.event.avro.WriteCall;
import io.kledger.event.avro.WritevCall;
import io.kledger.kernel.file.FileKind;
import java.util.function.Function;
import org.apache.avro.specific.SpecificRecord;

/**
 * Reads and writes with several buffers: import_iovec() of lib/iov_iter.c, then as read(2) and
 * write(2) with one that is as long as all of them.
 */
final class VectorCalls {
  /** UIO_MAXIOV: more buffers are EINVAL. */
  private static final long MOST = 1024;

  private VectorCalls() {}

  static void register(SyscallTable.Builder table) {
    table
        .partial(
            ReadvCall.class,
            "data",
            (c, call) ->
                read(
                    c,
                    call.getFd(),
                    call.getVectors(),
                    call.getCount(),
                    FileData.CURRENT,
                    raw -> ReadvCall.newBuilder(call).setVectors(raw).build()))
        .partial(
            PreadvCall.class,
            "data",
            (c, call) ->
                positioned(
                    c,
                    call.getFd(),
                    call.getVectors(),
                    call.getCount(),
                    call.getOffset(),
                    raw -> PreadvCall.newBuilder(call).setVectors(raw).build()))
        .partial(
            Preadv2Call.class,
            "data, flags",
            (c, call) ->
                call.getOffset() == FileData.CURRENT
                    ? read(
                        c,
                        call.getFd(),
                        call.getVectors(),
                        call.getCount(),
                        FileData.CURRENT,
                        raw -> Preadv2Call.newBuilder(call).setVectors(raw).build())
                    : positioned(
                        c,
                        call.getFd(),
                        call.getVectors(),
                        call.getCount(),
                        call.getOffset(),
                        raw -> Preadv2Call.newBuilder(call).setVectors(raw).build()))
        .partial(
            WritevCall.class,
            "data",
            (c, call) ->
                write(c, call.getFd(), call.getVectors(), call.getCount(), FileData.CURRENT))
        .partial(
            PwritevCall.class,
            "data",
            (c, call) ->
                call.getOffset() < 0 && c.refuse("pwritev: offset")
                    ? c.fail(Errno.EINVAL, "pwritev: offset")
                    : write(c, call.getFd(), call.getVectors(), call.getCount(), call.getOffset()))
        .partial(
            Pwritev2Call.class,
            "data, flags",
            (c, call) ->
                write(c, call.getFd(), call.getVectors(), call.getCount(), call.getOffset()));
  }

  private static Result positioned(
      CallContext context,
      Fd fd,
      Raw vectors,
      long count,
      long offset,
      Function<Raw, SpecificRecord> fill) {
    return offset < 0 && context.refuse("preadv: offset")
        ? context.fail(Errno.EINVAL, "preadv: offset")
        : read(context, fd, vectors, count, offset, fill);
  }

  private static Result read(
      CallContext context,
      Fd fd,
      Raw vectors,
      long count,
      long offset,
      Function<Raw, SpecificRecord> fill) {
    if (!shown(vectors, count)) {
      return hidden(context, count);
    }
    long length = Arguments.vectorLength(vectors);
    Result result =
        offset == FileData.CURRENT
            ? IoCalls.read(context, new ReadCall(fd, null, length))
            : IoCalls.pread(context, new Pread64Call(fd, null, length, offset));
    Object data =
        result instanceof Result.Done done
            ? switch (done.call()) {
              case ReadCall read -> read.getData();
              case Pread64Call read -> read.getData();
              case null, default -> null;
            }
            : null;
    Raw filled =
        data instanceof Text text ? IoVectors.filled(vectors, Bytes.of(text.getValue())) : null;
    return filled != null && result instanceof Result.Done done
        ? Result.value(done.value(), fill.apply(filled))
        : result;
  }

  private static Result write(CallContext context, Fd fd, Raw vectors, long count, long offset) {
    if (!shown(vectors, count)) {
      return hidden(context, count);
    }
    long length = Arguments.vectorLength(vectors);
    Bytes data = IoVectors.data(vectors);
    if (segmented(context, fd) && data != null) {
      return each(context, fd, vectors, data);
    }
    Text text = data == null ? null : new Text(data.toBuffer(), false, null);
    return offset == FileData.CURRENT
        ? IoCalls.write(context, new WriteCall(fd, text, length))
        : IoCalls.pwrite(context, new Pwrite64Call(fd, text, length, offset));
  }

  /** Whether a file has a plain ->write: an eventfd. */
  private static boolean segmented(CallContext context, Fd fd) {
    return FdTables.getFile(context, fd) instanceof FdTables.Open open
        && open.description().kind() == FileKind.EVENTFD;
  }

  /** do_loop_readv_writev(): one buffer after the other, until one is not taken whole. */
  private static Result each(CallContext context, Fd fd, Raw vectors, Bytes data) {
    long sum = 0;
    int at = 0;
    for (long length : IoVectors.lengths(vectors)) {
      Bytes part = data.slice(at, at + (int) length);
      Result one =
          IoCalls.write(context, new WriteCall(fd, new Text(part.toBuffer(), false, null), length));
      if (!(one instanceof Result.Done done)) {
        return sum == 0 ? one : Result.value(sum);
      }
      sum += done.value();
      at += (int) length;
    }
    return Result.value(sum);
  }

  /** Whether the trace shows the array: where the call fails it may be an address. */
  private static boolean shown(Raw vectors, long count) {
    return count >= 0 && count <= MOST && (count == 0 || Arguments.text(vectors).startsWith("["));
  }

  private static Result hidden(CallContext context, long count) {
    return (count < 0 || count > MOST) && context.refuse("import_iovec: count")
        ? context.fail(Errno.EINVAL, "import_iovec: count")
        : new Result.Unknown("the trace does not show the buffers");
  }
}
