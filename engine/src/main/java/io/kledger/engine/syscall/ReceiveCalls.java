package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.file.OpenFlags;
import io.kledger.engine.file.ReceivedRights;
import io.kledger.engine.file.UnixQueue;
import io.kledger.event.Bytes;
import io.kledger.event.avro.ControlMessage;
import io.kledger.event.avro.Fd;
import io.kledger.event.avro.MessageHeader;
import io.kledger.event.avro.MultiMessage;
import io.kledger.event.avro.RecvfromCall;
import io.kledger.event.avro.RecvmmsgCall;
import io.kledger.event.avro.RecvmsgCall;
import io.kledger.event.avro.SocketAddress;
import io.kledger.event.avro.Text;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.apache.avro.specific.SpecificRecord;

/** Receiving over AF_UNIX: unix_stream_recvmsg(), unix_dgram_recvmsg(), scm_recv(). */
public final class ReceiveCalls {
  private static final int SOL_SOCKET = 1;
  private static final int SCM_RIGHTS = 1;
  private static final int SCM_PIDFD = 4;
  private static final long MSG_PEEK = 2;
  private static final long MSG_OOB = 1;
  private static final long MSG_CTRUNC = 8;
  private static final long MSG_WAITALL = 0x100;
  private static final long MSG_TRUNC = 0x20;
  private static final long MSG_DONTWAIT = 0x40;
  private static final long MSG_CMSG_CLOEXEC = 0x40000000;

  private ReceiveCalls() {}

  /** Adds the calls of this family. */
  public static void register(SyscallTable.Builder table) {
    String missing = "families other than AF_UNIX, data";
    table
        .partial(
            RecvfromCall.class,
            missing,
            BegunReceive.handler(
                (context, call) -> {
                  RecvfromCall answer = withSender(context, call);
                  return receive(
                      context,
                      call.getFd(),
                      call.getSize(),
                      call.getFlags(),
                      null,
                      call.getData(),
                      text -> RecvfromCall.newBuilder(answer).setData(text).build());
                }))
        .partial(
            RecvmsgCall.class,
            missing,
            BegunReceive.handler(
                (context, call) -> {
                  MessageHeader message = call.getMessage();
                  long size = message == null ? 0 : Arguments.vectorLength(message.getVectors());
                  Shown shown = new Shown(message);
                  Result result =
                      receive(context, call.getFd(), size, call.getFlags(), shown, null, null);
                  return result instanceof Result.Done done && shown.answer != null
                      ? Result.value(
                          done.value(),
                          RecvmsgCall.newBuilder(call).setMessage(shown.answer).build())
                      : result;
                }))
        .partial(RecvmmsgCall.class, missing, ReceiveCalls::recvmmsg);
  }

  /**
   * The message argument: of a trace what came, of a simulation the buffers, and then the answer.
   */
  private static final class Shown {
    private final MessageHeader message;
    private MessageHeader answer;

    Shown(MessageHeader message) {
      this.message = message;
    }
  }

  static Result recvmmsg(CallContext context, RecvmmsgCall call) {
    if (SocketCalls.find(context, call.getFd()) == null) {
      return SocketCalls.failure(context, call.getFd());
    }
    if (call.getMessages() == null || !context.assuming()) {
      return new Result.Unknown("what data there is");
    }
    long left = context.observedOr(0);
    for (MultiMessage message : call.getMessages()) {
      if (left-- > 0) {
        SocketCalls.Found found = SocketCalls.find(context, call.getFd());
        take(
            context,
            found,
            message.getLength(),
            call.getFlags(),
            new Shown(message.getHeader()),
            null);
      }
    }
    return Result.value(context.observedOr(0));
  }

