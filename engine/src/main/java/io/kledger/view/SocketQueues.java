package io.kledger.view;

import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.InFlight;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.Socket;
import io.kledger.kernel.file.SocketMessage;
import io.kledger.kernel.task.Pid;
import io.kledger.kernel.task.Task;
import java.util.ArrayList;
import java.util.List;

/** Sockets, and the messages in their queues with the ancillary data that travels with them. */
public final class SocketQueues {
  private static final String[] MESSAGE_COLUMNS = {
    "BYTES", "DATA", "SENDER", "PID", "UID", "GID", "CGROUP", "QUEUED", "RIGHTS"
  };

  private SocketQueues() {}

  /** One row a socket, with its queue below it; of one task if it is not null. */
  public static Sheet sheet(KernelState state, Task task) {
    Sheet sheet =
        Sheet.of(
            "INODE",
            "FAMILY",
            "TYPE",
            "STATE",
            "NAME",
            "PEER",
            "LISTENER",
            "BACKLOG",
            "PENDING",
            "QUEUED",
            "BYTES",
            "INFLIGHT",
            "OPTIONS",
            "PEER-PID",
            "PEER-UID",
            "PEER-GID",
            "HOLDERS",
            "MESSAGES",
            "INFERRED");
    for (Socket socket : state.sockets.rows()) {
      List<Object> holders = holders(state, socket, task);
      if (holders == null) {
        continue;
      }
      Sheet queue = messages(state, socket);
      long bytes = 0;
      for (long key : state.messagesBySocket.keys(socket.key())) {
        bytes += state.messages.require(key).length();
      }
      sheet.row(
          Sockets.number(state, socket.key()),
          family(socket.family()),
          Sockets.type(socket),
          socket.state().name(),
          socket.name().isEmpty() && !socket.abstractName() ? null : Sockets.name(socket),
          socket.peer() == 0 ? null : Sockets.number(state, socket.peer()),
          socket.listener() == 0 ? null : Sockets.number(state, socket.listener()),
          socket.state() == Socket.State.LISTENING ? socket.backlog() : null,
          state.socketsByListener.count(socket.key()),
          queue.rows().size(),
          bytes,
          inFlight(state, socket),
          Sockets.options(state, socket),
          pid(state, socket.pid()),
          socket.pid() == 0 ? null : socket.uid(),
          socket.pid() == 0 ? null : socket.gid(),
          holders,
          queue,
          socket.inferred());
    }
    return sheet;
  }

  /** One row a message that waits in a queue, oldest first; of one task if it is not null. */
  public static Sheet queued(KernelState state, Task task) {
    List<String> columns = new ArrayList<>(List.of("SOCKET", "NAME"));
    columns.addAll(List.of(MESSAGE_COLUMNS));
    Sheet sheet = Sheet.of(columns.toArray(String[]::new));
    for (Socket socket : state.sockets.rows()) {
      if (holders(state, socket, task) == null) {
        continue;
      }
      for (List<Object> message : messages(state, socket).rows()) {
        List<Object> row = new ArrayList<>();
        row.add(Sockets.number(state, socket.key()));
        row.add(Sockets.name(socket));
        row.addAll(message);
        sheet.rows().add(row);
      }
    }
    return sheet;
  }

  private static Sheet messages(KernelState state, Socket socket) {
    Sheet sheet = Sheet.of(MESSAGE_COLUMNS);
    for (long key : state.messagesBySocket.keys(socket.key())) {
      SocketMessage message = state.messages.require(key);
      boolean known = message.pid() != 0;
      sheet.row(
          message.length(),
          message.known() ? message.data() : null,
          message.sender() == 0 ? null : Sockets.number(state, message.sender()),
          pid(state, message.pid()),
          known ? message.uid() : null,
          known ? message.gid() : null,
          message.cgroup() == 0 ? null : message.cgroup(),
          message.realtime(),
          rights(state, key));
    }
    return sheet;
  }

  /** Targets of the descriptors that a message carries, as its sender's table showed them. */
  private static List<Object> rights(KernelState state, long message) {
    List<Object> rights = new ArrayList<>();
    for (long key : state.inFlightByMessage.keys(message)) {
      InFlight flight = state.inFlight.require(key);
      OpenFileDescription file =
          flight.description() <= 0 ? null : state.descriptions.get(flight.description());
      if (flight.description() > 0) {
        rights.add(file == null ? "?" : Fds.target(state, null, file));
      }
    }
    return rights;
  }

  private static long inFlight(KernelState state, Socket socket) {
    long count = 0;
    for (long key : state.messagesBySocket.keys(socket.key())) {
      count += rights(state, key).size();
    }
    return count;
  }

  /** Who has it; null if a task was asked for that has not. */
  private static List<Object> holders(KernelState state, Socket socket, Task task) {
    List<Object> holders = new ArrayList<>();
    boolean found = task == null;
    for (long key : state.descriptionsByObject.keys(socket.key())) {
      OpenFileDescription file = state.descriptions.require(key);
      if (file.kind() == FileKind.SOCKET) {
        holders.addAll(Holders.of(state, key));
        found |= Holders.has(state, key, task);
      }
    }
    return found ? holders : null;
  }

  private static Integer pid(KernelState state, long key) {
    Pid pid = key == 0 ? null : state.pids.get(key);
    return pid == null ? null : pid.numbers().getFirst();
  }

  private static String family(int family) {
    return switch (family) {
      case Socket.AF_UNIX -> "UNIX";
      case 2 -> "INET";
      case 10 -> "INET6";
      case 16 -> "NETLINK";
      case 17 -> "PACKET";
      default -> Integer.toString(family);
    };
  }
}
