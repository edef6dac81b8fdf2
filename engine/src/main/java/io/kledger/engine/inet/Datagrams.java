package io.kledger.engine.inet;

import io.kledger.engine.CallContext;
import io.kledger.engine.time.Timers;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.Socket;
import io.kledger.kernel.file.SocketMessage;
import io.kledger.kernel.inet.InetSocket;
import io.kledger.kernel.inet.PacketSource;
import io.kledger.kernel.time.Timer.Clock;

/** Datagrams that arrive: udp_queue_rcv_skb(). */
public final class Datagrams {
  private Datagrams() {}

  /** Hands a datagram to the socket that has a port of this machine, if there is one. */
  public static void deliver(
      CallContext context,
      long netNs,
      int address,
      int port,
      int source,
      int sourcePort,
      long length,
      Bytes data) {
    KernelState state = context.state();
    for (InetSocket inet : state.inetSockets.rows()) {
      Socket socket = inet.port() == port ? state.sockets.get(inet.key()) : null;
      boolean here =
          socket != null
              && socket.type() == Socket.DGRAM
              && socket.netNs() == netNs
              && (inet.source() == 0 || inet.source() == address);
      boolean fromPeer =
          inet.peerPort() == 0 || inet.peerPort() == sourcePort && inet.peer() == source;
      if (here && fromPeer) {
        queue(context, socket, source, sourcePort, length, data);
        return;
      }
    }
  }

  /**
   * Queues a datagram on a socket.
   *
   * @param source address it came from, in host byte order
   * @param data its bytes; empty if the log does not show all {@code length} of them
   */
  public static void queue(
      CallContext context, Socket to, int source, int sourcePort, long length, Bytes data) {
    long key = context.newKey();
    context.put(
        Tables.MESSAGES,
        new SocketMessage(
            key,
            to.key(),
            0,
            length,
            data == null || data.length() != length ? Bytes.EMPTY : data,
            0,
            0,
            0,
            0,
            0,
            Timers.now(context, Clock.REALTIME),
            Timers.now(context, Clock.MONOTONIC),
            to.has(Socket.Option.TIMESTAMP | Socket.Option.TIMESTAMPNS),
            false));
    context.put(Tables.PACKET_SOURCES, new PacketSource(key, source, sourcePort));
  }
}
