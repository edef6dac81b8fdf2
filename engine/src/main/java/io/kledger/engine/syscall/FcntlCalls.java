package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Handler;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.file.FdTables;
import io.kledger.engine.file.FdTables.Open;
import io.kledger.engine.file.FdTrails;
import io.kledger.engine.file.Limits;
import io.kledger.engine.file.OpenFlags;
import io.kledger.event.avro.FcntlCall;
import io.kledger.event.avro.Fd;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.change.FdChange;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.task.PendingCall;

/** fcntl(2): do_fcntl(). Locks are in {@link RecordLocks}. */
public final class FcntlCalls {
  private static final int F_DUPFD = 0;
  private static final int F_GETFD = 1;
  private static final int F_SETFD = 2;
  private static final int F_GETFL = 3;
  private static final int F_SETFL = 4;
  private static final int F_GETOWNER_UIDS = 17;

  /** F_LINUX_SPECIFIC_BASE: leases, notification, seals and hints are numbered from here. */
  private static final int F_LINUX = 1024;

  private static final int LINUX_COMMANDS = 15;
  private static final int F_NOTIFY = 1026;
  private static final int F_GET_RW_HINT = 1035;
  private static final int F_DUPFD_QUERY = 1027;
  private static final int F_DUPFD_CLOEXEC = 1030;
  private static final long SETFL_MASK =
      OpenFlags.APPEND
          | OpenFlags.NONBLOCK
          | OpenFlags.DIRECT
          | OpenFlags.NOATIME
          | OpenFlags.ASYNC;

  private FcntlCalls() {}

  /** Adds the call. */
  public static void register(SyscallTable.Builder table) {
    table.partial(
        FcntlCall.class,
        "lease breaks, directory notification, hints",
        new Handler<>() {
          @Override
          public Result call(CallContext context, FcntlCall call) {
            return fcntl(context, call);
          }

          @Override
          public Result enter(CallContext context, FcntlCall call) {
            int command = (int) call.getCommand();
            boolean early =
                command == RecordLocks.F_SETLKW
                    || command == RecordLocks.F_OFD_SETLKW
                    || RecordLocks.unlocks(call);
            return LockCalls.enter(context, "fcntl", early ? fcntl(context, call) : null);
          }
        });
  }

  static Result fcntl(CallContext context, FcntlCall call) {
    PendingCall pending = LockCalls.pending(context, "fcntl");
    if (pending != null) {
      return LockCalls.resume(context, pending);
    }
    FdTables.Lookup found = FdTables.get(context, call.getFd());
    if (!(found instanceof Open open)) {
      return FdTables.failure(context, found);
    }
    OpenFileDescription file = open.description();
    int command = (int) call.getCommand();
    return switch (command) {
      case F_DUPFD -> dup(context, call, open, false);
      case F_DUPFD_CLOEXEC -> dup(context, call, open, true);
      case F_DUPFD_QUERY -> query(context, call, file);
      case F_GETFD -> Result.value(open.slot().closeOnExec() ? 1 : 0);
      case F_SETFD -> {
        CloseCalls.closeOnExec(context, open.slot(), (number(call) & 1) != 0);
        yield Result.ZERO;
      }
      case F_GETFL -> getFlags(context, file);
      default -> file(context, call, command, open);
    };
  }

  /** Commands that an O_PATH descriptor is not good for. */
  private static Result file(CallContext context, FcntlCall call, int command, Open open) {
    OpenFileDescription file = open.description();
    if (file.pathOnly() && context.refuse("C2.9 O_PATH")) {
      return context.fail(Errno.EBADF, "C2.9 O_PATH");
    }
    if (command == F_SETFL) {
      return setFlags(context, file, number(call));
    }
    if (RecordLocks.handles(command)) {
      return RecordLocks.fcntl(context, call, command, file);
    }
    Result own = OwnerCommands.fcntl(context, call, command, file);
    if (own == null) {
      own = SealCommands.fcntl(context, call, command, file);
    }
    if (own == null) {
      own = PipeSizes.fcntl(context, call, command, file);
    }
    return own == null ? other(context, command, file) : own;
  }

