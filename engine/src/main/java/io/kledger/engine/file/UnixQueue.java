package io.kledger.engine.file;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.cgroup.CgroupText;
import io.kledger.engine.time.Timers;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.cgroup.Cgroup;
import io.kledger.kernel.file.InFlight;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.Socket;
import io.kledger.kernel.file.SocketMessage;
import io.kledger.kernel.task.Credentials;
import io.kledger.kernel.task.Task;
import io.kledger.kernel.task.ThreadGroup;
import io.kledger.kernel.time.Timer.Clock;
import java.util.ArrayList;
import java.util.List;

/** Queues of AF_UNIX sockets: unix_stream_sendmsg(), unix_stream_read_generic() and kin. */
public final class UnixQueue {
  /** Instead of a description in a message: a filter of the receiver took it out (-EPERM). */
  public static final long WITHHELD = -Errno.EPERM;

  private UnixQueue() {}

  /**
   * What a receive call took.
   *
   * @param length bytes, -1 if the queue is empty
   * @param data the bytes; null if the log does not tell them
   * @param rights descriptions that were in the message, in order
   * @param message the message that they, and the credentials, came with; null if none
   */
  public record Received(long length, Bytes data, List<Long> rights, SocketMessage message) {
    private static final Received NOTHING = new Received(-1, null, List.of(), null);

    /** Whether a packet was longer than the buffer: MSG_TRUNC. */
    public boolean truncated(Socket socket) {
      return socket.packets() && message != null && message.length() > length;
    }
  }

  /** net.core.wmem_default: what a socket may have on the way, as memory. */
  public static final long SEND_BUFFER = 212992;

  /** Of it no single packet may use the last bytes: unix_dgram_sendmsg(). */
  public static final long RESERVED = 32;

  /** sizeof(struct skb_shared_info), and of struct sk_buff rounded to cache lines. */
  private static final long SHARED_INFO = 320;

  private static final long SK_BUFF = 256;

  /** Memory that a socket's messages on the way take: sk_wmem_alloc. */
  public static long charge(KernelState state, Socket from) {
    long sum = 0;
    for (long key : state.messagesBySender.keys(from.key())) {
      long size = (state.messages.require(key).length() + 63) / 64 * 64 + SHARED_INFO;
      long page = 4096;
      long bucket =
          size > 2 * page
              ? (size + page - 1) / page * page
              : Math.max(512, Long.highestOneBit(size - 1) << 1);
      sum += bucket + SK_BUFF;
    }
    return sum;
  }

  /** Bytes of a message that are kept at most: what a trace shows is less. */
  private static final int KEPT = 1 << 16;

  private static Bytes kept(Bytes data, long length) {
    return data == null || data.length() != length || length > KEPT ? Bytes.EMPTY : data;
  }

  private static Bytes part(SocketMessage message, long length) {
    return message.known() ? message.data().slice(0, (int) length) : null;
  }

  /**
   * What a trace shows of a message that was received.
   *
   * @param rights how many descriptors came with it; -1 if they may have been thrown away
   */
  public record Seen(Bytes data, int rights) {}

  /** Who a message is from: key of the Pid of a process, and ids. */
  public record Identity(long pid, int uid, int gid) {}

