package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.file.FdTables;
import io.kledger.engine.file.FdTables.Open;
import io.kledger.engine.file.OpenFlags;
import io.kledger.engine.file.Sockets;
import io.kledger.engine.file.UnixQueue;
import io.kledger.engine.task.Delivery;
import io.kledger.event.Bytes;
import io.kledger.event.avro.ControlMessage;
import io.kledger.event.avro.Fd;
import io.kledger.event.avro.MessageHeader;
import io.kledger.event.avro.MultiMessage;
import io.kledger.event.avro.SendmmsgCall;
import io.kledger.event.avro.SendmsgCall;
import io.kledger.event.avro.SendtoCall;
import io.kledger.event.avro.SocketAddress;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.RightsFilter;
import io.kledger.kernel.file.Socket;
import io.kledger.kernel.task.ThreadGroup;
import java.util.ArrayList;
import java.util.List;

/** Sending over AF_UNIX: unix_stream_sendmsg(), unix_dgram_sendmsg(), scm_send(). */
public final class SendCalls {
  private static final int SOL_SOCKET = 1;
  private static final int SCM_RIGHTS = 1;
  private static final int SCM_CREDENTIALS = 2;
  private static final int SCM_MAX_FD = 253;
  private static final long MSG_DONTWAIT = 0x40;
  private static final long MSG_NOSIGNAL = 0x4000;
  private static final int SIGPIPE = 13;
  private static final int MAX_DGRAM_QLEN = 10;

  private SendCalls() {}

  /** Adds the calls of this family. */
  public static void register(SyscallTable.Builder table) {
    String missing = "families other than AF_UNIX, buffer sizes";
    table
        .partial(SendtoCall.class, missing, BegunSend.handler(SendCalls::sendto))
        .partial(
            SendmsgCall.class,
            missing,
            BegunSend.handler(
                (context, call) ->
                    send(
                        context,
                        call.getFd(),
                        call.getMessage(),
                        call.getFlags(),
                        context.observedOr(0))))
        .partial(SendmmsgCall.class, missing, SendCalls::sendmmsg);
  }

  private static Result sendto(CallContext context, SendtoCall call) {
    return send(
        context,
        call.getFd(),
        call.getAddress(),
        call.getLength(),
        FileData.shown(call.getData(), call.getLength()),
        List.of(),
        call.getFlags(),
        context.observedOr(0));
  }

  /** What write(2) does on a socket. */
  static Result write(CallContext context, Fd fd, Object data, long count) {
    Bytes shown = FileData.shown(data, count);
    return send(context, fd, null, count, shown, List.of(), 0, context.observedOr(0));
  }

  static Result sendmmsg(CallContext context, SendmmsgCall call) {
    if (SocketCalls.find(context, call.getFd()) == null) {
      return SocketCalls.failure(context, call.getFd());
    }
    if (call.getMessages() == null) {
      return new Result.Unknown("the trace does not show the messages");
    }
    long limit = context.assuming() ? context.observedOr(0) : call.getMessages().size();
    long sent = 0;
    for (MultiMessage message : call.getMessages()) {
      if (sent == limit) {
        break;
      }
      Result result =
          send(context, call.getFd(), message.getHeader(), call.getFlags(), message.getLength());
      if (!(result instanceof Result.Done)) {
        return sent == 0 ? result : Result.value(sent);
      }
      sent++;
    }
    return Result.value(sent);
  }

  private static Result send(
      CallContext context, Fd fd, MessageHeader message, long flags, long observed) {
    if (message == null) {
      return SocketCalls.find(context, fd) == null
          ? SocketCalls.failure(context, fd)
          : new Result.Unknown("the trace does not show the message");
    }
    SocketAddress address = message.getName() instanceof SocketAddress name ? name : null;
    return send(
        context,
        fd,
        address,
        Arguments.vectorLength(message.getVectors()),
        IoVectors.data(message.getVectors()),
        control(message),
        flags,
        observed);
  }

  /** The items of ancillary data; none if the trace does not show them. */
  static List<ControlMessage> control(MessageHeader message) {
    List<ControlMessage> items = new ArrayList<>();
    if (message.getControl() instanceof List<?> list) {
      for (Object item : list) {
        if (item instanceof ControlMessage control) {
          items.add(control);
        }
      }
    }
    return items;
  }

