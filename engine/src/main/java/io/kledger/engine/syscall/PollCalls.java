package io.kledger.engine.syscall;

import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.file.FdTables;
import io.kledger.event.avro.PollCall;
import io.kledger.event.avro.PpollCall;
import io.kledger.event.avro.Raw;
import java.util.ArrayList;
import java.util.List;

/** poll(2): do_poll() of fs/select.c. What is ready is told where the ledger holds it. */
final class PollCalls {
  private static final int ALWAYS = Readiness.POLLERR | Readiness.POLLHUP | Readiness.POLLNVAL;

  /** By bit. */
  private static final String[] NAMES = {
    "POLLIN",
    "POLLPRI",
    "POLLOUT",
    "POLLERR",
    "POLLHUP",
    "POLLNVAL",
    "POLLRDNORM",
    "POLLRDBAND",
    "POLLWRNORM",
    "POLLWRBAND",
    "POLLMSG",
    null,
    null,
    "POLLRDHUP"
  };

  private PollCalls() {}

  static void register(SyscallTable.Builder table) {
    String missing = "signalfds, timerfds, terminals, families of sockets other than AF_UNIX";
    table
        .partial(
            PollCall.class, missing, (c, call) -> poll(c, call.getFds(), call.getTimeout() == 0))
        .partial(
            PpollCall.class,
            missing,
            (c, call) -> poll(c, call.getFds(), zero(Arguments.text(call.getTimeout()))));
  }

  private static boolean zero(String time) {
    return time.replace(" ", "").contains("tv_sec=0,tv_nsec=0}");
  }

  private static Result poll(CallContext context, Raw fds, boolean once) {
    List<String> ready = new ArrayList<>();
    if (!Arguments.text(fds).startsWith("[") && !context.simulated()) {
      return new Result.Unknown("the trace does not show what is polled");
    }
    for (String text : RawStruct.split(inner(RawStruct.text(fds)))) {
      RawStruct entry = RawStruct.of(new Raw(bytes(text)));
      if (entry == null) {
        return new Result.Unknown("the trace does not show what is polled");
      }
      long fd = Arguments.number(String.valueOf(entry.member("fd")), -1);
      if (fd < 0) {
        continue;
      }
      int wanted = (int) entry.number("events") | ALWAYS;
      int events = events(context, (int) fd, once);
      if (events == Readiness.UNKNOWN) {
        return context.assuming()
            ? Result.value(context.observedOr(0))
            : new Result.Unknown("what the file has to tell");
      }
      if ((events & wanted) != 0) {
        ready.add("{fd=" + fd + ", revents=" + names(events & wanted) + "}");
      }
    }
    if (!ready.isEmpty()) {
      return Result.detailed(ready.size(), "[" + String.join(", ", ready) + "]");
    }
    if (once) {
      return Result.detailed(0, "Timeout");
    }
    // A trace shows the return only: what came in between may be gone, or be printed later.
    return context.simulated()
        ? new Result.Blocked("an event")
        : new Result.Unknown("what came while it waited");
  }

  private static java.nio.ByteBuffer bytes(String text) {
    return io.kledger.event.Bytes.of(text).toBuffer();
  }

  private static String inner(String list) {
    String text = list.strip();
    return text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : "";
  }

  private static int events(CallContext context, int number, boolean once) {
    return switch (FdTables.get(context, number)) {
      case FdTables.NotOpen none -> Readiness.POLLNVAL;
      case FdTables.NotSeen none -> Readiness.UNKNOWN;
      case FdTables.Open open ->
          open.description().pathOnly()
              ? Readiness.POLLNVAL
              : once
                      && !context.simulated()
                      && Readiness.uncertain(context.state(), open.description())
                  ? Readiness.UNKNOWN
                  : Readiness.of(context, open.description());
    };
  }

  private static String names(int events) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < NAMES.length; i++) {
      if ((events >> i & 1) != 0) {
        names.add(NAMES[i]);
      }
    }
    return String.join("|", names);
  }
}
