package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.file.FdTables;
import io.kledger.engine.file.FdTables.Open;
import io.kledger.engine.file.Files;
import io.kledger.engine.file.OpenFlags;
import io.kledger.engine.file.SocketMaker;
import io.kledger.event.avro.Accept4Call;
import io.kledger.event.avro.AcceptCall;
import io.kledger.event.avro.Fd;
import io.kledger.event.avro.GetpeernameCall;
import io.kledger.event.avro.GetsocknameCall;
import io.kledger.event.avro.GetsockoptCall;
import io.kledger.event.avro.SetsockoptCall;
import io.kledger.event.avro.ShutdownCall;
import io.kledger.event.avro.SocketAddress;
import io.kledger.event.avro.SocketCall;
import io.kledger.event.avro.SocketpairCall;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.Socket;
import java.util.List;

/** Sockets as such: net/socket.c. Names and connections are in {@link ConnectCalls}. */
public final class SocketCalls {
  private static final long TYPE_MASK = 0xf;
  private static final long FLAGS = OpenFlags.CLOEXEC | OpenFlags.NONBLOCK;
  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int AF_NETLINK = 16;
  private static final int AF_MAX = 46;
  private static final int IPPROTO_TCP = 6;
  private static final int IPPROTO_UDP = 17;
  private static final int SOCK_MAX = 11;
  private static final int RAW = 3;
  private static final int SOL_SOCKET = 1;

  private SocketCalls() {}

  /** Adds the calls of this family. */
  public static void register(SyscallTable.Builder table) {
    table
        .partial(SocketCall.class, "families other than AF_UNIX and IP", SocketCalls::socket)
        .partial(SocketpairCall.class, "families other than AF_UNIX", SocketCalls::pair)
        .partial(AcceptCall.class, "addresses", SocketCalls::accept)
        .partial(Accept4Call.class, "addresses", SocketCalls::accept4)
        .partial(ShutdownCall.class, "what it stops", SocketCalls::shutdown)
        .partial(SetsockoptCall.class, "options other than SO_PASS*", SocketOptions::set)
        .partial(
            GetsockoptCall.class,
            "options other than SO_PEERCRED and SO_PEERPIDFD",
            SocketOptions::get)
        .partial(GetsocknameCall.class, "the answer", InetCalls::name)
        .partial(GetpeernameCall.class, "the answer", InetCalls::peer);
  }

  /** A descriptor of a socket. */
  record Found(OpenFileDescription file, Socket socket) {}

  /** The socket behind a descriptor; null if there is none: see {@link #failure}. */
  static Found find(CallContext context, Fd fd) {
    if (FdTables.getFile(context, fd) instanceof Open open
        && open.description().kind() == FileKind.SOCKET) {
      Socket socket = context.state().sockets.get(open.description().object());
      return socket == null ? null : new Found(open.description(), socket);
    }
    return null;
  }

  /** What a call returns whose descriptor is no socket that the ledger knows. */
  static Result failure(CallContext context, Fd fd) {
    FdTables.Lookup found = FdTables.getFile(context, fd);
    if (!(found instanceof Open open)) {
      return FdTables.failure(context, found);
    }
    FileKind kind = open.description().kind();
    if (kind == FileKind.SOCKET || kind == FileKind.OTHER) {
      return new Result.Unknown("the socket");
    }
    return context.refuse("not a socket")
        ? context.fail(Errno.ENOTSOCK, "not a socket")
        : new Result.Unknown("the socket");
  }

  /** Null if the arguments are good: __sys_socket(), __sock_create(), unix_create(). */
  private static Result refusal(CallContext context, long domain, long type, long protocol) {
    if ((type & ~TYPE_MASK & ~FLAGS) != 0 && context.refuse("C12.1 flags")) {
      return context.fail(Errno.EINVAL, "C12.1 flags");
    }
    if ((domain < 0 || domain >= AF_MAX) && context.refuse("C12.1 family")) {
      return context.fail(Errno.EAFNOSUPPORT, "C12.1 family");
    }
    long plain = type & TYPE_MASK;
    if (plain >= SOCK_MAX && context.refuse("C12.1 type")) {
      return context.fail(Errno.EINVAL, "C12.1 type");
    }
    if (domain == Socket.AF_UNIX) {
      if (protocol > 1 && context.refuse("C12.1 protocol")) {
        return context.fail(Errno.EPROTONOSUPPORT, "C12.1 protocol");
      }
      boolean known =
          plain == Socket.STREAM
              || plain == Socket.DGRAM
              || plain == Socket.SEQPACKET
              || plain == RAW;
      return !known && context.refuse("C12.1 type")
          ? context.fail(Errno.ESOCKTNOSUPPORT, "C12.1 type")
          : null;
    }
    boolean ip = domain == AF_INET || domain == AF_INET6;
    boolean usual =
        ip && plain == Socket.STREAM && (protocol == 0 || protocol == IPPROTO_TCP)
            || ip && plain == Socket.DGRAM && (protocol == 0 || protocol == IPPROTO_UDP)
            || domain == AF_NETLINK && protocol == 0 && (plain == RAW || plain == Socket.DGRAM);
    return usual || context.assuming()
        ? null
        : new Result.Unknown("which protocols the kernel has");
  }

