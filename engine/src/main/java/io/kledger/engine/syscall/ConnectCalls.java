package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.file.Access;
import io.kledger.engine.file.Dcache;
import io.kledger.engine.file.OpenFlags;
import io.kledger.engine.file.PathWalk;
import io.kledger.engine.file.SocketMaker;
import io.kledger.engine.file.Sockets;
import io.kledger.engine.watch.Events;
import io.kledger.event.Bytes;
import io.kledger.event.avro.BindCall;
import io.kledger.event.avro.ConnectCall;
import io.kledger.event.avro.ListenCall;
import io.kledger.event.avro.SocketAddress;
import io.kledger.event.avro.Text;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.Socket;
import io.kledger.kernel.inet.InetSocket;

/** Names of AF_UNIX sockets and connections between them: unix_bind(), unix_stream_connect(). */
public final class ConnectCalls {
  private static final int AF_UNSPEC = 0;

  private ConnectCalls() {}

  /** Adds the calls of this family. */
  public static void register(SyscallTable.Builder table) {
    table
        .partial(BindCall.class, "families other than AF_UNIX", ConnectCalls::bind)
        .partial(ListenCall.class, "families other than AF_UNIX", ConnectCalls::listen)
        .partial(ConnectCall.class, "families other than AF_UNIX", ConnectCalls::connect);
  }

  static Result bind(CallContext context, BindCall call) {
    SocketCalls.Found found = SocketCalls.find(context, call.getFd());
    if (found == null) {
      return SocketCalls.failure(context, call.getFd());
    }
    Socket socket = found.socket();
    SocketAddress address = call.getAddress();
    if (socket.family() == InetSocket.AF_INET && address != null) {
      return InetCalls.bind(context, socket, address, call.getLength());
    }
    if (socket.family() != Socket.AF_UNIX || address == null) {
      return new Result.Unknown("the address");
    }
    if (address.getFamily() != Socket.AF_UNIX && context.refuse("C12.2 family")) {
      return context.fail(Errno.EINVAL, "C12.2 family");
    }
    if (address.getPath() == null || call.getLength() == 2) {
      return autobind(context, socket);
    }
    Bytes name = Bytes.of(address.getPath().getValue());
    return address.getAbstractName()
        ? bindAbstract(context, socket, name)
        : bindPath(context, socket, address.getPath(), name);
  }

  /** unix_autobind(): five hexadecimal digits, in a simulation counted up. */
  private static Result autobind(CallContext context, Socket socket) {
    if (!bound(socket) && context.simulated()) {
      Bytes name = Bytes.of("%05x".formatted(socket.key() & 0xfffff));
      context.put(Tables.SOCKETS, socket.withName(name, true, 0));
    }
    return Result.ZERO;
  }

  /** A socket that wants to see credentials has a name before it is heard of: unix_autobind(). */
  static Socket named(CallContext context, Socket socket) {
    boolean wants = socket.has(Socket.Option.PASSCRED) || socket.has(Socket.Option.PASSPIDFD);
    if (!wants || bound(socket)) {
      return socket;
    }
    Bytes name =
        context.simulated() ? Bytes.of("%05x".formatted(socket.key() & 0xfffff)) : Bytes.EMPTY;
    Socket named = socket.withName(name, true, 0);
    context.put(Tables.SOCKETS, named);
    return named;
  }

  private static boolean bound(Socket socket) {
    return !socket.name().isEmpty() || socket.abstractName();
  }

  private static Result bindAbstract(CallContext context, Socket socket, Bytes name) {
    if (bound(socket) && context.refuse("C12.2 bound already")) {
      return context.fail(Errno.EINVAL, "C12.2 bound already");
    }
    if (abstractName(context.state(), socket, name) != null
        && context.refuse("C12.2 name in use")) {
      return context.fail(Errno.EADDRINUSE, "C12.2 name in use");
    }
    context.put(Tables.SOCKETS, socket.withName(name, true, 0));
    return Result.ZERO;
  }

