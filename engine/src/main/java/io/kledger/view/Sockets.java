package io.kledger.view;

import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.FdSlot;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.InFlight;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.Socket;
import io.kledger.kernel.task.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Sockets with what waits in their queues. */
public final class Sockets {
  private Sockets() {}

  /** The sockets that a task has descriptors of, in the order of the descriptors. */
  public static List<String> text(KernelState state, Task task) {
    List<Long> seen = new ArrayList<>();
    List<String> lines = new ArrayList<>();
    for (long key : state.fdsByTable.keys(task.files())) {
      FdSlot slot = state.fds.require(key);
      OpenFileDescription file = state.descriptions.get(slot.description());
      Socket socket =
          file == null || file.kind() != FileKind.SOCKET ? null : state.sockets.get(file.object());
      if (socket != null && !seen.contains(socket.key())) {
        seen.add(socket.key());
        lines.add(line(state, socket));
      }
    }
    return lines;
  }

  /** {@code INODE TYPE name=NAME peer=INODE queued=N inflight=N OPTIONS}. */
  public static String line(KernelState state, Socket socket) {
    Socket peer = socket.peer() == 0 ? null : state.sockets.get(socket.peer());
    return "%d %s name=%s peer=%s queued=%d inflight=%d %s"
        .formatted(
            number(state, socket),
            type(socket),
            name(socket),
            peer == null ? "-" : Long.toString(number(state, peer)),
            state.messagesBySocket.count(socket.key()),
            inflight(state, socket),
            options(state, socket));
  }

  /** A row for each socket: what ss(8) shows of it, with what waits in its queue. */
  public static Sheet sheet(KernelState state) {
    Sheet sheet =
        Sheet.of(
            "INODE",
            "FAMILY",
            "TYPE",
            "STATE",
            "NAME",
            "PEER",
            "QUEUED",
            "INFLIGHT",
            "OPTIONS",
            "USERS",
            "UID",
            "INFERRED");
    for (Socket socket : state.sockets.rows()) {
      Socket peer = socket.peer() == 0 ? null : state.sockets.get(socket.peer());
      String options = options(state, socket);
      long inode = number(state, socket);
      sheet.row(
          inode == 0 ? null : inode,
          family(socket.family()),
          type(socket),
          socket.state().name().toLowerCase(Locale.ROOT),
          socket.name().isEmpty()
              ? null
              : socket.abstractName() ? Bytes.of("@").plus(socket.name()) : socket.name(),
          peer == null || number(state, peer) == 0 ? null : number(state, peer),
          state.messagesBySocket.count(socket.key()),
          inflight(state, socket),
          options.equals("-") ? List.of() : List.of((Object[]) options.split(",")),
          users(state, socket),
          socket.uid(),
          socket.inferred());
    }
    return sheet;
  }

  private static String family(int family) {
    return switch (family) {
      case Socket.AF_UNIX -> "unix";
      case 2 -> "inet";
      case 10 -> "inet6";
      case 16 -> "netlink";
      case 17 -> "packet";
      case 40 -> "vsock";
      default -> Integer.toString(family);
    };
  }

  /** {@code PID:FD} of each descriptor. */
  private static List<Object> users(KernelState state, Socket socket) {
    List<Object> users = new ArrayList<>();
    for (long description : state.descriptionsByInode.keys(socket.inode())) {
      for (long key : state.fdsByDescription.keys(description)) {
        FdSlot slot = state.fds.require(key);
        for (long task : state.tasksByFiles.keys(slot.table())) {
          Task row = state.tasks.get(task);
          if (row != null) {
            users.add(Tasks.tgid(state, row) + ":" + slot.fd());
            break;
          }
        }
      }
    }
    return users;
  }

  private static long inflight(KernelState state, Socket socket) {
    long inflight = 0;
    for (long message : state.messagesBySocket.keys(socket.key())) {
      for (long key : state.inFlightByMessage.keys(message)) {
        InFlight flight = state.inFlight.get(key);
        inflight += flight != null && flight.description() > 0 ? 1 : 0;
      }
    }
    return inflight;
  }

  private static long number(KernelState state, Socket socket) {
    Inode inode = state.inodes.get(socket.inode());
    return inode == null ? 0 : inode.number();
  }

  private static String type(Socket socket) {
    return switch (socket.type()) {
      case Socket.STREAM -> "STREAM";
      case Socket.DGRAM -> "DGRAM";
      case Socket.SEQPACKET -> "SEQPACKET";
      case 3 -> "RAW";
      default -> "?";
    };
  }

  private static String name(Socket socket) {
    if (socket.abstractName()) {
      return "@" + socket.name();
    }
    return socket.name().isEmpty() ? "-" : socket.name().toString();
  }

  private static String options(KernelState state, Socket socket) {
    List<String> words = new ArrayList<>();
    add(words, socket, Socket.Option.PASSCRED, "passcred");
    add(words, socket, Socket.Option.PASSPIDFD, "passpidfd");
    add(words, socket, Socket.Option.PASSSEC, "passsec");
    add(words, socket, Socket.Option.PASSCGROUPID, "passcgroupid");
    add(words, socket, Socket.Option.NO_RIGHTS, "norights");
    add(words, socket, Socket.Option.NOTRUNC, "notrunc");
    if (state.rightsFilters.get(socket.key()) != null) {
      words.add("filter");
    }
    return words.isEmpty() ? "-" : String.join(",", words);
  }

  private static void add(List<String> words, Socket socket, int option, String word) {
    if (socket.has(option)) {
      words.add(word);
    }
  }
}
