package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Handler;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.blob.Blobs;
import io.kledger.engine.block.BlockDevices;
import io.kledger.engine.block.BtrfsSpace;
import io.kledger.engine.file.Contents;
import io.kledger.engine.file.FdTables;
import io.kledger.engine.file.FdTables.Open;
import io.kledger.engine.file.Pipes;
import io.kledger.engine.watch.Events;
import io.kledger.event.avro.Fd;
import io.kledger.event.avro.FstatfsCall;
import io.kledger.event.avro.FsyncCall;
import io.kledger.event.avro.FtruncateCall;
import io.kledger.event.avro.Getdents64Call;
import io.kledger.event.avro.Pread64Call;
import io.kledger.event.avro.Pwrite64Call;
import io.kledger.event.avro.Raw;
import io.kledger.event.avro.ReadCall;
import io.kledger.event.avro.WriteCall;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;

/**
 * Input and output: the ledger knows who may read and write, not what. How many bytes move, it does
 * not predict.
 */
public final class IoCalls {
  private static final Result DATA = FileData.UNKNOWN;

  private IoCalls() {}

  /** Adds the calls of this family. */
  public static void register(SyscallTable.Builder table) {
    table
        .partial(ReadCall.class, "data", READ)
        .partial(Pread64Call.class, "data", IoCalls::pread)
        .partial(WriteCall.class, "data", WRITE)
        .partial(Pwrite64Call.class, "data", IoCalls::pwrite)
        .partial(Getdents64Call.class, "entries", (c, call) -> getdents(c, call))
        .full(FtruncateCall.class, IoCalls::ftruncate)
        .partial(FsyncCall.class, "errors of devices", IoCalls::fsync)
        .partial(FstatfsCall.class, "the numbers", IoCalls::fstatfs);
  }

  private static final Handler<ReadCall> READ =
      new Handler<>() {
        @Override
        public Result call(CallContext context, ReadCall call) {
          return read(context, call);
        }

        @Override
        public Result enter(CallContext context, ReadCall call) {
          if (SocketCalls.find(context, call.getFd()) != null) {
            BegunReceive.begin(context);
          }
          return new Result.Blocked("its return");
        }
      };

  /** What a write puts into a pipe, others may be seen to read before it returns. */
  private static final Handler<WriteCall> WRITE =
      new Handler<>() {
        @Override
        public Result call(CallContext context, WriteCall call) {
          if (BegunSend.begun(context)) {
            return BegunSend.finish(context);
          }
          return PipeData.begun(context)
              ? PipeData.finish(context, call)
              : write(context, call.getFd(), call.getData(), call.getCount(), FileData.CURRENT);
        }

        @Override
        public Result enter(CallContext context, WriteCall call) {
          PipeData.begin(context, call);
          if (SocketCalls.find(context, call.getFd()) != null) {
            BegunSend.begin(context, () -> write(context, call));
          }
          return new Result.Blocked("its return");
        }
      };

  static Result write(CallContext context, WriteCall call) {
    return write(context, call.getFd(), call.getData(), call.getCount(), FileData.CURRENT);
  }

  static Result pwrite(CallContext context, Pwrite64Call call) {
    Result refused = positioned(context, call.getFd(), call.getOffset());
    return refused == null
        ? write(context, call.getFd(), call.getData(), call.getCount(), call.getOffset())
        : refused;
  }

  /** ksys_pread64(): what comes before the access mode; null if the file has positions. */
  private static Result positioned(CallContext context, Fd fd, long offset) {
    if (offset < 0 && context.refuse("pread: offset")) {
      return context.fail(Errno.EINVAL, "pread: offset");
    }
    FdTables.Lookup found = FdTables.getFile(context, fd);
    if (!(found instanceof Open open)) {
      return FdTables.failure(context, found);
    }
    boolean stream =
        switch (open.description().kind()) {
          case PIPE,
              SOCKET,
              EVENTFD,
              EPOLL,
              SIGNALFD,
              TIMERFD,
              INOTIFY,
              FANOTIFY,
              FS_CONTEXT,
              IO_URING,
              USERFAULTFD,
              PERF_EVENT ->
              true;
          case PATH, PIDFD, NAMESPACE, MEMFD, BPF, OTHER ->
              Pipes.isPipe(context.state().inodes.get(open.description().inode()));
        };
    return stream && context.refuse("pread: no position")
        ? context.fail(Errno.ESPIPE, "pread: no position")
        : null;
  }