  /** The socket with an abstract name, of the same type and network namespace; null if none. */
  static Socket abstractName(KernelState state, Socket like, Bytes name) {
    for (long key : state.socketsByAbstractName.keys(name.hash64())) {
      Socket other = state.sockets.get(key);
      if (other.name().equals(name)
          && other.listener() == 0
          && other.inode() != 0
          // An accepted stream shows the name of its listener, but is not found by it.
          && (other.type() == Socket.DGRAM || other.state() != Socket.State.CONNECTED)
          && other.type() == like.type()
          && other.netNs() == like.netNs()) {
        return other;
      }
    }
    return null;
  }

  /** unix_bind_bsd(). */
  private static Result bindPath(CallContext context, Socket socket, Text path, Bytes name) {
    Names.Fresh fresh = Names.create(context, null, path, false);
    if (fresh.refused() instanceof Result.Failed failed && failed.errno() == Errno.EEXIST) {
      return context.fail(Errno.EADDRINUSE, "C12.2 name in use");
    }
    if (fresh.refused() != null) {
      return fresh.refused();
    }
    if (bound(socket) && context.refuse("C12.2 bound already")) {
      return context.fail(Errno.EINVAL, "C12.2 bound already");
    }
    Inode parent = Names.inode(context.state(), fresh.directory());
    int mode = Inode.S_IFSOCK | 0777 & ~Names.umask(context);
    Dentry dentry =
        Dcache.createChild(
            context,
            fresh.directory().dentry(),
            fresh.name(),
            Dcache.owned(context, fresh.directory().mount(), parent, mode));
    Events.of(context).created(dentry);
    context.put(Tables.SOCKETS, socket.withName(name, false, dentry.inode()));
    return Result.ZERO;
  }

  static Result listen(CallContext context, ListenCall call) {
    SocketCalls.Found found = SocketCalls.find(context, call.getFd());
    if (found == null) {
      return SocketCalls.failure(context, call.getFd());
    }
    Socket socket = found.socket();
    if (socket.family() != Socket.AF_UNIX) {
      return new Result.Unknown("the port");
    }
    if (socket.type() == Socket.DGRAM && context.refuse("C12.3 datagrams")) {
      return context.fail(Errno.EOPNOTSUPP, "C12.3 datagrams");
    }
    if (!bound(socket) && context.refuse("C12.3 unbound")) {
      return context.fail(Errno.EINVAL, "C12.3 unbound");
    }
    boolean connected = socket.state() == Socket.State.CONNECTED;
    if (connected && context.refuse("C12.3 connected")) {
      return context.fail(Errno.EINVAL, "C12.3 connected");
    }
    Socket listening = socket.withBacklog((int) call.getBacklog());
    context.put(Tables.SOCKETS, SocketMaker.withCredentials(context, listening));
    return Result.ZERO;
  }

  static Result connect(CallContext context, ConnectCall call) {
    SocketCalls.Found found = SocketCalls.find(context, call.getFd());
    if (found == null) {
      return SocketCalls.failure(context, call.getFd());
    }
    Socket socket = found.socket();
    SocketAddress address = call.getAddress();
    if (socket.family() == InetSocket.AF_INET && address != null) {
      return InetCalls.connect(context, found, address, call.getLength());
    }
    if (socket.family() != Socket.AF_UNIX || address == null) {
      return new Result.Unknown("the address");
    }
    if (address.getFamily() == AF_UNSPEC && socket.type() == Socket.DGRAM) {
      context.put(Tables.SOCKETS, socket.withState(Socket.State.UNCONNECTED, 0));
      if (socket.peer() != 0) {
        Sockets.disconnected(context, socket, socket.peer());
      }
      return Result.ZERO;
    }
    socket = named(context, socket);
    Target target = target(context, socket, address);
    if (target.refused() != null) {
      return context.assuming() ? blindly(context, socket) : target.refused();
    }
    return socket.type() == Socket.DGRAM
        ? datagrams(context, socket, target.socket())
        : stream(context, new SocketCalls.Found(found.file(), socket), target.socket());
  }

  /** The kernel connected to something that the ledger does not know. */
  private static Result blindly(CallContext context, Socket socket) {
    context.put(Tables.SOCKETS, socket.withState(Socket.State.CONNECTED, 0));
    return Result.ZERO;
  }

