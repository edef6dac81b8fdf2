package io.kledger.engine.file;

import io.kledger.event.Bytes;
import io.kledger.ingest.strace.FdAnnotation;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.Inode;

/**
 * What strace -y and -yy print behind a descriptor, as the ledger's words.
 *
 * @param path of the file, empty if it has none
 * @param deleted the path no longer leads to it
 * @param number inode number of a pipe, socket or namespace; the process of a pidfd; 0 if not shown
 * @param name what readlink of /proc/PID/fd/N would say where there is no path, empty if not known
 * @param type S_IFCHR or S_IFBLK of a device node, else 0
 * @param text as the trace or /proc has it
 */
public record FdTarget(
    FileKind kind,
    Bytes path,
    boolean deleted,
    long number,
    Bytes name,
    int type,
    Bytes text,
    FdAnnotation annotation) {
  private static final String ANONYMOUS = "anon_inode:";

  /** Takes an annotation apart. */
  public static FdTarget parse(Bytes text) {
    FdAnnotation annotation = FdAnnotation.parse(text);
    return switch (annotation) {
      case FdAnnotation.Path path ->
          memfd(path.path())
              ? object(annotation, FileKind.MEMFD, 0, text, path.path().toString())
              : path(annotation, path.path(), path.deleted(), text, 0);
      case FdAnnotation.Device device ->
          path(
              annotation,
              device.path(),
              device.deleted(),
              text,
              device.block() ? Inode.S_IFBLK : Inode.S_IFCHR);
      case FdAnnotation.Pipe pipe ->
          object(annotation, FileKind.PIPE, pipe.inode(), text, "pipe:[" + pipe.inode() + "]");
      case FdAnnotation.Memfd memfd ->
          object(annotation, FileKind.MEMFD, 0, text, "/memfd:" + memfd.name() + " (deleted)");
      case FdAnnotation.UnixSocket socket -> socket(annotation, socket.inode(), text);
      case FdAnnotation.Socket socket -> socket(annotation, socket.inode(), text);
      case FdAnnotation.Pidfd pidfd ->
          object(annotation, FileKind.PIDFD, pidfd.pid(), text, "anon_inode:[pidfd]");
      case FdAnnotation.Namespace ns ->
          object(
              annotation,
              FileKind.NAMESPACE,
              ns.inode(),
              text,
              ns.kind() + ":[" + ns.inode() + "]");
      case FdAnnotation.Anonymous anonymous ->
          object(annotation, kind(anonymous.kind()), 0, text, anonymous(text, anonymous.kind()));
      case FdAnnotation.Other other -> object(annotation, FileKind.OTHER, 0, text, "");
    };
  }

  /** As a link of /proc shows a memory file. */
  private static boolean memfd(Bytes path) {
    return path.startsWith(Bytes.of("/memfd:")) && path.endsWith(Bytes.of(" (deleted)"));
  }

  private static FdTarget path(
      FdAnnotation annotation, Bytes path, boolean deleted, Bytes text, int type) {
    return new FdTarget(FileKind.PATH, path, deleted, 0, Bytes.EMPTY, type, text, annotation);
  }

  private static FdTarget socket(FdAnnotation annotation, long inode, Bytes text) {
    return object(
        annotation, FileKind.SOCKET, inode, text, inode == 0 ? "" : "socket:[" + inode + "]");
  }

  private static FdTarget object(
      FdAnnotation annotation, FileKind kind, long number, Bytes text, String name) {
    return new FdTarget(kind, Bytes.EMPTY, false, number, Bytes.of(name), 0, text, annotation);
  }

  private static String anonymous(Bytes text, String kind) {
    boolean bare = text.startsWith(Bytes.of(ANONYMOUS)) && text.at(ANONYMOUS.length()) != '[';
    return bare ? ANONYMOUS + kind : ANONYMOUS + "[" + kind + "]";
  }

  private static FileKind kind(String name) {
    return switch (name) {
      case "pidfd" -> FileKind.PIDFD;
      case "eventfd" -> FileKind.EVENTFD;
      case "eventpoll" -> FileKind.EPOLL;
      case "signalfd" -> FileKind.SIGNALFD;
      case "timerfd" -> FileKind.TIMERFD;
      case "inotify" -> FileKind.INOTIFY;
      case "fanotify" -> FileKind.FANOTIFY;
      case "fscontext" -> FileKind.FS_CONTEXT;
      case "io_uring" -> FileKind.IO_URING;
      case "userfaultfd" -> FileKind.USERFAULTFD;
      case "perf_event" -> FileKind.PERF_EVENT;
      default -> name.startsWith("bpf") || name.equals("btf") ? FileKind.BPF : FileKind.OTHER;
    };
  }
}
