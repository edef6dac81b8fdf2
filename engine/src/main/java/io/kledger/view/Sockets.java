package io.kledger.view;

import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.FdSlot;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.InFlight;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.Socket;
import io.kledger.kernel.task.Task;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Sockets with what waits in their queues. */
public final class Sockets {
  private Sockets() {}

  /** The AF_UNIX sockets that a task has descriptors of, in the order of their inodes. */
  public static List<String> text(KernelState state, Task task) {
    List<Socket> sockets = new ArrayList<>();
    for (long key : state.fdsByTable.keys(task.files())) {
      FdSlot slot = state.fds.require(key);
      OpenFileDescription file = state.descriptions.get(slot.description());
      Socket socket =
          file == null || file.kind() != FileKind.SOCKET ? null : state.sockets.get(file.object());
      if (socket != null && !sockets.contains(socket)) {
        sockets.add(socket);
      }
    }
    return lines(state, sockets);
  }

  /** All AF_UNIX sockets but those that nobody has accepted yet: they have no inode. */
  public static List<String> all(KernelState state) {
    List<Socket> sockets = new ArrayList<>();
    for (Socket socket : state.sockets.rows()) {
      if (socket.inode() != 0) {
        sockets.add(socket);
      }
    }
    return lines(state, sockets);
  }

  private static List<String> lines(KernelState state, List<Socket> sockets) {
    return sockets.stream()
        .filter(socket -> socket.family() == Socket.AF_UNIX)
        .sorted(
            Comparator.comparingLong((Socket socket) -> number(state, socket.key()))
                .thenComparingLong(Socket::key))
        .map(socket -> line(state, socket))
        .toList();
  }

  /** {@code INODE TYPE name=NAME peer=INODE queued=N inflight=N OPTIONS}. */
  public static String line(KernelState state, Socket socket) {
    long inflight = 0;
    long[] queue = state.messagesBySocket.keys(socket.key());
    for (long message : queue) {
      for (long key : state.inFlightByMessage.keys(message)) {
        InFlight flight = state.inFlight.get(key);
        inflight += flight != null && flight.description() > 0 ? 1 : 0;
      }
    }
    Socket peer = socket.peer() == 0 ? null : state.sockets.get(socket.peer());
    return "%d %s name=%s peer=%s queued=%d inflight=%d %s"
        .formatted(
            number(state, socket.key()),
            type(socket),
            name(socket),
            peer == null ? "-" : Long.toString(number(state, peer.key())),
            queue.length,
            inflight,
            options(state, socket));
  }

  /** Number of a socket's inode as {@code socket:[N]} shows it; 0 if the log does not tell. */
  static long number(KernelState state, long key) {
    Socket socket = state.sockets.get(key);
    Inode inode = socket == null ? null : state.inodes.get(socket.inode());
    return inode == null ? 0 : inode.number();
  }

  static String type(Socket socket) {
    return switch (socket.type()) {
      case Socket.STREAM -> "STREAM";
      case Socket.DGRAM -> "DGRAM";
      case Socket.SEQPACKET -> "SEQPACKET";
      case 3 -> "RAW";
      default -> "?";
    };
  }

  static String name(Socket socket) {
    if (socket.abstractName()) {
      return "@" + socket.name();
    }
    return socket.name().isEmpty() ? "-" : socket.name().toString();
  }

  static String options(KernelState state, Socket socket) {
    List<String> words = new ArrayList<>();
    add(words, socket, Socket.Option.PASSCRED, "passcred");
    add(words, socket, Socket.Option.PASSPIDFD, "passpidfd");
    add(words, socket, Socket.Option.PASSSEC, "passsec");
    add(words, socket, Socket.Option.PASSCGROUPID, "passcgroupid");
    add(words, socket, Socket.Option.NO_RIGHTS, "norights");
    add(words, socket, Socket.Option.NOTRUNC, "notrunc");
    return words.isEmpty() ? "-" : String.join(",", words);
  }

  private static void add(List<String> words, Socket socket, int option, String word) {
    if (socket.has(option)) {
      words.add(word);
    }
  }
}
