package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.Result;
import io.kledger.engine.file.OpenFlags;
import io.kledger.engine.inet.Ipv4;
import io.kledger.engine.inet.Routes;
import io.kledger.engine.ns.Capability;
import io.kledger.event.Bytes;
import io.kledger.event.avro.GetpeernameCall;
import io.kledger.event.avro.GetsocknameCall;
import io.kledger.event.avro.Raw;
import io.kledger.event.avro.SocketAddress;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.Socket;
import io.kledger.kernel.inet.InetSocket;
import io.kledger.kernel.ns.Namespace;
import java.nio.charset.StandardCharsets;

/** IPv4 sockets: whom they are connected to does not matter, only from which address. */
final class InetCalls {
  private static final int BROADCAST = -1;
  private static final int FIRST_PORT = 32768;
  private static final int PORTS = 28232;
  private static final int AF_UNSPEC = 0;

  /** Bytes of struct sockaddr_in. */
  private static final int SOCKADDR_IN = 16;

  /** Ports below it need CAP_NET_BIND_SERVICE. */
  private static final int RESERVED = 1024;

  private static final int NET_BIND_SERVICE = 10;

  private InetCalls() {}

  /** __ip4_datagram_connect(), tcp_v4_connect(). */
  static Result connect(
      CallContext context, SocketCalls.Found found, SocketAddress address, long length) {
    if (!context.simulated()) {
      return new Result.Unknown("the address");
    }
    Socket socket = found.socket();
    if (address.getFamily() == AF_UNSPEC) {
      return disconnect(context, socket);
    }
    if (length < SOCKADDR_IN) {
      return context.fail(Errno.EINVAL, "F52 length of the address");
    }
    if (address.getFamily() != InetSocket.AF_INET) {
      return context.fail(Errno.EAFNOSUPPORT, "F52 family");
    }
    InetData.Endpoint to = InetData.endpoint(address);
    if (to == null) {
      return new Result.Unknown("the address");
    }
    KernelState state = context.state();
    InetSocket inet = Routes.socket(state, socket.key());
    boolean datagrams = socket.type() == Socket.DGRAM;
    int destination = to.address();
    // TCP stores IP_UNICAST_IF and ignores it; so did connect(2) of datagram sockets before 6.1.
    boolean chosen = datagrams && context.profile().has(KernelFeature.UNICAST_IF);
    int device = inet.device() == 0 && chosen ? inet.unicast() : inet.device();
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
    InetSocket bound = inet.withSource(source, port);
    context.put(Tables.INET_SOCKETS, datagrams ? bound.withPeer(destination, to.port()) : bound);
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

  /** __udp_disconnect(): an address or port that bind(2) did not choose goes. */
  private static Result disconnect(CallContext context, Socket socket) {
    InetSocket inet = Routes.socket(context.state(), socket.key());
    context.put(Tables.INET_SOCKETS, inet.withPeer(0, 0));
    context.put(Tables.SOCKETS, socket.withState(Socket.State.UNCONNECTED, 0));
    return Result.ZERO;
  }

  /** inet_bind(): an address of the namespace's own, and a port that nobody has. */
  static Result bind(CallContext context, Socket socket, SocketAddress address, long length) {
    if (!context.simulated()) {
      return new Result.Unknown("the address");
    }
    if (length < SOCKADDR_IN) {
      return context.fail(Errno.EINVAL, "inet_bind: length");
    }
    InetData.Endpoint at = InetData.endpoint(address);
    if (address.getFamily() != InetSocket.AF_INET) {
      return context.fail(Errno.EAFNOSUPPORT, "inet_bind: family");
    }
    if (at == null) {
      return new Result.Unknown("the address");
    }
    KernelState state = context.state();
    if (!Routes.own(state, socket.netNs(), at.address())) {
      return context.fail(Errno.EADDRNOTAVAIL, "inet_bind: address");
    }
    Namespace net = state.namespaces.get(socket.netNs());
    boolean reserved =
        at.port() != 0
            && at.port() < RESERVED
            && net != null
            && !Capability.over(state, context.task().credentials(), net.owner(), NET_BIND_SERVICE);
    if (reserved) {
      return context.fail(Errno.EACCES, "inet_bind: reserved port");
    }
    InetSocket inet = Routes.socket(state, socket.key());
    if (inet.port() != 0) {
      return context.fail(Errno.EINVAL, "inet_bind: bound already");
    }
    int port = at.port() == 0 ? port(socket) : at.port();
    if (InetData.taken(state, socket, at.address(), port)) {
      return context.fail(Errno.EADDRINUSE, "inet_bind: port in use");
    }
    context.put(Tables.INET_SOCKETS, inet.withSource(at.address(), port));
    return Result.ZERO;
  }

  /** The kernel chooses at random; a simulation by the socket. */
  static int port(Socket socket) {
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
    SocketAddress address = InetData.address(inet.source(), inet.port());
    return Result.value(
        0, GetsocknameCall.newBuilder(call).setAddress(address).setLength(raw("[16]")).build());
  }

  private static Result inetPeer(CallContext context, GetpeernameCall call, Socket socket) {
    InetSocket inet = Routes.socket(context.state(), socket.key());
    if (inet.peerPort() == 0) {
      return socket.type() == Socket.DGRAM
          ? context.fail(Errno.ENOTCONN, "inet_getname: no peer")
          : new Result.Unknown("the peer");
    }
    SocketAddress address = InetData.address(inet.peer(), inet.peerPort());
    return Result.value(
        0, GetpeernameCall.newBuilder(call).setAddress(address).setLength(raw("[16]")).build());
  }

  /** getpeername(2). */
  static Result peer(CallContext context, GetpeernameCall call) {
    SocketCalls.Found found = SocketCalls.find(context, call.getFd());
    if (found == null) {
      return SocketCalls.failure(context, call.getFd());
    }
    Socket socket = found.socket();
    if (socket.family() == InetSocket.AF_INET && context.simulated()) {
      return inetPeer(context, call, socket);
    }
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