  private static Result send(
      CallContext context,
      Fd fd,
      SocketAddress address,
      long length,
      Bytes data,
      List<ControlMessage> control,
      long flags,
      long observed) {
    SocketCalls.Found found = SocketCalls.find(context, fd);
    if (found == null) {
      return SocketCalls.failure(context, fd);
    }
    Socket socket = found.socket();
    if (InetData.handles(context, socket)) {
      return InetData.send(context, socket, address, length, data);
    }
    if (socket.family() != Socket.AF_UNIX) {
      return new Result.Unknown("other families");
    }
    boolean sequenced = socket.type() == Socket.SEQPACKET;
    if (sequenced && unconnected(socket) && context.refuse("C12.6 not connected")) {
      return context.fail(Errno.ENOTCONN, "C12.6 not connected");
    }
    Baggage baggage = new Baggage();
    Result refused = scm(context, control, baggage);
    if (refused != null) {
      return refused;
    }
    if (socket.packets()) {
      socket = ConnectCalls.named(context, socket);
    }
    // sock_alloc_send_pskb() of packets comes before the receiver is looked for.
    boolean shut = socket.has(Socket.Option.SEND_SHUTDOWN);
    Result early =
        socket.packets() && !context.assuming() ? oversized(context, socket, length) : null;
    if (early != null) {
      return early;
    }
    if (socket.packets() && socket.has(Socket.Option.RESET) && context.refuse("C12.6 reset")) {
      return ReceiveCalls.reset(context, socket);
    }
    if (shut && socket.packets() && context.refuse("C12.7 shutdown")) {
      return broken(context, context.fail(Errno.EPIPE, "C12.7 shutdown"), flags);
    }
    ConnectCalls.Target target = target(context, socket, sequenced ? null : address);
    if (target.refused() != null && !context.assuming()) {
      return broken(context, target.refused(), flags);
    }
    Socket to = target.socket();
    Result unwanted = unwanted(context, socket, to, baggage);
    if (unwanted != null) {
      return broken(context, unwanted, flags);
    }
    if (socket.has(Socket.Option.RESET) && context.refuse("C12.6 reset")) {
      return ReceiveCalls.reset(context, socket);
    }
    boolean wait = (flags & MSG_DONTWAIT) == 0 && (found.file().flags() & OpenFlags.NONBLOCK) == 0;
    Result room = room(context, socket, to, length, wait);
    if (room != null) {
      return room;
    }
    long bytes = context.succeeded() || context.assuming() ? observed : length;
    if (to != null) {
      UnixQueue.send(context, socket, to, bytes, data, baggage.files, baggage.stated);
    }
    return Result.value(context.assuming() ? bytes : length);
  }

  private static boolean unconnected(Socket socket) {
    return !socket.inferred()
        && (socket.state() == Socket.State.UNCONNECTED || socket.state() == Socket.State.LISTENING);
  }

  /** A stream that nobody reads any more: SIGPIPE, unless MSG_NOSIGNAL. */
  private static Result broken(CallContext context, Result refused, long flags) {
    boolean pipe = refused instanceof Result.Failed failed && failed.errno() == Errno.EPIPE;
    if (pipe && context.simulated() && (flags & MSG_NOSIGNAL) == 0) {
      ThreadGroup group = context.state().groups.require(context.task().group());
      Delivery.deliver(context, group, SIGPIPE, true);
    }
    return refused;
  }

  /** Null if there is room for the message, and somebody to get it. */
  private static Result room(
      CallContext context, Socket socket, Socket to, long length, boolean wait) {
    if (context.assuming()) {
      return null;
    }
    if (to == null || !context.simulated() && (socket.inferred() || to.inferred())) {
      return new Result.Unknown("room in the queue");
    }
    boolean charged = UnixQueue.charge(context.state(), socket) >= UnixQueue.SEND_BUFFER;
    boolean full = charged || full(context.state(), socket, to);
    if (!context.simulated()) {
      // Buffers are charged by what the allocator gives: near the limit the ledger cannot say.
      boolean near = UnixQueue.charge(context.state(), socket) + length > UnixQueue.SEND_BUFFER / 2;
      return near || full && wait ? new Result.Unknown("room in the queue") : agreed(context, full);
    }
    if (!full) {
      return null;
    }
    return wait
        ? new Result.Blocked("room in the queue")
        : context.fail(Errno.EAGAIN, "C12.6 queue full");
  }

  private static Result oversized(CallContext context, Socket socket, long length) {
    boolean large = length > UnixQueue.SEND_BUFFER - UnixQueue.RESERVED;
    boolean known = context.simulated() || !socket.inferred();
    return large && known && context.refuse("C12.6 message size")
        ? context.fail(Errno.EMSGSIZE, "C12.6 message size")
        : null;
  }

  private static Result agreed(CallContext context, boolean full) {
    return full && context.refuse("C12.6 queue full")
        ? context.fail(Errno.EAGAIN, "C12.6 queue full")
        : null;
  }

