package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.file.FdTables;
import io.kledger.event.avro.IoctlCall;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;

/** ioctl(2): to each kind of file its own. */
final class IoctlCalls {
  /** Requests of terminals: TCGETS, TIOCGWINSZ and their kin have this type. */
  private static final long TERMINAL = 'T';

  /** Requests of epoll instances have this type. */
  private static final long EPOLL = 0x8a;

  private IoctlCalls() {}

  static void register(SyscallTable.Builder table) {
    table.partial(
        IoctlCall.class,
        "namespaces, pidfds, cgroups, block devices; of terminals only that other files are none",
        IoctlCalls::ioctl);
  }

  private static Result ioctl(CallContext context, IoctlCall call) {
    return switch (FdTables.get(context, call.getFd())) {
      case FdTables.NotOpen none -> context.fail(Errno.EBADF, "ioctl: fd not open");
      case FdTables.NotSeen none -> new Result.Unknown("what the fd refers to");
      case FdTables.Open open -> {
        Result common = open.description().pathOnly() ? null : VfsIoctls.ioctl(context, open, call);
        yield common == null ? of(context, open.description(), call) : common;
      }
    };
  }

  private static Result of(CallContext context, OpenFileDescription file, IoctlCall call) {
    if (file.pathOnly()) {
      return context.refuse("ioctl: O_PATH")
          ? context.fail(Errno.EBADF, "ioctl: O_PATH")
          : Result.ZERO;
    }
    Result own =
        switch (file.kind()) {
          case NAMESPACE -> NamespaceIoctls.ofNamespace(context, file, call);
          case PIDFD -> PidfdIoctls.ioctl(context, file, call);
          case PATH -> ofPath(context, file, call);
          case EPOLL ->
              // ep_eventpoll_ioctl() knows EPIOC* only.
              (call.getRequest() >> 8 & 0xff) == EPOLL
                  ? null
                  : context.refuse("ep_eventpoll_ioctl")
                      ? context.fail(Errno.EINVAL, "ep_eventpoll_ioctl")
                      : Result.ZERO;
          case PIPE,
              SOCKET,
              EVENTFD,
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
              OTHER ->
              null;
        };
    if (own != null) {
      return own;
    }
    if (foreign(file, call)) {
      return context.refuse("ioctl: of another kind of file")
          ? context.fail(Errno.ENOTTY, "ioctl: of another kind of file")
          : Result.value(context.observedOr(0));
    }
    boolean terminal = (call.getRequest() >> 8 & 0xff) == TERMINAL;
    if (terminal && !perhapsTerminal(context, file) && context.refuse("no terminal")) {
      return context.fail(Errno.ENOTTY, "no terminal");
    }
    return context.assuming()
        ? Result.value(context.observedOr(0))
        : new Result.Unknown("this ioctl is not modelled");
  }

  private static Result ofPath(CallContext context, OpenFileDescription file, IoctlCall call) {
    Result own = OverlayIoctls.ioctl(context, file, call);
    if (own != null) {
      return own;
    }
    own = CgroupIoctls.ioctl(context, file, call);
    if (own == null) {
      own = BlockIoctls.ioctl(context, file, call);
    }
    return own == null ? FilesystemIoctls.ioctl(context, file, call) : own;
  }

  /** Requests that only one kind of file answers, and this file is of another. */
  private static boolean foreign(OpenFileDescription file, IoctlCall call) {
    return switch ((int) (call.getRequest() >> 8 & 0xff)) {
      case 0xb7, 0xff -> !file.inferred() && file.kind() != FileKind.OTHER;
      default -> false;
    };
  }

  private static boolean perhapsTerminal(CallContext context, OpenFileDescription file) {
    if (file.kind() != FileKind.PATH) {
      return file.kind() == FileKind.OTHER;
    }
    Inode inode = context.state().inodes.get(file.inode());
    if (inode == null || !inode.typeKnown()) {
      return true;
    }
    int type = inode.mode() & Inode.S_IFMT;
    boolean memory = type == Inode.S_IFCHR && inode.rdevMajor() == 1;
    return type == Inode.S_IFCHR && !memory;
  }
}
