package io.kledger.engine.syscall;

import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.file.FdInference;
import io.kledger.event.Bytes;
import io.kledger.event.avro.ReadCall;
import io.kledger.event.avro.Text;

/** Records that a read from a fanotify group gives: they bring open descriptors with them. */
final class FanotifyEvents {
  /** struct fanotify_event_metadata: its size, and where the descriptor is. */
  private static final int METADATA = 24;

  private static final int FD = 16;

  /** struct fanotify_event_info_header: its size; and the kind that holds a pidfd. */
  private static final int INFO = 4;

  private static final int PIDFD_INFO = 4;

  private FanotifyEvents() {}

  static Result read(CallContext context, ReadCall call) {
    if (!context.assuming()) {
      return FileData.UNKNOWN;
    }
    long count = context.observedOr(0);
    if (call.getData() instanceof Text text && !text.getCut() && text.getAddress() == null) {
      install(context, Bytes.of(text.getValue()));
    }
    return Result.value(count);
  }

  private static void install(CallContext context, Bytes records) {
    int at = 0;
    while (at + METADATA <= records.length()) {
      int length = number(records, at);
      if (length < METADATA || at + length > records.length()) {
        return;
      }
      install(context, number(records, at + FD));
      for (int info = at + METADATA; info + INFO < at + length; ) {
        int size = number(records, info) >>> 16;
        if (records.at(info) == PIDFD_INFO) {
          install(context, number(records, info + INFO));
        }
        info += Math.max(size, INFO);
      }
      at += length;
    }
  }

  private static void install(CallContext context, int fd) {
    long table = context.task().files();
    if (fd >= 0 && context.state().fd(table, fd) == null) {
      FdInference.infer(context, table, fd, null);
    }
  }

  private static int number(Bytes bytes, int at) {
    int value = 0;
    for (int i = 3; i >= 0; i--) {
      value = value << 8 | bytes.at(at + i) & 0xff;
    }
    return value;
  }
}