  /** What the other end does not take: SHUT_RD, SO_PASSRIGHTS off, SO_RIGHTS_FILTER. */
  private static Result unwanted(CallContext context, Socket socket, Socket to, Baggage baggage) {
    boolean shut =
        socket.has(Socket.Option.SEND_SHUTDOWN) || to != null && to.has(Socket.Option.RCV_SHUTDOWN);
    if (shut && context.refuse("C12.7 shutdown")) {
      return context.fail(Errno.EPIPE, "C12.7 shutdown");
    }
    if (to == null || baggage.files.isEmpty()) {
      return null;
    }
    if (to.has(Socket.Option.NO_RIGHTS) && context.refuse("C13 SO_PASSRIGHTS")) {
      told(context, "socket.rights_refused", baggage.files.size());
      return context.fail(Errno.EPERM, "C13 SO_PASSRIGHTS");
    }
    RightsFilter filter = context.state().rightsFilters.get(to.key());
    int count = filter == null ? 0 : RightsFilters.offending(context, filter, baggage.files);
    if (count == 0) {
      return null;
    }
    told(context, "socket.rights_filtered", count);
    if (!filter.drop()) {
      return context.fail(Errno.EPERM, "F10 SO_RIGHTS_FILTER");
    }
    baggage.files.replaceAll(file -> RightsFilters.offends(context, filter, file) ? null : file);
    return null;
  }

  private static void told(CallContext context, String type, int count) {
    context.notice(
        type, "pid", Integer.toString(context.task().tid()), "count", Integer.toString(count));
  }

  /** unix_recvq_full(): of datagrams from those whom the receiver is not connected to. */
  static boolean full(KernelState state, Socket from, Socket to) {
    return from.packets()
        && to.peer() != from.key()
        && state.messagesBySocket.count(to.key()) > MAX_DGRAM_QLEN;
  }

  /** struct scm_cookie: what goes with a message. */
  private static final class Baggage {
    private final List<OpenFileDescription> files = new ArrayList<>();
    private UnixQueue.Identity stated;
  }

  /** scm_send(): null if the items are good. */
  private static Result scm(CallContext context, List<ControlMessage> control, Baggage baggage) {
    for (ControlMessage item : control) {
      if (item.getLevel() != SOL_SOCKET) {
        continue;
      }
      if (item.getType() == SCM_CREDENTIALS) {
        SenderCredentials.Stated told = SenderCredentials.check(context, item);
        if (told.refused() != null) {
          return told.refused();
        }
        baggage.stated = told.identity();
        continue;
      }
      if (item.getType() != SCM_RIGHTS) {
        if (context.refuse("C13.1 control message")) {
          return context.fail(Errno.EINVAL, "C13.1 control message");
        }
        continue;
      }
      if (!(item.getData() instanceof List<?> list)) {
        continue;
      }
      for (Object element : list) {
        FdTables.Lookup found = FdTables.get(context, (Fd) element);
        if (!(found instanceof Open open)) {
          return FdTables.failure(context, found);
        }
        boolean ring = open.description().kind() == FileKind.IO_URING;
        if (ring && context.refuse("C13.1 a ring cannot be passed")) {
          return context.fail(Errno.EINVAL, "C13.1 a ring cannot be passed");
        }
        baggage.files.add(open.description());
      }
    }
    return baggage.files.size() > SCM_MAX_FD && context.refuse("C13.1 253 descriptors")
        ? context.fail(Errno.EINVAL, "C13.1 253 descriptors")
        : null;
  }

  /** Who receives; in a trace null with no refusal if the ledger does not know the other end. */
  private static ConnectCalls.Target target(
      CallContext context, Socket socket, SocketAddress address) {
    KernelState state = context.state();
    boolean datagrams = socket.type() == Socket.DGRAM;
    if (address != null && datagrams) {
      ConnectCalls.Target target = ConnectCalls.target(context, socket, address);
      Socket other = target.socket();
      boolean taken = other != null && ConnectCalls.taken(other, socket);
      return taken && context.refuse("C12.4 connected to another")
          ? refused(context, Errno.EPERM, "C12.4 connected to another")
          : target;
    }
    if (address != null) {
      boolean connected =
          socket.state() == Socket.State.CONNECTED || socket.state() == Socket.State.DISCONNECTED;
      return refused(context, connected ? Errno.EISCONN : Errno.EOPNOTSUPP, "C12.6 address");
    }
    return switch (socket.state()) {
      case CONNECTED -> new ConnectCalls.Target(state.sockets.get(socket.peer()), null);
      case UNCONNECTED, LISTENING ->
          socket.inferred()
              ? new ConnectCalls.Target(null, null)
              : refused(context, Errno.ENOTCONN, "C12.6 not connected");
      case DISCONNECTED -> gone(context, socket, datagrams);
    };
  }

  private static ConnectCalls.Target gone(CallContext context, Socket socket, boolean datagrams) {
    if (!datagrams) {
      return refused(context, Errno.EPIPE, "C12.6 peer gone");
    }
    context.put(Tables.SOCKETS, socket.withState(Socket.State.UNCONNECTED, 0));
    Sockets.disconnected(context, socket, 0);
    return refused(context, Errno.ECONNREFUSED, "C12.6 peer gone");
  }

  private static ConnectCalls.Target refused(CallContext context, int errno, String rule) {
    return new ConnectCalls.Target(null, context.fail(errno, rule));
  }
}