  static Result read(CallContext context, ReadCall call) {
    FdTables.Lookup found = FdTables.getFile(context, call.getFd());
    if (found instanceof Open file && file.description().kind() == FileKind.FS_CONTEXT) {
      return FsContextCalls.read(context, call, file.description());
    }
    Result result = io(context, call.getFd(), true, false);
    if (result != DATA || !(found instanceof Open open)) {
      return result;
    }
    if (open.description().kind() == FileKind.FANOTIFY) {
      Result mounts = FanotifyCalls.read(context, open.description(), call);
      return mounts == null ? FanotifyEvents.read(context, call) : mounts;
    }
    if (open.description().kind() == FileKind.INOTIFY) {
      return InotifyCalls.read(context, open.description(), call);
    }
    Result control = ControlFiles.read(context, open.description(), call);
    Result read =
        control == null
            ? FileData.read(
                context,
                open.description(),
                call.getFd(),
                call.getCount(),
                FileData.CURRENT,
                call.getData(),
                text -> ReadCall.newBuilder(call).setData(text).build())
            : control;
    if (read instanceof Result.Done done && done.value() > 0) {
      Events.of(context).read(open.description());
    }
    return read;
  }

  static Result pread(CallContext context, Pread64Call call) {
    Result refused = positioned(context, call.getFd(), call.getOffset());
    if (refused != null) {
      return refused;
    }
    Result result = io(context, call.getFd(), true, false);
    if (result != DATA || !(FdTables.getFile(context, call.getFd()) instanceof Open open)) {
      return result;
    }
    Result control =
        call.getOffset() < 0 ? null : ControlFiles.pread(context, open.description(), call);
    Result read = control;
    if (control == null) {
      read =
          FileData.read(
              context,
              open.description(),
              call.getFd(),
              call.getCount(),
              call.getOffset(),
              call.getData(),
              text -> Pread64Call.newBuilder(call).setData(text).build());
    }
    if (read instanceof Result.Done done && done.value() > 0) {
      Events.of(context).read(open.description());
    }
    return read;
  }

  /** do_sendfile(): both are open the right way; null if so. */
  static Result modes(CallContext context, Fd in, Fd out) {
    FdTables.Lookup from = FdTables.getFile(context, in);
    if (!(from instanceof Open source)) {
      return FdTables.failure(context, from);
    }
    if (!source.description().readable() && context.refuse("access mode of the description")) {
      return context.fail(Errno.EBADF, "access mode of the description");
    }
    FdTables.Lookup to = FdTables.getFile(context, out);
    if (!(to instanceof Open target)) {
      return FdTables.failure(context, to);
    }
    return !target.description().writable() && context.refuse("access mode of the description")
        ? context.fail(Errno.EBADF, "access mode of the description")
        : null;
  }

  static Result io(CallContext context, Fd fd, boolean read, boolean write) {
    FdTables.Lookup found = FdTables.getFile(context, fd);
    if (!(found instanceof Open open)) {
      return FdTables.failure(context, found);
    }
    OpenFileDescription file = open.description();
    boolean refused = read && !file.readable() || write && !file.writable();
    if (refused && context.refuse("access mode of the description")) {
      return context.fail(Errno.EBADF, "access mode of the description");
    }
    if (noOperation(file, read, write) && context.refuse("no read or write operation")) {
      return context.fail(Errno.EINVAL, "no read or write operation");
    }
    if (read && directory(context, file) && context.refuse("read: directory")) {
      return context.fail(Errno.EISDIR, "read: directory");
    }
    return DATA;
  }

  /** Files whose operations have no read or no write: vfs_read(), vfs_write(). */
  private static boolean noOperation(OpenFileDescription file, boolean read, boolean write) {
    return switch (file.kind()) {
      case PIDFD, NAMESPACE, EPOLL, IO_URING -> read || write;
      case SIGNALFD, TIMERFD, INOTIFY, PERF_EVENT, USERFAULTFD -> write;
      case PATH, PIPE, SOCKET, EVENTFD, MEMFD, FANOTIFY, FS_CONTEXT, BPF, OTHER -> false;
    };
  }

  private static Result write(CallContext context, Fd fd, Object data, long count, long offset) {
    Result result = io(context, fd, false, true);
    if (result == DATA && FdTables.getFile(context, fd) instanceof Open open) {
      Result control = ControlFiles.write(context, open.description(), data, offset);
      Result written =
          control == null
              ? FileData.write(context, open.description(), fd, data, count, offset)
              : control;
      if (written instanceof Result.Done done && done.value() > 0) {
        Events.of(context).written(open.description());
      }
      return written;
    }
    return result;
  }