  /** In a simulation the call with the address of who sent what it will read. */
  private static RecvfromCall withSender(CallContext context, RecvfromCall call) {
    SocketCalls.Found found = SocketCalls.find(context, call.getFd());
    if (found == null || !context.simulated()) {
      return call;
    }
    Socket socket = found.socket();
    SocketAddress sender = InetData.sender(context, socket);
    if (sender == null) {
      return call;
    }
    return RecvfromCall.newBuilder(call)
        .setAddress(sender)
        .setAddressLength(InetCalls.raw("[" + UnixNames.length(sender) + "]"))
        .build();
  }

  /** What read(2) does on a socket. */
  static Result read(
      CallContext context, Fd fd, long size, Object given, Function<Text, SpecificRecord> fill) {
    // sock_read_iter(): "Match SYS5 behaviour".
    boolean socket = SocketCalls.find(context, fd) != null;
    return size == 0 && socket ? Result.ZERO : receive(context, fd, size, 0, null, given, fill);
  }

  private static Result receive(
      CallContext context,
      Fd fd,
      long size,
      long flags,
      Shown shown,
      Object given,
      Function<Text, SpecificRecord> fill) {
    SocketCalls.Found found = SocketCalls.find(context, fd);
    if (found == null) {
      return SocketCalls.failure(context, fd);
    }
    long since = BegunReceive.since(context);
    Bytes seen = context.succeeded() ? seen(shown, given) : null;
    if (context.assuming()) {
      take(context, found, context.observedOr(0), flags, shown, seen);
      return Result.value(context.observedOr(0));
    }
    Socket socket = found.socket();
    boolean stranger = socket.inferred() && !context.simulated();
    boolean known = socket.family() == Socket.AF_UNIX || InetData.handles(context, socket);
    if (!known || stranger || (flags & MSG_OOB) != 0) {
      return new Result.Unknown("what data there is");
    }
    Result refused = unconnected(context, socket);
    if (refused != null) {
      return refused;
    }
    boolean none = context.state().messagesBySocket.count(socket.key()) == 0;
    if (socket.has(Socket.Option.RESET)
        && (none || socket.packets())
        && context.refuse("C12.6 reset")) {
      return reset(context, socket);
    }
    if (none) {
      return empty(context, found, flags);
    }
    if (!context.simulated()) {
      return predicted(context, found, size, flags, shown, since, seen);
    }
    UnixQueue.Received received = take(context, found, size, flags, shown, null);
    boolean whole = (flags & MSG_TRUNC) != 0 && received.truncated(socket);
    long length = whole ? received.message().length() : Math.max(0, received.length());
    return fill == null || received.data() == null
        ? Result.value(length)
        : Result.value(length, fill.apply(new Text(received.data().toBuffer(), false, null)));
  }

  /** The bytes that a trace shows; null if not all. */
  private static Bytes seen(Shown shown, Object given) {
    if (given instanceof Text text && !text.getCut() && text.getAddress() == null) {
      return Bytes.of(text.getValue());
    }
    return shown == null || shown.message == null
        ? null
        : IoVectors.shown(shown.message.getVectors());
  }

  /** sock_error(): told once. */
  static Result reset(CallContext context, Socket socket) {
    context.put(Tables.SOCKETS, socket.withOptions(socket.options() & ~Socket.Option.RESET));
    return context.fail(Errno.ECONNRESET, "C12.6 reset");
  }

  /** Null if there is a connection, or none is needed. */
  private static Result unconnected(CallContext context, Socket socket) {
    boolean connection = socket.type() != Socket.DGRAM;
    boolean none =
        socket.state() == Socket.State.UNCONNECTED || socket.state() == Socket.State.LISTENING;
    if (!connection || !none) {
      return null;
    }
    return socket.type() == Socket.STREAM
        ? context.fail(Errno.EINVAL, "C12.6 not connected")
        : context.fail(Errno.ENOTCONN, "C12.6 not connected");
  }

