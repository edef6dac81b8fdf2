package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.file.UnixQueue;
import io.kledger.engine.inet.Datagrams;
import io.kledger.engine.inet.Ipv4;
import io.kledger.engine.inet.Routes;
import io.kledger.event.Bytes;
import io.kledger.event.avro.SocketAddress;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.Socket;
import io.kledger.kernel.file.SocketMessage;
import io.kledger.kernel.inet.InetSocket;
import io.kledger.kernel.inet.PacketSource;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Datagrams over IPv4: udp_sendmsg(), udp_recvmsg(). */
final class InetData {
  private static final int BROADCAST = -1;
  private static final Pattern ADDRESS = Pattern.compile("inet_addr\\(\"([0-9.]+)\"\\)");
  private static final Pattern PORT = Pattern.compile("htons\\(([0-9]+)\\)");

  private InetData() {}

  /**
   * An address and a port.
   *
   * @param address in host byte order
   */
  record Endpoint(int address, int port) {}

  /** What struct sockaddr_in says; null if the trace does not show it. */
  static Endpoint endpoint(SocketAddress address) {
    String text = Arguments.text(address.getRest());
    Matcher where = ADDRESS.matcher(text);
    if (!where.find()) {
      return null;
    }
    Matcher port = PORT.matcher(text);
    return new Endpoint(
        Ipv4.parse(where.group(1)), port.find() ? (int) Arguments.number(port.group(1), 0) : 0);
  }

  /** As strace prints struct sockaddr_in. */
  static SocketAddress address(int address, int port) {
    String rest =
        "sin_port=htons(%d), sin_addr=inet_addr(\"%s\")".formatted(port, Ipv4.text(address));
    return SocketAddress.newBuilder()
        .setFamily(InetSocket.AF_INET)
        .setRest(InetCalls.raw(rest))
        .build();
  }

  /** Whether another socket of the type has a port at an address. */
  static boolean taken(KernelState state, Socket socket, int address, int port) {
    for (InetSocket other : state.inetSockets.rows()) {
      Socket row = other.key() == socket.key() ? null : state.sockets.get(other.key());
      boolean same =
          row != null
              && other.port() == port
              && row.type() == socket.type()
              && row.netNs() == socket.netNs();
      if (same && (address == 0 || other.source() == 0 || other.source() == address)) {
        return true;
      }
    }
    return false;
  }

  /** Whether datagrams of a socket are modelled. */
  static boolean handles(CallContext context, Socket socket) {
    return context.simulated()
        && socket.family() == InetSocket.AF_INET
        && socket.type() == Socket.DGRAM;
  }

  /** udp_sendmsg(). */
  static Result send(
      CallContext context, Socket socket, SocketAddress address, long length, Bytes data) {
    KernelState state = context.state();
    InetSocket inet = Routes.socket(state, socket.key());
    if (address == null && inet.peerPort() == 0) {
      return context.fail(Errno.EDESTADDRREQ, "udp_sendmsg: no destination");
    }
    if (address != null && address.getFamily() != InetSocket.AF_INET) {
      return context.fail(Errno.EAFNOSUPPORT, "udp_sendmsg: family");
    }
    Endpoint to = address == null ? new Endpoint(inet.peer(), inet.peerPort()) : endpoint(address);
    if (to == null) {
      return new Result.Unknown("the address");
    }
    if (to.port() == 0) {
      return context.fail(Errno.EINVAL, "udp_sendmsg: port");
    }
    if (to.address() == BROADCAST && !socket.has(Socket.Option.BROADCAST)) {
      return context.fail(Errno.EACCES, "F52 SO_BROADCAST");
    }
    int device = inet.device() == 0 ? inet.unicast() : inet.device();
    Routes.Way way = Routes.find(state, socket.netNs(), to.address(), device);
    if (way == null) {
      return context.fail(Errno.ENETUNREACH, "F52 no route");
    }
    int port = inet.port() == 0 ? InetCalls.port(socket) : inet.port();
    if (port != inet.port()) {
      context.put(Tables.INET_SOCKETS, inet.withSource(inet.source(), port));
    }
    context.notice(
        "socket.route",
        "pid",
        Integer.toString(context.task().tid()),
        "oif",
        Integer.toString(way.device()),
        "src",
        Ipv4.text(inet.source() == 0 ? way.source() : inet.source()),
        "reason",
        inet.device() != 0 ? "BOUND_DEV" : device != 0 ? "UNICAST_IF" : "ROUTE");
    if (device == 0 && Routes.own(state, socket.netNs(), to.address())) {
      int source = inet.source() == 0 ? way.source() : inet.source();
      Datagrams.deliver(
          context, socket.netNs(), to.address(), to.port(), source, port, length, data);
    }
    return Result.value(length);
  }

  /** Where a received datagram came from; null if it is none. */
  static SocketAddress source(CallContext context, SocketMessage message) {
    PacketSource row = message == null ? null : context.state().packetSources.get(message.key());
    return row == null ? null : address(row.address(), row.port());
  }

  /**
   * The name of who sent the message that is first in a queue; null if it has none. Asked for
   * before the message is taken.
   */
  static SocketAddress sender(CallContext context, Socket socket) {
    KernelState state = context.state();
    long first = state.messagesBySocket.count(socket.key()) == 0 ? 0 : first(state, socket);
    SocketMessage message = first == 0 ? null : state.messages.get(first);
    if (message == null || socket.family() != Socket.AF_UNIX) {
      return source(context, message);
    }
    Socket from = state.sockets.get(message.sender());
    return from == null || !UnixNames.named(from) ? null : UnixNames.address(from);
  }

  private static long first(KernelState state, Socket socket) {
    return state.messagesBySocket.keys(socket.key())[0];
  }

  /** The datagram was taken out of its queue. */
  static void taken(CallContext context, UnixQueue.Received received) {
    SocketMessage message = received.message();
    if (message != null
        && context.state().packetSources.get(message.key()) != null
        && context.state().messages.get(message.key()) == null) {
      context.remove(Tables.PACKET_SOURCES, message.key());
    }
  }
}
