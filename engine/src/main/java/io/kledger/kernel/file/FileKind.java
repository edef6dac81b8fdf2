package io.kledger.kernel.file;

/** What is behind an open file description. */
public enum FileKind {
  /** A path on a filesystem: regular file, directory, device node, fifo. */
  PATH,
  PIPE,
  SOCKET,
  PIDFD,
  NAMESPACE,
  EVENTFD,
  EPOLL,
  SIGNALFD,
  TIMERFD,
  MEMFD,
  INOTIFY,
  FANOTIFY,
  FS_CONTEXT,
  IO_URING,
  USERFAULTFD,
  BPF,
  PERF_EVENT,
  OTHER
}
