package io.kledger.engine.file;

import io.kledger.engine.CallContext;
import io.kledger.engine.task.PidNumbers;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.InFlight;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.Socket;
import io.kledger.kernel.file.SocketMessage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What sockets are beside their descriptors: net/unix/af_unix.c and garbage.c. */
public final class Sockets {
  private Sockets() {}

  /** unix_release_sock(): the peer learns of it, and what is queued is thrown away. */
  static void release(CallContext context, long key) {
    KernelState state = context.state();
    Socket socket = state.sockets.get(key);
    if (socket == null) {
      return;
    }
    boolean unread = unread(state, socket) || socket.listener() != 0;
    for (long other : state.socketsByPeer.keys(key)) {
      Socket peer = state.sockets.get(other);
      boolean reset = unread && socket.type() != Socket.DGRAM;
      context.put(
          Tables.SOCKETS,
          (reset ? peer.withOptions(peer.options() | Socket.Option.RESET) : peer)
              .withState(Socket.State.DISCONNECTED, 0));
    }
    for (long embryo : state.socketsByListener.keys(key)) {
      release(context, embryo);
    }
    for (long message : state.messagesBySocket.keys(key)) {
      discard(context, message);
    }
    if (state.sockets.get(key) != null) {
      context.remove(Tables.SOCKETS, key);
    }
    if (state.inetSockets.get(key) != null) {
      context.remove(Tables.INET_SOCKETS, key);
    }
    PidNumbers.dropIfUnused(context, socket.pid());
    if (state.rightsFilters.get(key) != null) {
      context.remove(Tables.RIGHTS_FILTERS, key);
    }
    FilePut.dropInode(context, socket.inode());
    if (socket.family() == Socket.AF_UNIX) {
      collectGarbage(context);
    }
  }

  /** Whether something waits; a first message that is empty passes for urgent data taken out. */
  private static boolean unread(KernelState state, Socket socket) {
    long[] queue = state.messagesBySocket.keys(socket.key());
    int from = queue.length > 0 && state.messages.require(queue[0]).length() == 0 ? 1 : 0;
    return queue.length > from;
  }

  /**
   * unix_dgram_disconnected(): who sends elsewhere from now on forgets what the old peer sent, and
   * that one hears of it.
   */
  public static void disconnected(CallContext context, Socket socket, long oldPeer) {
    long[] queue = context.state().messagesBySocket.keys(socket.key());
    for (long message : queue) {
      discard(context, message);
    }
    Socket old = oldPeer == 0 ? null : context.state().sockets.get(oldPeer);
    if (queue.length > 0 && old != null && old.peer() == socket.key()) {
      context.put(Tables.SOCKETS, old.withOptions(old.options() | Socket.Option.RESET));
    }
  }

  /** A message leaves its queue; the descriptions that nobody took go with it. */
  public static void discard(CallContext context, long message) {
    List<Long> files = dropRights(context, message);
    SocketMessage row = context.state().messages.get(message);
    if (row != null) {
      context.remove(Tables.MESSAGES, message);
      PidNumbers.dropIfUnused(context, row.pid());
    }
    for (long file : files) {
      if (file > 0) {
        FilePut.put(context, file);
      }
    }
  }

  /** Takes the descriptions out of a message; their references are the caller's to put. */
  public static List<Long> dropRights(CallContext context, long message) {
    KernelState state = context.state();
    List<Long> files = new ArrayList<>();
    for (long key : state.inFlightByMessage.keys(message)) {
      files.add(state.inFlight.get(key).description());
      context.remove(Tables.IN_FLIGHT, key);
    }
    return files;
  }

  /**
   * unix_gc(): sockets that are referred to only from queues which nobody can read any more.
   * Reached are the sockets with a descriptor, and what waits in the queues of reached ones. Takes
   * time in proportion to what is in flight.
   */
  private static void collectGarbage(CallContext context) {
    KernelState state = context.state();
    TreeSet<Long> candidates = new TreeSet<>();
    for (InFlight flight : state.inFlight.rows()) {
      OpenFileDescription file = state.descriptions.get(flight.description());
      if (file != null
          && file.kind() == FileKind.SOCKET
          && state.fdsByDescription.count(file.key()) == 0
          && state.ringFilesByDescription.count(file.key()) == 0) {
        candidates.add(file.key());
      }
    }
    if (candidates.isEmpty()) {
      return;
    }
    ArrayDeque<Long> reached = new ArrayDeque<>();
    for (long file : List.copyOf(candidates)) {
      if (inReadableQueue(state, file, candidates)) {
        reached.add(file);
      }
    }
    candidates.removeAll(reached);
    while (!reached.isEmpty()) {
      long queue = state.descriptions.require(reached.remove()).object();
      for (long message : state.messagesBySocket.keys(queue)) {
        for (long flight : state.inFlightByMessage.keys(message)) {
          long file = state.inFlight.require(flight).description();
          if (candidates.remove(file)) {
            reached.add(file);
          }
        }
      }
    }
    for (long file : candidates) {
      OpenFileDescription description = state.descriptions.get(file);
      if (description != null) {
        for (long message : state.messagesBySocket.keys(description.object())) {
          discard(context, message);
        }
      }
    }
  }

  /** Whether a message in the queue of a socket that is no candidate carries the description. */
  private static boolean inReadableQueue(KernelState state, long file, Set<Long> candidates) {
    for (long key : state.inFlightByDescription.keys(file)) {
      long message = state.inFlight.get(key).message();
      Socket queue = state.sockets.get(state.messages.get(message).socket());
      OpenFileDescription holder =
          queue == null ? null : state.descriptionsByObject.first(queue.key());
      boolean embryo = queue != null && queue.listener() != 0;
      if (embryo || holder != null && !candidates.contains(holder.key())) {
        return true;
      }
    }
    return false;
  }
}