  private static int type(long domain, long type) {
    int plain = (int) (type & TYPE_MASK);
    return domain == Socket.AF_UNIX && plain == RAW ? Socket.DGRAM : plain;
  }

  private static long protocol(io.kledger.event.avro.Raw raw) {
    String text = Arguments.text(raw);
    return switch (text) {
      case "", "IPPROTO_IP", "NETLINK_ROUTE" -> 0;
      case "IPPROTO_ICMP" -> 1;
      case "IPPROTO_TCP" -> IPPROTO_TCP;
      case "IPPROTO_UDP" -> IPPROTO_UDP;
      default -> Arguments.number(text, 2);
    };
  }

  static Result socket(CallContext context, SocketCall call) {
    long protocol = protocol(call.getProtocol());
    Result refused = refusal(context, call.getDomain(), call.getType(), protocol);
    if (refused != null) {
      return refused;
    }
    Socket socket =
        SocketMaker.create(
            context,
            (int) call.getDomain(),
            type(call.getDomain(), call.getType()),
            (int) protocol,
            Files.shownNumber(context));
    OpenFileDescription file = SocketMaker.file(context, socket, call.getType());
    return FdTables.install(context, file, (call.getType() & OpenFlags.CLOEXEC) != 0);
  }

  static Result pair(CallContext context, SocketpairCall call) {
    long protocol = protocol(call.getProtocol());
    Result refused = refusal(context, call.getDomain(), call.getType(), protocol);
    if (refused != null) {
      return refused;
    }
    boolean unix = call.getDomain() == Socket.AF_UNIX;
    if (!unix && context.refuse("socketpair: family")) {
      return context.fail(Errno.EOPNOTSUPP, "socketpair: family");
    }
    List<Fd> shown = call.getFds();
    if (shown == null && !context.simulated()) {
      return FdCalls.NO_ARRAY;
    }
    boolean two = shown != null && shown.size() == 2;
    int type = type(call.getDomain(), call.getType());
    Socket a = make(context, type, two ? shown.get(0) : null);
    Socket b = make(context, type, two ? shown.get(1) : null);
    context.put(Tables.SOCKETS, a.withState(Socket.State.CONNECTED, b.key()));
    context.put(Tables.SOCKETS, b.withState(Socket.State.CONNECTED, a.key()));
    List<OpenFileDescription> files =
        List.of(
            SocketMaker.file(context, a, call.getType()),
            SocketMaker.file(context, b, call.getType()));
    int[] numbers =
        FdTables.installAll(context, files, (call.getType() & OpenFlags.CLOEXEC) != 0, shown);
    if (numbers == null) {
      FdCalls.undo(context, files);
      return context.fail(Errno.EMFILE, "C2.1 RLIMIT_NOFILE");
    }
    return Result.value(0, SocketpairCall.newBuilder(call).setFds(FdCalls.fds(numbers)).build());
  }

  private static Socket make(CallContext context, int type, Fd shown) {
    Socket socket = SocketMaker.create(context, Socket.AF_UNIX, type, 0, Files.shownNumber(shown));
    return SocketMaker.withCredentials(context, socket);
  }

  private static Result accept(CallContext context, AcceptCall call) {
    SocketAddress peer = connecting(context, call.getFd());
    Result result = accept(context, call.getFd(), 0);
    return peer != null && result instanceof Result.Done done
        ? Result.value(
            done.value(),
            AcceptCall.newBuilder(call).setAddress(peer).setLength(lengthOf(peer)).build())
        : result;
  }

  private static Result accept4(CallContext context, Accept4Call call) {
    SocketAddress peer = connecting(context, call.getFd());
    Result result = accept(context, call.getFd(), call.getFlags());
    return peer != null && result instanceof Result.Done done
        ? Result.value(
            done.value(),
            Accept4Call.newBuilder(call).setAddress(peer).setLength(lengthOf(peer)).build())
        : result;
  }