  /** The socket an address leads to, or why it leads nowhere. */
  record Target(Socket socket, Result refused) {}

  /** unix_find_other(). */
  static Target target(CallContext context, Socket from, SocketAddress address) {
    KernelState state = context.state();
    if (address.getPath() == null) {
      return new Target(null, context.fail(Errno.EINVAL, "C12.4 address"));
    }
    Bytes name = Bytes.of(address.getPath().getValue());
    if (address.getAbstractName()) {
      Socket other = abstractName(state, from, name);
      if (other != null) {
        return new Target(other, null);
      }
      return context.simulated()
          ? new Target(null, context.fail(Errno.ECONNREFUSED, "C12.4 nobody bound"))
          : new Target(null, new Result.Unknown("who has the abstract name"));
    }
    PathWalk.Walk walk =
        PathWalk.walk(context, null, address.getPath(), PathWalk.FOLLOW, Inode.S_IFSOCK, 0);
    if (!(walk instanceof PathWalk.Found found)) {
      return new Target(null, Walks.failure(context, walk));
    }
    Inode inode = Names.inode(state, found.place());
    boolean may = Access.allowed(state, context.task().credentials(), inode, Access.WRITE);
    if (!may && context.refuse("C12.4 permission")) {
      return new Target(null, context.fail(Errno.EACCES, "C12.4 permission"));
    }
    Socket other = inode == null ? null : state.socketsByBoundInode.first(inode.key());
    if (other == null) {
      boolean stranger = inode == null || inode.inferred();
      return new Target(
          null,
          stranger
              ? new Result.Unknown("who is bound there")
              : context.fail(Errno.ECONNREFUSED, "C12.4 nobody bound"));
    }
    return other.type() == from.type()
        ? new Target(other, null)
        : new Target(null, context.fail(Errno.EPROTOTYPE, "C12.4 type"));
  }

  /** unix_may_send(): it talks to somebody else, who may be dead by now. */
  static boolean taken(Socket other, Socket socket) {
    boolean dead = other.type() == Socket.DGRAM && other.state() == Socket.State.DISCONNECTED;
    return dead || other.peer() != 0 && other.peer() != socket.key();
  }

  private static Result datagrams(CallContext context, Socket socket, Socket other) {
    if (taken(other, socket)
        && other.key() != socket.key()
        && context.refuse("C12.4 connected to another")) {
      return context.fail(Errno.EPERM, "C12.4 connected to another");
    }
    context.put(Tables.SOCKETS, socket.withState(Socket.State.CONNECTED, other.key()));
    if (socket.peer() != 0 && socket.peer() != other.key()) {
      Sockets.disconnected(context, socket, socket.peer());
    }
    return Result.ZERO;
  }

  private static Result stream(CallContext context, SocketCalls.Found found, Socket listener) {
    Socket socket = found.socket();
    KernelState state = context.state();
    if (listener.state() != Socket.State.LISTENING && context.refuse("C12.4 not listening")) {
      return context.fail(Errno.ECONNREFUSED, "C12.4 not listening");
    }
    boolean full =
        Integer.compareUnsigned(state.socketsByListener.count(listener.key()), listener.backlog())
            > 0;
    if (full && context.refuse("C12.3 backlog")) {
      return (found.file().flags() & OpenFlags.NONBLOCK) != 0
          ? context.fail(Errno.EAGAIN, "C12.3 backlog")
          : new Result.Blocked("room in the backlog");
    }
    if (socket.state() == Socket.State.LISTENING && context.refuse("C12.4 listener")) {
      return context.fail(Errno.EINVAL, "C12.4 listener");
    }
    boolean connected =
        socket.state() == Socket.State.CONNECTED || socket.state() == Socket.State.DISCONNECTED;
    if (connected && context.refuse("C12.4 connected already")) {
      return context.fail(Errno.EISCONN, "C12.4 connected already");
    }
    Socket client =
        socket.withCredentials(listener.pid(), listener.uid(), listener.gid(), listener.cgroup());
    Socket embryo = SocketMaker.embryo(context, listener, client);
    context.put(Tables.SOCKETS, client.withState(Socket.State.CONNECTED, embryo.key()));
    return Result.ZERO;
  }
}
