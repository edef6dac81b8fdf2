package io.kledger.engine.file;

import io.kledger.event.Bytes;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.Inode;

/**
 * What strace -y and -yy print behind a descriptor, taken apart: a path, or the kind and number of an
 * object without one.
 *
 * @param path of the file, empty if it has none
 * @param deleted the path no longer leads to it
 * @param type S_IFCHR or S_IFBLK of a device node, else 0
 * @param number inode number of a pipe, socket or namespace; the process of a pidfd; 0 if not shown
 */
public record FdTarget(
    FileKind kind, Bytes path, boolean deleted, long number, Bytes text, int type) {
  private static final Bytes DELETED = Bytes.of(" (deleted)");
  private static final Bytes MEMFD = Bytes.of("/memfd:");

  /** Takes an annotation apart. */
  public static FdTarget parse(Bytes text) {
    if (!text.isEmpty() && text.at(0) == '/') {
      return path(text);
    }
    String name = text.latin1();
    FileKind kind = kind(name);
    return new FdTarget(kind, Bytes.EMPTY, false, number(name), text, 0);
  }

  private static FdTarget path(Bytes text) {
    Bytes path = text;
    int type = 0;
    int device = text.at(text.length() - 1) == '>' ? text.latin1().lastIndexOf('<') : -1;
    if (device > 0) {
      path = text.slice(0, device);
      type = text.latin1().startsWith("<block", device) ? Inode.S_IFBLK : Inode.S_IFCHR;
    }
    boolean deleted = path.endsWith(DELETED);
    if (deleted) {
      path = path.slice(0, path.length() - DELETED.length());
    }
    if (path.startsWith(MEMFD)) {
      return new FdTarget(FileKind.MEMFD, Bytes.EMPTY, false, 0, text, 0);
    }
    return new FdTarget(FileKind.PATH, path, deleted, 0, text, type);
  }

  private static FileKind kind(String name) {
    int bracket = name.indexOf('[');
    String head = bracket < 0 ? name : name.substring(0, bracket);
    return switch (head) {
      case "pipe:" -> FileKind.PIPE;
      case "socket:" -> FileKind.SOCKET;
      case "pidfd:" -> FileKind.PIDFD;
      case "pid:", "mnt:", "uts:", "ipc:", "user:", "net:", "cgroup:", "time:" -> FileKind.NAMESPACE;
      case "anon_inode:" -> anonymous(name.substring(bracket));
      default -> head.endsWith(":") && bracket > 0 ? FileKind.SOCKET : FileKind.OTHER;
    };
  }

  private static FileKind anonymous(String name) {
    return switch (name) {
      case "[pidfd]" -> FileKind.PIDFD;
      case "[eventfd]" -> FileKind.EVENTFD;
      case "[eventpoll]" -> FileKind.EPOLL;
      case "[signalfd]" -> FileKind.SIGNALFD;
      case "[timerfd]" -> FileKind.TIMERFD;
      case "[fanotify]" -> FileKind.FANOTIFY;
      case "[fscontext]" -> FileKind.FS_CONTEXT;
      case "[io_uring]" -> FileKind.IO_URING;
      case "[userfaultfd]" -> FileKind.USERFAULTFD;
      case "[perf_event]" -> FileKind.PERF_EVENT;
      default -> name.startsWith("[bpf") ? FileKind.BPF : FileKind.OTHER;
    };
  }

  private static long number(String name) {
    int at = name.indexOf('[') + 1;
    long value = 0;
    while (at > 0 && at < name.length() && Character.isDigit(name.charAt(at))) {
      value = value * 10 + name.charAt(at++) - '0';
    }
    return value;
  }
}
