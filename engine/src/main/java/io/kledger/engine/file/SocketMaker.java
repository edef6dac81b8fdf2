package io.kledger.engine.file;

import io.kledger.engine.CallContext;
import io.kledger.event.Bytes;
import io.kledger.ingest.strace.FdAnnotation;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.RightsFilter;
import io.kledger.kernel.file.Socket;
import io.kledger.kernel.task.Credentials;

/** Makes sockets: sock_create(), sock_alloc_file(). */
public final class SocketMaker {
  private SocketMaker() {}

  /**
   * A new socket of the calling task.
   *
   * @param number of its sockfs inode if the trace shows it, else 0
   */
  public static Socket create(
      CallContext context, int family, int type, int protocol, long number) {
    Inode inode = Files.anonymousInode(context, Inode.S_IFSOCK | 0777, number);
    Socket socket = blank(context, family, type, protocol, inode.key(), false);
    context.put(Tables.SOCKETS, socket);
    return socket;
  }

  private static Socket blank(
      CallContext context, int family, int type, int protocol, long inode, boolean inferred) {
    return new Socket(
        context.newKey(),
        family,
        type,
        protocol,
        inode,
        Socket.State.UNCONNECTED,
        0,
        Bytes.EMPTY,
        false,
        0,
        0,
        0,
        context.task().namespaces().net(),
        0,
        0,
        -1,
        -1,
        0,
        inferred);
  }

  /** Its open file description, emitted. */
  public static OpenFileDescription file(CallContext context, Socket socket, long flags) {
    Inode inode = context.state().inodes.get(socket.inode());
    String name = "socket:[" + (inode == null ? 0 : inode.number()) + "]";
    return Files.object(
        context,
        FileKind.SOCKET,
        socket.key(),
        name,
        socket.inode(),
        OpenFlags.RDWR | flags & OpenFlags.NONBLOCK);
  }

  /** init_peercred(): SO_PEERCRED of this socket tells the calling process. */
  public static Socket withCredentials(CallContext context, Socket socket) {
    Credentials who = context.task().credentials();
    return socket.withCredentials(
        UnixQueue.process(context), who.euid(), who.egid(), UnixQueue.cgroupId(context));
  }

  /** A connection that waits to be accepted at a listener: no inode yet. */
  public static Socket embryo(CallContext context, Socket listener, Socket client) {
    Socket made =
        blank(context, listener.family(), listener.type(), 0, 0, false)
            .withName(listener.name(), listener.abstractName(), 0)
            .withOptions(listener.options() & Socket.Option.INHERITED)
            .withListener(listener.key())
            .withState(Socket.State.CONNECTED, client.key());
    Socket embryo = withCredentials(context, made);
    context.put(Tables.SOCKETS, embryo);
    RightsFilter filter = context.state().rightsFilters.get(listener.key());
    if (filter != null) {
      context.put(Tables.RIGHTS_FILTERS, filter.of(embryo.key()));
    }
    return embryo;
  }

  /** The socket that an annotation tells of, whose creation the log has not shown. */
  static Socket infer(CallContext context, FdTarget told) {
    KernelState state = context.state();
    long inode = FdInference.anonymousInode(context, FileKind.SOCKET, told.number());
    Socket known = told.number() == 0 ? null : state.socketsByInode.first(inode);
    if (known != null) {
      return known;
    }
    boolean unix = told.annotation() instanceof FdAnnotation.UnixSocket;
    int type = 0;
    long peerNumber = 0;
    if (told.annotation() instanceof FdAnnotation.UnixSocket shown) {
      type = type(shown.type());
      peerNumber = shown.peer();
    }
    Socket socket = blank(context, unix ? Socket.AF_UNIX : 0, type, 0, inode, true);
    context.put(Tables.SOCKETS, socket);
    return peerNumber == 0 ? socket : connect(context, socket, peerNumber);
  }

  /** Both ends of an inferred connection refer to each other if the other end is known. */
  private static Socket connect(CallContext context, Socket socket, long peerNumber) {
    KernelState state = context.state();
    Socket peer = null;
    for (long key : state.inodesByNumber.keys(KernelState.pair(0, peerNumber))) {
      Inode inode = state.inodes.get(key);
      if (inode.superblock() == 0 && inode.number() == peerNumber) {
        peer = state.socketsByInode.first(key);
      }
    }
    long other = peer == null ? 0 : peer.key();
    Socket connected = socket.withState(Socket.State.CONNECTED, other);
    context.put(Tables.SOCKETS, connected);
    if (peer != null && peer.peer() == 0) {
      context.put(Tables.SOCKETS, peer.withState(Socket.State.CONNECTED, socket.key()));
    }
    return connected;
  }

  private static int type(String shown) {
    return switch (shown) {
      case "UNIX-DGRAM", "UNIX" -> Socket.DGRAM;
      case "UNIX-SEQPACKET" -> Socket.SEQPACKET;
      default -> Socket.STREAM;
    };
  }
}