  /** Queues a message. A stream takes no empty ones, and loses the descriptions of such a call. */
  public static void send(
      CallContext context,
      Socket from,
      Socket to,
      long length,
      Bytes data,
      List<OpenFileDescription> files,
      Identity stated) {
    if (length == 0 && !to.packets()) {
      return;
    }
    Credentials who = context.task().credentials();
    int asked = Socket.Option.PASSCRED | Socket.Option.PASSPIDFD;
    boolean attached = ((from.options() | to.options()) & asked) != 0 || to.listener() != 0;
    boolean attributed =
        context.profile().has(KernelFeature.SCM_CGROUPID)
            && (from.has(Socket.Option.PASSCGROUPID)
                || to.has(Socket.Option.PASSCGROUPID)
                || to.listener() != 0);
    Identity as = stated;
    if (stated == null) {
      as = new Identity(attached ? process(context) : 0, who.uid(), who.gid());
    }
    SocketMessage message =
        new SocketMessage(
            context.newKey(),
            to.key(),
            from.key(),
            length,
            kept(data, length),
            context.taskKey(),
            as.pid(),
            as.uid(),
            as.gid(),
            attributed ? cgroupId(context) : 0,
            Timers.now(context, Clock.REALTIME),
            Timers.now(context, Clock.MONOTONIC),
            to.has(Socket.Option.TIMESTAMP | Socket.Option.TIMESTAMPNS),
            false);
    context.put(Tables.MESSAGES, message);
    for (OpenFileDescription file : files) {
      long slot = file == null ? WITHHELD : file.key();
      context.put(Tables.IN_FLIGHT, new InFlight(context.newKey(), message.key(), slot));
    }
    Cgroup cgroup = context.state().cgroups.get(context.task().cgroup());
    if (attributed && cgroup != null) {
      context.notice(
          "socket.attributed",
          "pid",
          Integer.toString(context.task().tid()),
          "cgroup",
          CgroupText.path(context.state(), cgroup.key(), 0).toString());
    }
  }

  /** Id of the calling task's cgroup: that of its directory, as PIDFD_GET_INFO tells it. */
  public static long cgroupId(CallContext context) {
    Cgroup cgroup = context.state().cgroups.get(context.task().cgroup());
    return cgroup == null ? 0 : cgroup.id();
  }

  /** The number holder of the calling process. */
  public static long process(CallContext context) {
    KernelState state = context.state();
    ThreadGroup group = state.groups.get(context.task().group());
    Task leader = group == null ? null : state.tasks.get(group.leader());
    return leader == null ? context.task().pid() : leader.pid();
  }

  /**
   * Takes up to {@code size} bytes, or one packet. The descriptions are no longer in flight: the
   * caller installs them and then puts each once ({@link FilePut#put} releases what nobody took).
   */
  public static Received receive(CallContext context, Socket socket, long size, boolean peek) {
    return receive(context, socket, size, peek, null);
  }

  /** The same where a trace shows what was received. */
  public static Received receive(
      CallContext context, Socket socket, long size, boolean peek, Seen seen) {
    KernelState state = context.state();
    long[] queue = state.messagesBySocket.keys(socket.key());
    if (queue.length == 0) {
      return Received.NOTHING;
    }
    if (socket.packets()) {
      if (seen != null) {
        reorder(state, socket, queue, 0, seen, 0);
      }
      SocketMessage message = state.messages.get(queue[0]);
      List<Long> rights = rights(context, message, peek);
      if (!peek) {
        context.remove(Tables.MESSAGES, message.key());
      }
      long length = Math.min(size, message.length());
      return new Received(length, part(message, length), rights, message);
    }
    return stream(context, socket, queue, size, peek, seen);
  }

  private static Received stream(
      CallContext context, Socket socket, long[] queue, long size, boolean peek, Seen seen) {
    KernelState state = context.state();
    long taken = 0;
    Bytes data = Bytes.EMPTY;
    SocketMessage last = null;
    for (int i = 0; i < queue.length; i++) {
      if (seen != null && taken < seen.data().length()) {
        reorder(state, socket, queue, i, seen, (int) taken);
      }
      SocketMessage message = state.messages.get(queue[i]);
      long part = Math.min(size - taken, message.length());
      boolean real = !peek && !context.simulated();
      boolean glued = last == null || real || sameWriter(socket, last, message);
      // unix_stream_read_generic(): the first message is looked at even by a read of nothing, and
      // a peek does not stop where the buffer is full.
      if (part == 0 && last != null && !peek || !glued) {
        break;
      }
      taken += part;
      Bytes more = part == 0 ? Bytes.EMPTY : part(message, part);
      data = data == null || more == null ? null : data.plus(more);
      last = message;
      boolean carries = !message.rightsTaken() && state.inFlightByMessage.count(message.key()) > 0;
      List<Long> rights = carries ? rights(context, message, peek) : List.of();
      if (!peek) {
        shorten(context, message, part, carries);
      }
      if (carries) {
        return new Received(taken, data, rights, message);
      }
    }
    return new Received(taken, data, List.of(), last);
  }

