package io.kledger.engine.syscall;

import io.kledger.abi.Constants;
import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.Result;
import io.kledger.engine.inet.Routes;
import io.kledger.engine.ns.Capability;
import io.kledger.event.avro.GetsockoptCall;
import io.kledger.event.avro.Raw;
import io.kledger.event.avro.SetsockoptCall;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.Socket;
import io.kledger.kernel.inet.InetSocket;
import io.kledger.kernel.inet.NetInterface;
import io.kledger.kernel.ns.Namespace;

/** Options of level SOL_SOCKET that every family has: time stamps, SO_BROADCAST, the device. */
final class OtherOptions {
  private static final int BROADCAST = 6;
  private static final int BINDTODEVICE = 25;
  private static final int TIMESTAMP = 0x1d;
  private static final int TIMESTAMPNS = 0x23;
  private static final int TIMESTAMP_NEW = 0x3f;
  private static final int TIMESTAMPNS_NEW = 0x40;
  private static final int TS_CLOCK = 0x1017;
  private static final int NET_RAW = 13;
  private static final int STAMPS =
      Socket.Option.TIMESTAMP | Socket.Option.TIMESTAMPNS | Socket.Option.NEW_STAMP;

  private static final int CLOCKS = Socket.Option.MONOTONIC | Socket.Option.REALTIME;

  private OtherOptions() {}

  /** The number of an option that is one of these, else -1. */
  private static int number(Raw option) {
    String text = Arguments.text(option).strip();
    return switch (text) {
      case "SO_TIMESTAMP", "SO_TIMESTAMP_OLD" -> TIMESTAMP;
      case "SO_TIMESTAMPNS", "SO_TIMESTAMPNS_OLD" -> TIMESTAMPNS;
      case "SO_TIMESTAMP_NEW" -> TIMESTAMP_NEW;
      case "SO_TIMESTAMPNS_NEW" -> TIMESTAMPNS_NEW;
      case "SO_TS_CLOCK" -> TS_CLOCK;
      case "SO_BROADCAST" -> BROADCAST;
      case "SO_BINDTODEVICE" -> BINDTODEVICE;
      default -> {
        int number = (int) Arguments.number(text, -1);
        yield switch (number) {
          case TIMESTAMP,
              TIMESTAMPNS,
              TIMESTAMP_NEW,
              TIMESTAMPNS_NEW,
              TS_CLOCK,
              BROADCAST,
              BINDTODEVICE ->
              number;
          default -> -1;
        };
      }
    };
  }

  /** Null if the option is none of these. */
  static Result set(CallContext context, SetsockoptCall call, Socket socket) {
    int option = number(call.getOption());
    if (option < 0) {
      return null;
    }
    if (option == BINDTODEVICE) {
      return device(context, call, socket);
    }
    if (call.getLength() < 4 && context.refuse("setsockopt: length")) {
      return context.fail(Errno.EINVAL, "setsockopt: length");
    }
    if (Arguments.isNull(call.getValue()) && context.refuse("setsockopt: address")) {
      return context.fail(Errno.EFAULT, "setsockopt: address");
    }
    String text = Arguments.text(call.getValue());
    if (option == TS_CLOCK) {
      return clock(context, text, socket);
    }
    boolean on = Arguments.number(text, 0) != 0;
    int bits = option == BROADCAST ? Socket.Option.BROADCAST : STAMPS;
    int options = socket.options() & ~bits | (on ? bitsOf(option) : 0);
    put(context, socket, options);
    return Result.ZERO;
  }

  private static int bitsOf(int option) {
    return switch (option) {
      case BROADCAST -> Socket.Option.BROADCAST;
      case TIMESTAMP -> Socket.Option.TIMESTAMP;
      case TIMESTAMPNS -> Socket.Option.TIMESTAMPNS;
      case TIMESTAMP_NEW -> Socket.Option.TIMESTAMP | Socket.Option.NEW_STAMP;
      default -> Socket.Option.TIMESTAMPNS | Socket.Option.NEW_STAMP;
    };
  }

  private static void put(CallContext context, Socket socket, int options) {
    if (options != socket.options()) {
      context.put(Tables.SOCKETS, socket.withOptions(options));
    }
  }

  private static Result clock(CallContext context, String text, Socket socket) {
    boolean known = context.profile().has(KernelFeature.MONOTONIC_STAMPS);
    if (!known && context.refuse("setsockopt: option")) {
      return context.fail(Errno.ENOPROTOOPT, "setsockopt: option");
    }
    String word = text.replace("[", "").replace("]", "").strip();
    Long constant = Constants.value(word);
    long value = constant == null ? Arguments.number(word, -1) : constant;
    if (value != 0 && value != 2 && value != 3) {
      return context.fail(Errno.EINVAL, "F15 clock");
    }
    int bit = value == 3 ? Socket.Option.MONOTONIC : value == 2 ? Socket.Option.REALTIME : 0;
    put(context, socket, socket.options() & ~CLOCKS | bit);
    return Result.ZERO;
  }

  private static String clock(Socket socket) {
    if (socket.has(Socket.Option.MONOTONIC)) {
      return "SO_TS_MONOTONIC";
    }
    return socket.has(Socket.Option.REALTIME) ? "SO_TS_REALTIME" : "SO_TS_REALTIME_MICRO";
  }

  /** sock_setbindtodevice(): by name; an empty one unbinds. */
  private static Result device(CallContext context, SetsockoptCall call, Socket socket) {
    String name = Arguments.text(call.getValue()).replace("\"", "").replace("\\0", "");
    if (!context.simulated()) {
      return new Result.Unknown("the network devices");
    }
    KernelState state = context.state();
    InetSocket inet = Routes.socket(state, socket.key());
    Namespace net = state.namespaces.get(socket.netNs());
    boolean may =
        inet.device() == 0
            || net != null
                && Capability.over(state, context.task().credentials(), net.owner(), NET_RAW);
    if (!may) {
      return context.fail(Errno.EPERM, "F52 SO_BINDTODEVICE");
    }
    NetInterface device = Routes.named(state, socket.netNs(), name);
    if (!name.isEmpty() && device == null) {
      return context.fail(Errno.ENODEV, "F52 SO_BINDTODEVICE");
    }
    context.put(Tables.INET_SOCKETS, inet.withDevice(device == null ? 0 : device.index()));
    return Result.ZERO;
  }

  /** Null if the option is none of these. */
  static Result get(CallContext context, GetsockoptCall call, Socket socket) {
    if (socket.inferred()) {
      return null;
    }
    return switch (number(call.getOption())) {
      case TIMESTAMP, TIMESTAMP_NEW -> flag(call, socket, Socket.Option.TIMESTAMP);
      case TIMESTAMPNS, TIMESTAMPNS_NEW -> flag(call, socket, Socket.Option.TIMESTAMPNS);
      case BROADCAST -> flag(call, socket, Socket.Option.BROADCAST);
      case TS_CLOCK ->
          context.profile().has(KernelFeature.MONOTONIC_STAMPS)
              ? SocketOptions.answer(call, "[" + clock(socket) + "]", 4)
              : context.fail(Errno.ENOPROTOOPT, "getsockopt: option");
      default -> null;
    };
  }

  private static Result flag(GetsockoptCall call, Socket socket, int option) {
    return SocketOptions.answer(call, socket.has(option) ? "[1]" : "[0]", 4);
  }
}