  /** Commands without state, and those that no kernel has. */
  private static Result other(CallContext context, int command, OpenFileDescription file) {
    if (command == F_NOTIFY) {
      Inode inode = context.state().inodes.get(file.inode());
      boolean no = inode == null || inode.typeKnown() && !inode.directory();
      return no && context.refuse("F_NOTIFY: no directory")
          ? context.fail(Errno.ENOTDIR, "F_NOTIFY: no directory")
          : Result.ZERO;
    }
    boolean known =
        command == F_GET_RW_HINT
            || command >= F_LINUX && command < F_LINUX + LINUX_COMMANDS
            || command >= 0 && command <= F_GETOWNER_UIDS;
    return known || !context.refuse("fcntl: command")
        ? new Result.Unknown("what fcntl command " + command + " does")
        : context.fail(Errno.EINVAL, "fcntl: command");
  }

  private static Result dup(CallContext context, FcntlCall call, Open open, boolean cloexec) {
    long from = number(call);
    if ((from < 0 || from >= Limits.files(context)) && context.refuse("C2.3 RLIMIT_NOFILE")) {
      return context.fail(Errno.EINVAL, "C2.3 RLIMIT_NOFILE");
    }
    Result result = FdTables.installFrom(context, open.description(), cloexec, (int) from);
    return FdTrails.derived(context, open.slot(), result);
  }

  private static Result query(CallContext context, FcntlCall call, OpenFileDescription file) {
    FdTables.Lookup other =
        call.getArgument() instanceof Fd fd
            ? FdTables.get(context, fd)
            : FdTables.get(context, (int) number(call));
    return other instanceof Open open
        ? Result.value(open.description().key() == file.key() ? 1 : 0)
        : FdTables.failure(context, other);
  }

  private static Result getFlags(CallContext context, OpenFileDescription file) {
    if (file.flagsKnown()) {
      return Result.value(file.flags());
    }
    if (context.succeeded()) {
      context.emit(new FdChange.DescriptionChanged(file.withFlags(context.observedOr(0))));
    }
    return context.assuming()
        ? Result.value(context.observedOr(0))
        : new Result.Unknown("flags of a description that the log has not shown");
  }

  private static Result setFlags(CallContext context, OpenFileDescription file, long wanted) {
    long mask = hasFasync(context.state(), file) ? SETFL_MASK : SETFL_MASK & ~OpenFlags.ASYNC;
    long flags = wanted & mask | file.flags() & ~mask;
    if (flags != file.flags()) {
      context.emit(new FdChange.DescriptionChanged(file.withFlags(flags)));
    }
    return Result.ZERO;
  }

  /** Whether a file has ->fasync: only there O_ASYNC can be switched. */
  static boolean hasFasync(KernelState state, OpenFileDescription file) {
    return switch (file.kind()) {
      case PIPE, SOCKET, INOTIFY, PERF_EVENT, OTHER -> true;
      case PATH -> {
        Inode inode = state.inodes.get(file.inode());
        boolean plain = inode != null && (inode.regular() || inode.directory());
        yield !plain && (inode == null || inode.rdevMajor() != 1);
      }
      case PIDFD,
          NAMESPACE,
          EVENTFD,
          EPOLL,
          SIGNALFD,
          TIMERFD,
          MEMFD,
          FANOTIFY,
          FS_CONTEXT,
          IO_URING,
          USERFAULTFD,
          BPF ->
          false;
    };
  }

  /** The argument as a number. */
  static long number(FcntlCall call) {
    return switch (call.getArgument()) {
      case Long value -> value;
      case Fd fd -> fd.getNumber();
      case null, default -> 0;
    };
  }
}