  /** The oldest message of a queue; null if it is empty. */
  public static SocketMessage first(KernelState state, Socket socket) {
    long[] queue = state.messagesBySocket.keys(socket.key());
    return queue.length == 0 ? null : state.messages.require(queue[0]);
  }

  /** How many bytes a read of this size gets; the queue is not empty. */
  public static long available(KernelState state, Socket socket, long size) {
    if (socket.packets()) {
      return Math.min(size, first(state, socket).length());
    }
    long taken = 0;
    SocketMessage last = null;
    for (long key : state.messagesBySocket.keys(socket.key())) {
      SocketMessage message = state.messages.require(key);
      long part = Math.min(size - taken, message.length());
      if (part == 0 || last != null && !sameWriter(socket, last, message)) {
        break;
      }
      taken += part;
      last = message;
      if (!message.rightsTaken() && state.inFlightByMessage.count(key) > 0) {
        break;
      }
    }
    return taken;
  }

  /** Whether so many messages at the head of a stream's queue are all that a read looks at. */
  public static boolean filled(KernelState state, Socket socket, long size, int messages) {
    long[] queue = state.messagesBySocket.keys(socket.key());
    long left = size;
    for (int i = 0; i < messages && left > 0; i++) {
      SocketMessage message = state.messages.require(queue[i]);
      left -= message.length();
      if (!message.rightsTaken() && state.inFlightByMessage.count(queue[i]) > 0) {
        return true;
      }
    }
    return left <= 0;
  }

  /**
   * Puts the message first that a real kernel was seen to give: of sends that overlap in time a
   * trace does not tell which came first.
   */
  private static void reorder(
      KernelState state, Socket socket, long[] queue, int from, Seen seen, int at) {
    for (int i = from; i < queue.length; i++) {
      SocketMessage message = state.messages.require(queue[i]);
      int length = (int) Math.min(message.length(), seen.data().length() - at);
      boolean carries = !message.rightsTaken() && state.inFlightByMessage.count(message.key()) > 0;
      boolean fits =
          seen.rights() < 0 || (seen.rights() == 0 ? !carries : carries || !socket.packets());
      if (fits
          && (!message.known()
              || message.data().slice(0, length).equals(seen.data().slice(at, at + length)))) {
        long first = queue[i];
        System.arraycopy(queue, from, queue, from + 1, i - from);
        queue[from] = first;
        return;
      }
    }
  }

  /** unix_skb_scm_eq(): data of different writers are not glued where the reader sees who wrote. */
  private static boolean sameWriter(Socket reader, SocketMessage one, SocketMessage other) {
    boolean who =
        !reader.has(Socket.Option.PASSCRED | Socket.Option.PASSPIDFD)
            || one.pid() == other.pid() && one.uid() == other.uid() && one.gid() == other.gid();
    return who && (!reader.has(Socket.Option.PASSCGROUPID) || one.cgroup() == other.cgroup());
  }

  private static void shorten(
      CallContext context, SocketMessage message, long part, boolean taken) {
    if (part == message.length()) {
      context.remove(Tables.MESSAGES, message.key());
    } else {
      context.put(Tables.MESSAGES, message.without(part, taken || message.rightsTaken()));
    }
  }

  private static List<Long> rights(CallContext context, SocketMessage message, boolean peek) {
    if (!peek) {
      return Sockets.dropRights(context, message.key());
    }
    List<Long> rights = new ArrayList<>();
    for (long key : context.state().inFlightByMessage.keys(message.key())) {
      rights.add(context.state().inFlight.get(key).description());
    }
    return rights;
  }
}
