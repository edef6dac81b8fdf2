package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.file.FdTables;
import io.kledger.engine.file.FdTables.Open;
import io.kledger.engine.file.FilePut;
import io.kledger.engine.file.Pipes;
import io.kledger.engine.uring.RingFiles;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.FdSlot;
import io.kledger.kernel.uring.Ring;
import io.kledger.kernel.uring.RingFile;
import io.kledger.kernel.uring.RingRequest;

/** How requests use registered files and make direct descriptors: io_uring/filetable.c. */
final class FixedFiles {
  /** A number that no table of descriptors reaches: a registered file has it while it is used. */
  private static final int LENT = 0x7ffffff0;

  private FixedFiles() {}

  /** A direct descriptor cannot be closed on exec: it is in no table (io_openat_prep()). */
  static boolean cloexec(Sqe sqe) {
    return !sqe.get("file_index", "0").equals("0")
        && sqe.get("open_flags", "").contains("O_CLOEXEC");
  }

  /** Whether a read or write of the request's file is at an offset: not of a stream, not at -1. */
  static boolean positioned(CallContext context, Sqe sqe) {
    boolean current = Arguments.number(sqe.get("off", "0"), 0) == -1;
    int number = (int) Arguments.number(sqe.get("fd", "-1"), -1);
    if (current || !(FdTables.get(context, number) instanceof Open open)) {
      return !current;
    }
    return switch (open.description().kind()) {
      case PATH, MEMFD -> !Pipes.isPipe(context.state().inodes.get(open.description().inode()));
      case PIPE,
          SOCKET,
          PIDFD,
          NAMESPACE,
          EVENTFD,
          EPOLL,
          SIGNALFD,
          TIMERFD,
          INOTIFY,
          FANOTIFY,
          FS_CONTEXT,
          IO_URING,
          USERFAULTFD,
          BPF,
          PERF_EVENT,
          OTHER ->
          false;
    };
  }

  /** io_file_get_fixed(): the handler finds the registered file under a number of its own. */
  static boolean lend(CallContext context, RingRequest request, Sqe sqe) {
    RingFile file =
        RingFiles.at(
            context.state(), request.ring(), (int) Arguments.number(sqe.get("fd", "-1"), -1));
    if (file == null) {
      return false;
    }
    long table = context.task().files();
    context.put(
        Tables.FDS,
        new FdSlot(
            FdSlot.key(table, LENT), table, LENT, file.description(), false, context.position()));
    sqe.set("fd", Integer.toString(LENT));
    return true;
  }

  static void giveBack(CallContext context) {
    long key = FdSlot.key(context.task().files(), LENT);
    if (context.state().fds.get(key) != null) {
      context.remove(Tables.FDS, key);
    }
  }

  /** io_fixed_fd_install(): a new descriptor goes to a slot of the ring, not to the table. */
  static Result direct(CallContext context, RingRequest request, Sqe sqe, Result result) {
    String where = sqe.get("file_index", "0");
    if (where.equals("0") || !(result instanceof Result.Done done)) {
      return result;
    }
    Ring ring = context.state().rings.get(request.ring());
    int slots = ring == null ? 0 : ring.files();
    FdSlot made = context.state().fd(context.task().files(), (int) done.value());
    boolean any = where.equals("IORING_FILE_INDEX_ALLOC") || Arguments.number(where, 0) == -1;
    int slot =
        any
            ? RingFiles.free(context.state(), request.ring(), slots)
            : (int) Arguments.number(where, 0) - 1;
    int errno =
        slot < 0 ? Errno.ENFILE : slots == 0 ? Errno.ENXIO : slot >= slots ? Errno.EINVAL : 0;
    if (made == null) {
      return result;
    }
    if (errno == 0) {
      RingFiles.put(context, request.ring(), slot, made.description());
    }
    context.remove(Tables.FDS, made.key());
    if (errno != 0) {
      FilePut.put(context, made.description());
      return context.fail(errno, "F28.6 slot");
    }
    return Result.value(any ? slot : 0);
  }
}
