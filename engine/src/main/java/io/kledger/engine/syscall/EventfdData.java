package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.file.OpenFlags;
import io.kledger.event.Bytes;
import io.kledger.event.avro.Text;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.EventCounter;
import io.kledger.kernel.file.OpenFileDescription;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Function;
import org.apache.avro.specific.SpecificRecord;

/** The counter of an eventfd: eventfd_read(), eventfd_write(). */
final class EventfdData {
  private static final int SIZE = 8;

  private EventfdData() {}

  static Result read(
      CallContext context,
      OpenFileDescription file,
      long count,
      Function<Text, SpecificRecord> fill) {
    if (count < SIZE && context.refuse("eventfd: size")) {
      return context.fail(Errno.EINVAL, "eventfd: size");
    }
    EventCounter counter = context.state().eventCounters.get(file.key());
    if (counter == null) {
      return context.assuming() ? Result.value(SIZE) : FileData.UNKNOWN;
    }
    if (counter.count() == 0 && !context.assuming()) {
      return (file.flags() & OpenFlags.NONBLOCK) != 0
          ? context.fail(Errno.EAGAIN, "eventfd: zero")
          : context.simulated() ? new Result.Blocked("the counter") : FileData.UNKNOWN;
    }
    long taken = counter.semaphore() ? Math.min(1, counter.count()) : counter.count();
    context.put(Tables.EVENT_COUNTERS, counter.withCount(counter.count() - taken));
    byte[] bytes = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN).putLong(taken).array();
    return Result.value(SIZE, fill.apply(new Text(ByteBuffer.wrap(bytes), false, null)));
  }

  static Result write(CallContext context, OpenFileDescription file, Bytes data, long count) {
    // eventfd_write() takes exactly the counter, and more than it is EINVAL since 6.9.
    if (count != SIZE && context.refuse("eventfd: size")) {
      return context.fail(Errno.EINVAL, "eventfd: size");
    }
    EventCounter counter = context.state().eventCounters.get(file.key());
    if (data == null || data.length() != SIZE || counter == null) {
      if (counter != null) {
        context.remove(Tables.EVENT_COUNTERS, counter.key());
      }
      return context.assuming() ? Result.value(SIZE) : FileData.UNKNOWN;
    }
    long value = ByteBuffer.wrap(data.toArray()).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (value == -1 && context.refuse("eventfd: value")) {
      return context.fail(Errno.EINVAL, "eventfd: value");
    }
    boolean fits = Long.compareUnsigned(-1 - counter.count(), value) > 0;
    if (!fits && !context.assuming()) {
      return (file.flags() & OpenFlags.NONBLOCK) != 0
          ? context.fail(Errno.EAGAIN, "eventfd: full")
          : context.simulated() ? new Result.Blocked("the counter") : FileData.UNKNOWN;
    }
    context.put(Tables.EVENT_COUNTERS, counter.withCount(counter.count() + value));
    return Result.value(SIZE);
  }
}
