package io.kledger.engine.file;

import io.kledger.engine.CallContext;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.InFlight;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.Socket;
import io.kledger.kernel.file.SocketMessage;
import io.kledger.kernel.task.Credentials;
import io.kledger.kernel.task.Task;
import io.kledger.kernel.task.ThreadGroup;
import java.util.ArrayList;
import java.util.List;

/** Queues of AF_UNIX sockets: unix_stream_sendmsg(), unix_stream_read_generic() and kin. */
public final class UnixQueue {
  private UnixQueue() {}

  /**
   * What a receive call took.
   *
   * @param length bytes, -1 if the queue is empty
   * @param rights descriptions that were in the message, in order
   * @param message the message that they, and the credentials, came with; null if none
   */
  public record Received(long length, List<Long> rights, SocketMessage message) {}

  /** Who a message is from: key of the Pid of a process, and ids. */
  public record Identity(long pid, int uid, int gid) {}

  /** Queues a message. A stream takes no empty ones, and loses the descriptions of such a call. */
  public static void send(
      CallContext context,
      Socket from,
      Socket to,
      long length,
      List<OpenFileDescription> files,
      Identity stated) {
    if (length == 0 && !to.packets()) {
      return;
    }
    Credentials who = context.task().credentials();
    int asked = Socket.Option.PASSCRED | Socket.Option.PASSPIDFD;
    boolean attached = ((from.options() | to.options()) & asked) != 0 || to.listener() != 0;
    Identity as = stated;
    if (stated == null) {
      as = new Identity(attached ? process(context) : 0, who.uid(), who.gid());
    }
    SocketMessage message =
        new SocketMessage(
            context.newKey(), to.key(), from.key(), length, context.taskKey(),
            as.pid(), as.uid(), as.gid(), context.task().cgroup(), false);
    context.put(Tables.MESSAGES, message);
    for (OpenFileDescription file : files) {
      context.put(
          Tables.IN_FLIGHT, new InFlight(context.newKey(), message.key(), file.key()));
    }
  }

  /** The number holder of the calling process. */
  public static long process(CallContext context) {
    KernelState state = context.state();
    ThreadGroup group = state.groups.get(context.task().group());
    Task leader = group == null ? null : state.tasks.get(group.leader());
    return leader == null ? context.task().pid() : leader.pid();
  }

  /**
   * Takes up to {@code size} bytes, or one packet. The descriptions are no longer in flight: the caller
   * installs them and then puts each once ({@link FilePut#put} releases what nobody took).
   */
  public static Received receive(CallContext context, Socket socket, long size, boolean peek) {
    KernelState state = context.state();
    long[] queue = state.messagesBySocket.keys(socket.key());
    if (queue.length == 0) {
      return new Received(-1, List.of(), null);
    }
    if (socket.packets()) {
      SocketMessage message = state.messages.get(queue[0]);
      List<Long> rights = rights(context, message, peek);
      if (!peek) {
        context.remove(Tables.MESSAGES, message.key());
      }
      return new Received(Math.min(size, message.length()), rights, message);
    }
    return stream(context, queue, size, peek);
  }

  private static Received stream(CallContext context, long[] queue, long size, boolean peek) {
    KernelState state = context.state();
    long taken = 0;
    SocketMessage last = null;
    for (long key : queue) {
      SocketMessage message = state.messages.get(key);
      long part = Math.min(size - taken, message.length());
      if (part == 0) {
        break;
      }
      taken += part;
      last = message;
      boolean carries =
          !message.rightsTaken() && state.inFlightByMessage.count(message.key()) > 0;
      List<Long> rights = carries ? rights(context, message, peek) : List.of();
      if (!peek) {
        shorten(context, message, part, carries);
      }
      if (carries) {
        return new Received(taken, rights, message);
      }
    }
    return new Received(taken, List.of(), last);
  }

  private static void shorten(
      CallContext context, SocketMessage message, long part, boolean taken) {
    if (part == message.length()) {
      context.remove(Tables.MESSAGES, message.key());
    } else {
      context.put(
          Tables.MESSAGES,
          message.withLength(message.length() - part, taken || message.rightsTaken()));
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
