package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.Result;
import io.kledger.event.avro.GetsockoptCall;
import io.kledger.event.avro.Raw;
import io.kledger.event.avro.SetsockoptCall;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.RightsFilter;
import io.kledger.kernel.file.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Switches of sockets: sk_setsockopt(), sk_getsockopt() of level SOL_SOCKET. */
final class SocketOptions {
  private static final int SOL_SOCKET = 1;
  private static final int AF_NETLINK = 16;

  /** SO_RIGHTS_NOTRUNC, the highest number that a kernel has. */
  private static final int HIGHEST = 85;

  private static final int SO_PEERCGROUPID = 0x1001;

  private SocketOptions() {}

  /** A switch of the model: its number, its bit, and which kernels have it (null: all). */
  private enum Switch {
    PASSCRED(16, Socket.Option.PASSCRED, null),
    PASSSEC(34, Socket.Option.PASSSEC, null),
    PASSPIDFD(76, Socket.Option.PASSPIDFD, KernelFeature.SCM_PIDFD),
    PASSRIGHTS(83, Socket.Option.NO_RIGHTS, KernelFeature.REFUSE_RIGHTS),
    RIGHTS_NOTRUNC(85, Socket.Option.NOTRUNC, KernelFeature.RIGHTS_NOTRUNC),
    PASSCGROUPID(0x1000, Socket.Option.PASSCGROUPID, KernelFeature.SCM_CGROUPID);

    private final int number;
    private final int bit;
    private final KernelFeature feature;

    Switch(int number, int bit, KernelFeature feature) {
      this.number = number;
      this.bit = bit;
      this.feature = feature;
    }

    static Switch of(Raw option) {
      for (Switch one : values()) {
        if (Arguments.is(option, "SO_" + one.name(), one.number)) {
          return one;
        }
      }
      return null;
    }

    boolean known(CallContext context) {
      return feature == null || context.profile().has(feature);
    }

    /** Whether a family has it: sk_may_scm_recv(), sk_is_unix(). */
    boolean fits(Socket socket) {
      boolean netlink = this == PASSCRED || this == PASSSEC;
      return socket.family() == Socket.AF_UNIX || netlink && socket.family() == AF_NETLINK;
    }
  }

  static Result set(CallContext context, SetsockoptCall call) {
    SocketCalls.Found found = SocketCalls.find(context, call.getFd());
    if (found == null) {
      return SocketCalls.failure(context, call.getFd());
    }
    Socket socket = found.socket();
    if (call.getLevel() != SOL_SOCKET) {
      return InetOptions.set(context, call, socket);
    }
    Result other = OtherOptions.set(context, call, socket);
    if (other != null) {
      return other;
    }
    boolean filter = isFilter(call.getOption());
    Switch one = Switch.of(call.getOption());
    if (one == null && !filter) {
      if (nobodys(call.getOption()) && context.refuse("setsockopt: option")) {
        return context.fail(Errno.ENOPROTOOPT, "setsockopt: option");
      }
      return new Result.Unknown("the option");
    }
    boolean tooShort = filter ? call.getLength() < 0 : call.getLength() < 4;
    if (tooShort && context.refuse("setsockopt: length")) {
      return context.fail(Errno.EINVAL, "setsockopt: length");
    }
    if (Arguments.isNull(call.getValue()) && context.refuse("setsockopt: address")) {
      return context.fail(Errno.EFAULT, "setsockopt: address");
    }
    boolean known =
        filter ? context.profile().has(KernelFeature.RIGHTS_FILTER) : one.known(context);
    if (!known && context.refuse("setsockopt: option")) {
      return context.fail(Errno.ENOPROTOOPT, "setsockopt: option");
    }
    if (socket.inferred() && socket.family() == 0 && !context.assuming()) {
      return new Result.Unknown("whether the family has the option");
    }
    boolean fits = filter ? socket.family() == Socket.AF_UNIX : one.fits(socket);
    if (!fits && context.refuse("setsockopt: family")) {
      return context.fail(Errno.EOPNOTSUPP, "setsockopt: family");
    }
    if (filter) {
      return RightsFilters.set(context, socket, Arguments.text(call.getValue()), call.getLength());
    }
    boolean on = Arguments.number(Arguments.text(call.getValue()), 0) != 0;
    boolean set = one == Switch.PASSRIGHTS ? !on : on;
    int options = set ? socket.options() | one.bit : socket.options() & ~one.bit;
    if (options != socket.options()) {
      context.put(Tables.SOCKETS, socket.withOptions(options));
    }
    return Result.ZERO;
  }

  static Result get(CallContext context, GetsockoptCall call) {
    SocketCalls.Found found = SocketCalls.find(context, call.getFd());
    if (found == null) {
      return SocketCalls.failure(context, call.getFd());
    }
    Socket socket = found.socket();
    Switch one = call.getLevel() == SOL_SOCKET ? Switch.of(call.getOption()) : null;
    if (one != null) {
      return value(context, call, socket, one);
    }
    if (call.getLevel() == SOL_SOCKET && isFilter(call.getOption())) {
      return filter(context, call, socket);
    }
    Result other =
        call.getLevel() == SOL_SOCKET
            ? OtherOptions.get(context, call, socket)
            : InetOptions.get(context, call, socket);
    boolean none = call.getLevel() == SOL_SOCKET && nobodys(call.getOption());
    if (none && context.refuse("getsockopt: option")) {
      return context.fail(Errno.ENOPROTOOPT, "getsockopt: option");
    }
    return other == null ? PeerOptions.get(context, call, socket) : other;
  }

  /** A number that neither a kernel nor a proposal has given to an option of SOL_SOCKET. */
  private static boolean nobodys(Raw option) {
    long number = Arguments.number(Arguments.text(option), 0);
    return number > HIGHEST && number != SO_PEERCGROUPID;
  }

  private static boolean isFilter(Raw option) {
    return Arguments.is(option, "SO_RIGHTS_FILTER", 0x1002);
  }

  private static Result value(CallContext context, GetsockoptCall call, Socket socket, Switch one) {
    if (!one.known(context) && context.refuse("getsockopt: option")) {
      return context.fail(Errno.ENOPROTOOPT, "getsockopt: option");
    }
    if (socket.inferred()) {
      return new Result.Unknown("what was set before");
    }
    if (!one.fits(socket) && context.refuse("getsockopt: family")) {
      return context.fail(Errno.EOPNOTSUPP, "getsockopt: family");
    }
    boolean on = socket.has(one.bit) != (one == Switch.PASSRIGHTS);
    return answer(call, on ? "[1]" : "[0]", 4);
  }

  private static Result filter(CallContext context, GetsockoptCall call, Socket socket) {
    if (!context.profile().has(KernelFeature.RIGHTS_FILTER)) {
      return context.fail(Errno.ENOPROTOOPT, "getsockopt: option");
    }
    if (socket.family() != Socket.AF_UNIX) {
      return context.fail(Errno.EOPNOTSUPP, "getsockopt: family");
    }
    RightsFilter filter = context.state().rightsFilters.get(socket.key());
    return filter == null
        ? context.fail(Errno.ENODATA, "F10 no filter")
        : answer(call, RightsFilters.text(filter), RightsFilters.length(filter));
  }

  static Result answer(GetsockoptCall call, String value, int length) {
    return Result.value(
        0,
        GetsockoptCall.newBuilder(call)
            .setValue(raw(value))
            .setLength(raw("[" + length + "]"))
            .build());
  }

  private static Raw raw(String text) {
    return Raw.newBuilder()
        .setText(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)))
        .build();
  }
}