  private static io.kledger.event.avro.Raw lengthOf(SocketAddress address) {
    return InetCalls.raw("[" + UnixNames.length(address) + "]");
  }

  /** In a simulation the name of who waits first to be accepted; null if nobody does. */
  private static SocketAddress connecting(CallContext context, Fd fd) {
    Found found = context.simulated() ? find(context, fd) : null;
    KernelState state = context.state();
    Socket next = found == null ? null : state.socketsByListener.first(found.socket().key());
    Socket peer = next == null || next.peer() == 0 ? null : state.sockets.get(next.peer());
    return peer == null ? null : UnixNames.address(peer);
  }

  /** unix_accept(). */
  private static Result accept(CallContext context, Fd fd, long flags) {
    Found found = find(context, fd);
    if (found == null) {
      return failure(context, fd);
    }
    if ((flags & ~FLAGS) != 0 && context.refuse("accept4: flags")) {
      return context.fail(Errno.EINVAL, "accept4: flags");
    }
    Socket listener = found.socket();
    KernelState state = context.state();
    boolean unix = listener.family() == Socket.AF_UNIX;
    if (unix
        && listener.packets()
        && listener.type() == Socket.DGRAM
        && context.refuse("C12.5 datagrams")) {
      return context.fail(Errno.EOPNOTSUPP, "C12.5 datagrams");
    }
    boolean listens = listener.state() == Socket.State.LISTENING || listener.inferred();
    if (unix && !listens && context.refuse("C12.5 not listening")) {
      return context.fail(Errno.EINVAL, "C12.5 not listening");
    }
    Socket next = state.socketsByListener.first(listener.key());
    if (next == null && !context.assuming()) {
      return nobody(context, found.file(), unix);
    }
    long number = Files.shownNumber(context);
    Socket socket =
        next == null
            ? SocketMaker.create(context, listener.family(), listener.type(), 0, number)
            : adopt(context, next, number);
    OpenFileDescription file = SocketMaker.file(context, socket, flags);
    return FdTables.install(context, file, (flags & OpenFlags.CLOEXEC) != 0);
  }

  private static Result nobody(CallContext context, OpenFileDescription file, boolean unix) {
    if (!unix || !context.simulated()) {
      return new Result.Unknown("who connects");
    }
    return (file.flags() & OpenFlags.NONBLOCK) != 0
        ? context.fail(Errno.EAGAIN, "C12.5 nobody connects")
        : new Result.Blocked("a connection");
  }

  private static Socket adopt(CallContext context, Socket embryo, long number) {
    long inode =
        Files.anonymousInode(context, io.kledger.kernel.file.Inode.S_IFSOCK | 0777, number).key();
    Socket socket = embryo.withListener(0).withInode(inode);
    context.put(Tables.SOCKETS, socket);
    return socket;
  }

  static Result shutdown(CallContext context, ShutdownCall call) {
    Found found = find(context, call.getFd());
    if (found == null) {
      return failure(context, call.getFd());
    }
    boolean bad = call.getHow() < 0 || call.getHow() > 2;
    if (bad && context.refuse("shutdown: how")) {
      return context.fail(Errno.EINVAL, "shutdown: how");
    }
    if (found.socket().family() != Socket.AF_UNIX) {
      return new Result.Unknown("whether it is connected");
    }
    shut(context, found.socket(), (int) call.getHow() + 1);
    return Result.ZERO;
  }

  /** unix_shutdown(): of a connection, the other end's opposite direction goes too. */
  private static void shut(CallContext context, Socket socket, int how) {
    int bits =
        ((how & 1) != 0 ? Socket.Option.RCV_SHUTDOWN : 0)
            | ((how & 2) != 0 ? Socket.Option.SEND_SHUTDOWN : 0);
    context.put(Tables.SOCKETS, socket.withOptions(socket.options() | bits));
    Socket peer = socket.peer() == 0 ? null : context.state().sockets.get(socket.peer());
    if (peer == null || socket.type() == Socket.DGRAM || peer.key() == socket.key()) {
      return;
    }
    int opposite =
        ((how & 1) != 0 ? Socket.Option.SEND_SHUTDOWN : 0)
            | ((how & 2) != 0 ? Socket.Option.RCV_SHUTDOWN : 0);
    context.put(Tables.SOCKETS, peer.withOptions(peer.options() | opposite));
  }
}
