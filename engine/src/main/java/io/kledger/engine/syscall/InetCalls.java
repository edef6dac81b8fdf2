package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.file.OpenFlags;
import io.kledger.engine.inet.Ipv4;
import io.kledger.engine.inet.Routes;
import io.kledger.event.Bytes;
import io.kledger.event.avro.GetpeernameCall;
import io.kledger.event.avro.GetsocknameCall;
import io.kledger.event.avro.Raw;
import io.kledger.event.avro.SocketAddress;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.Socket;
import io.kledger.kernel.inet.InetSocket;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** IPv4 sockets: whom they are connected to does not matter, only from which address. */
final class InetCalls {
  private static final int BROADCAST = -1;
  private static final int FIRST_PORT = 32768;
  private static final int PORTS = 28232;
  private static final Pattern ADDRESS = Pattern.compile("inet_addr\\(\"([0-9.]+)\"\\)");

  private InetCalls() {}

  /** __ip4_datagram_connect(), tcp_v4_connect(). */
  static Result connect(CallContext context, SocketCalls.Found found, SocketAddress address) {
    Matcher matcher = ADDRESS.matcher(Arguments.text(address.getRest()));
    if (!context.simulated() || !matcher.find()) {
      return new Result.Unknown("the address");
    }
    if (address.getFamily() != InetSocket.AF_INET) {
      return context.fail(Errno.EAFNOSUPPORT, "F52 family");
    }
    Socket socket = found.socket();
    KernelState state = context.state();
    InetSocket inet = Routes.socket(state, socket.key());
    boolean datagrams = socket.type() == Socket.DGRAM;
    int destination = Ipv4.parse(matcher.group(1));
    // TCP stores IP_UNICAST_IF and ignores it.
    int device = inet.device() == 0 && datagrams ? inet.unicast() : inet.device();
    if (destination == BROADCAST && !socket.has(Socket.Option.BROADCAST)) {
      return datagrams
          ? context.fail(Errno.EACCES, "F52 SO_BROADCAST")
          : context.fail(Errno.ENETUNREACH, "F52 broadcast");
    }
    Routes.Way way = Routes.find(state, socket.netNs(), destination, device);
    if (way == null) {
      return context.fail(Errno.ENETUNREACH, "F52 no route");
    }
    int source = inet.source() == 0 ? way.source() : inet.source();
    int port = inet.port() == 0 ? port(socket) : inet.port();
    context.put(Tables.INET_SOCKETS, inet.withSource(source, port));
    context.notice(
        "socket.route",
        "pid",
        Integer.toString(context.task().tid()),
        "oif",
        Integer.toString(way.device()),
        "src",
        Ipv4.text(source),
        "reason",
        inet.device() != 0 ? "BOUND_DEV" : device != 0 ? "UNICAST_IF" : "ROUTE");
    if (datagrams) {
      context.put(Tables.SOCKETS, socket.withState(Socket.State.CONNECTED, 0));
      return Result.ZERO;
    }
    return (found.file().flags() & OpenFlags.NONBLOCK) != 0
        ? context.fail(Errno.EINPROGRESS, "F52 the other side answers later")
        : new Result.Unknown("whether anybody answers");
  }

  /** The kernel chooses at random; a simulation by the socket. */
  private static int port(Socket socket) {
    return FIRST_PORT + (int) (socket.key() % PORTS);
  }

  /** getsockname(2). */
  static Result name(CallContext context, GetsocknameCall call) {
    SocketCalls.Found found = SocketCalls.find(context, call.getFd());
    if (found == null) {
      return SocketCalls.failure(context, call.getFd());
    }
    Socket socket = found.socket();
    if (!context.simulated()) {
      return Result.ZERO;
    }
    if (socket.family() == Socket.AF_UNIX) {
      return UnixNames.answer(call, socket);
    }
    if (socket.family() != InetSocket.AF_INET) {
      return new Result.Unknown("the answer");
    }
    InetSocket inet = Routes.socket(context.state(), socket.key());
    String rest =
        "sin_port=htons(%d), sin_addr=inet_addr(\"%s\")"
            .formatted(inet.port(), Ipv4.text(inet.source()));
    SocketAddress address =
        SocketAddress.newBuilder().setFamily(InetSocket.AF_INET).setRest(raw(rest)).build();
    return Result.value(
        0, GetsocknameCall.newBuilder(call).setAddress(address).setLength(raw("[16]")).build());
  }

  /** getpeername(2): of AF_UNIX, whose ends know each other. */
  static Result peer(CallContext context, GetpeernameCall call) {
    SocketCalls.Found found = SocketCalls.find(context, call.getFd());
    if (found == null) {
      return SocketCalls.failure(context, call.getFd());
    }
    Socket socket = found.socket();
    if (socket.family() != Socket.AF_UNIX || !context.simulated()) {
      return new Result.Unknown("the peer");
    }
    Socket peer = socket.peer() == 0 ? null : context.state().sockets.get(socket.peer());
    if (peer == null) {
      return context.fail(Errno.ENOTCONN, "C12 no peer");
    }
    return Result.value(
        0,
        GetpeernameCall.newBuilder(call)
            .setAddress(UnixNames.address(peer))
            .setLength(raw("[" + UnixNames.length(peer) + "]"))
            .build());
  }

  static Raw raw(String text) {
    return new Raw(Bytes.of(text.getBytes(StandardCharsets.ISO_8859_1)).toBuffer());
  }
}