  private static boolean directory(CallContext context, OpenFileDescription file) {
    Inode inode = file.kind() == FileKind.PATH ? context.state().inodes.get(file.inode()) : null;
    return inode != null && inode.directory();
  }

  private static Result fstatfs(CallContext context, FstatfsCall call) {
    FdTables.Lookup found = FdTables.get(context, call.getFd());
    if (!(found instanceof Open open)) {
      return FdTables.failure(context, found);
    }
    Raw status =
        open.description().kind() == FileKind.NAMESPACE && context.simulated()
            ? StatfsAnswer.named("NSFS_MAGIC")
            : StatfsAnswer.of(context, context.state().inodes.get(open.description().inode()));
    return status == null
        ? Result.ZERO
        : Result.value(0, FstatfsCall.newBuilder(call).setStatus(status).build());
  }

  static Result getdents(CallContext context, Getdents64Call call) {
    FdTables.Lookup found = FdTables.getFile(context, call.getFd());
    if (!(found instanceof Open open)) {
      return FdTables.failure(context, found);
    }
    Inode inode = context.state().inodes.get(open.description().inode());
    boolean other = inode != null && inode.typeKnown() && !inode.directory();
    if (inode != null && inode.directory()) {
      // iterate_dir(): whether or not there are entries left.
      Events.of(context).read(open.description());
    }
    return other && context.refuse("getdents: not a directory")
        ? context.fail(Errno.ENOTDIR, "getdents: not a directory")
        : DATA;
  }

  static Result ftruncate(CallContext context, FtruncateCall call) {
    if (call.getLength() < 0 && context.refuse("ftruncate: length")) {
      return context.fail(Errno.EINVAL, "ftruncate: length");
    }
    FdTables.Lookup found = FdTables.getFile(context, call.getFd());
    if (!(found instanceof Open open)) {
      return FdTables.failure(context, found);
    }
    Inode inode = context.state().inodes.get(open.description().inode());
    FileKind kind = open.description().kind();
    boolean file = kind == FileKind.PATH || kind == FileKind.MEMFD || kind == FileKind.OTHER;
    boolean regular = file && (inode == null || !inode.typeKnown() || inode.regular());
    if ((!regular || !open.description().writable()) && context.refuse("ftruncate: file")) {
      return context.fail(Errno.EINVAL, "ftruncate: file");
    }
    Result sealed = SealCommands.resize(context, inode, call.getLength());
    if (sealed != null) {
      return sealed;
    }
    Result blob = Blobs.truncate(context, inode, call.getLength());
    if (blob != null) {
      return blob;
    }
    if (inode != null && inode.size() != call.getLength()) {
      BtrfsSpace.refund(context, inode, inode.size() - call.getLength());
      Contents.resize(context, inode, call.getLength());
      context.put(Tables.INODES, inode.withSize(call.getLength()));
    }
    Events.of(context).written(open.description());
    return Result.ZERO;
  }

  static Result fsync(CallContext context, FsyncCall call) {
    FdTables.Lookup found = FdTables.getFile(context, call.getFd());
    if (!(found instanceof Open open)) {
      return FdTables.failure(context, found);
    }
    Inode inode = context.state().inodes.get(open.description().inode());
    boolean stream =
        switch (open.description().kind()) {
          case PIPE, SOCKET, PIDFD, EVENTFD, EPOLL, SIGNALFD, TIMERFD, INOTIFY, FANOTIFY -> true;
          case PATH, NAMESPACE, MEMFD, FS_CONTEXT, IO_URING, USERFAULTFD, BPF, PERF_EVENT, OTHER ->
              Pipes.isPipe(inode)
                  || inode != null && (inode.mode() & Inode.S_IFMT) == Inode.S_IFCHR;
        };
    if (stream && context.refuse("fsync: nothing to write back")) {
      return context.fail(Errno.EINVAL, "fsync: nothing to write back");
    }
    boolean node = inode != null && (inode.mode() & Inode.S_IFMT) == Inode.S_IFBLK;
    boolean device = node || BlockDevices.of(context.state(), inode) != null;
    return device || inode != null && (inode.regular() || inode.directory())
        ? Result.ZERO
        : new Result.Unknown("whether the file can be synchronised");
  }
}