  /** What the queue of a traced socket gives; what really came of it is taken. */
  private static Result predicted(
      CallContext context,
      SocketCalls.Found found,
      long size,
      long flags,
      Shown shown,
      long since,
      Bytes seen) {
    Socket socket = found.socket();
    long available = UnixQueue.available(context.state(), socket, size);
    boolean all = (flags & MSG_WAITALL) != 0 && !socket.packets() && available < size;
    boolean certain = BegunReceive.certain(context.state(), socket, size, since);
    if (all || !certain) {
      return new Result.Unknown("what data there is");
    }
    long first = UnixQueue.first(context.state(), socket).length();
    boolean whole = (flags & MSG_TRUNC) != 0 && socket.packets();
    long real = context.succeeded() ? context.observedOr(0) : available;
    take(context, found, real, flags, shown, seen);
    return Result.value(whole ? first : available);
  }

  private static Result empty(CallContext context, SocketCalls.Found found, long flags) {
    Socket socket = found.socket();
    boolean wait = (flags & MSG_DONTWAIT) == 0 && (found.file().flags() & OpenFlags.NONBLOCK) == 0;
    boolean shut = socket.has(Socket.Option.RCV_SHUTDOWN);
    boolean over = shut || socket.state() == Socket.State.DISCONNECTED;
    if (socket.type() == Socket.DGRAM ? shut && wait : over) {
      return Result.ZERO;
    }
    boolean others = !context.simulated() && (wait || !socket.name().isEmpty());
    if (others) {
      return new Result.Unknown("what data there is");
    }
    return wait ? new Result.Blocked("data") : context.fail(Errno.EAGAIN, "C12.6 nothing queued");
  }

  /** Takes bytes and what came with them. */
  private static UnixQueue.Received take(
      CallContext context,
      SocketCalls.Found found,
      long size,
      long flags,
      Shown shown,
      Bytes data) {
    int came = shown == null || shown.message == null ? -1 : rights(shown.message);
    UnixQueue.Seen seen = data == null ? null : new UnixQueue.Seen(data, came);
    boolean peek = (flags & MSG_PEEK) != 0;
    boolean cloexec = (flags & MSG_CMSG_CLOEXEC) != 0;
    UnixQueue.Received received = UnixQueue.receive(context, found.socket(), size, peek, seen);
    MessageHeader message = shown == null ? null : shown.message;
    if (context.simulated()) {
      ControlAnswer answer = new ControlAnswer(context, found.socket(), received);
      MessageHeader filled = answer.fill(message, flags);
      if (shown != null) {
        shown.answer = filled;
      }
    } else if (message != null) {
      List<ControlMessage> items = SendCalls.control(message);
      ReceivedRights.install(context, received, rights(items), cloexec);
      for (ControlMessage item : items) {
        if (item.getLevel() == SOL_SOCKET && item.getType() == SCM_PIDFD) {
          ReceivedRights.pidfd(context, received, pidfd(item));
        }
      }
    }
    ReceivedRights.put(context, received);
    InetData.taken(context, received);
    return received;
  }

  /** How many descriptors a trace shows; -1 if some were thrown away. */
  private static int rights(MessageHeader message) {
    return (message.getFlags() & MSG_CTRUNC) != 0 ? -1 : rights(SendCalls.control(message)).size();
  }

  private static int pidfd(ControlMessage item) {
    if (item.getData() instanceof List<?> list
        && !list.isEmpty()
        && list.getFirst() instanceof Fd fd) {
      return fd.getNumber();
    }
    return -1;
  }

  /** The descriptors that a trace shows in a received message. */
  private static List<Fd> rights(List<ControlMessage> items) {
    List<Fd> fds = new ArrayList<>();
    for (ControlMessage item : items) {
      boolean mine = item.getLevel() == SOL_SOCKET && item.getType() == SCM_RIGHTS;
      if (mine && item.getData() instanceof List<?> list) {
        for (Object element : list) {
          fds.add((Fd) element);
        }
      }
    }
    return fds;
  }
}
