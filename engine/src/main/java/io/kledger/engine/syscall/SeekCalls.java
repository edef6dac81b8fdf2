package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.block.BlockDevices;
import io.kledger.engine.block.BtrfsSpace;
import io.kledger.engine.file.Contents;
import io.kledger.engine.file.FdTables;
import io.kledger.engine.file.FdTables.Open;
import io.kledger.engine.file.Pipes;
import io.kledger.engine.watch.Events;
import io.kledger.event.avro.FallocateCall;
import io.kledger.event.avro.LseekCall;
import io.kledger.kernel.Tables;
import io.kledger.kernel.block.BlockDevice;
import io.kledger.kernel.change.FdChange;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;

/** Positions and sizes of files: lseek(2), fallocate(2). */
final class SeekCalls {
  private static final int SEEK_SET = 0;
  private static final int SEEK_CUR = 1;
  private static final int SEEK_END = 2;
  private static final int SEEK_DATA = 3;
  private static final int SEEK_HOLE = 4;
  private static final long KEEP_SIZE = 1;
  private static final long PUNCH_HOLE = 2;
  private static final long ALL_MODES = 0x7f;

  private SeekCalls() {}

  static void register(SyscallTable.Builder table) {
    table
        .partial(LseekCall.class, "holes, directories", SeekCalls::lseek)
        .partial(FallocateCall.class, "space, modes other than 0 and holes", SeekCalls::fallocate);
  }

  static Result lseek(CallContext context, LseekCall call) {
    FdTables.Lookup found = FdTables.getFile(context, call.getFd());
    if (!(found instanceof Open open)) {
      return FdTables.failure(context, found);
    }
    OpenFileDescription file = open.description();
    Inode inode = context.state().inodes.get(file.inode());
    int whence = (int) call.getWhence();
    if ((whence < SEEK_SET || whence > SEEK_HOLE) && context.refuse("lseek: whence")) {
      return context.fail(Errno.EINVAL, "lseek: whence");
    }
    if (stream(file, inode) && context.refuse("lseek: no position")) {
      return context.fail(Errno.ESPIPE, "lseek: no position");
    }
    if (stays(file, inode)) {
      return Result.ZERO;
    }
    Result result = regular(context, call, file, inode);
    if (!(result instanceof Result.Done) && !context.assuming()) {
      return result;
    }
    long position = context.observedOr(result instanceof Result.Done done ? done.value() : 0);
    if (position != file.position()) {
      context.emit(new FdChange.DescriptionChanged(file.withPosition(position)));
    }
    return result instanceof Result.Done ? result : Result.value(position);
  }

  private static boolean stream(OpenFileDescription file, Inode inode) {
    return switch (file.kind()) {
      case PIPE, SOCKET, PIDFD, NAMESPACE -> true;
      case PATH -> Pipes.isPipe(inode);
      case EVENTFD,
          EPOLL,
          SIGNALFD,
          TIMERFD,
          INOTIFY,
          FANOTIFY,
          MEMFD,
          FS_CONTEXT,
          IO_URING,
          USERFAULTFD,
          BPF,
          PERF_EVENT,
          OTHER ->
          false;
    };
  }

  /** noop_llseek() and null_lseek(): it succeeds, and leads nowhere. */
  private static boolean stays(OpenFileDescription file, Inode inode) {
    return switch (file.kind()) {
      case EVENTFD, EPOLL, SIGNALFD, TIMERFD, INOTIFY, FANOTIFY -> true;
      case PATH ->
          inode != null
              && (inode.mode() & Inode.S_IFMT) == Inode.S_IFCHR
              && inode.rdevMajor() == 1
              && (inode.rdevMinor() == 3 || inode.rdevMinor() == 5);
      case PIPE,
          SOCKET,
          PIDFD,
          NAMESPACE,
          MEMFD,
          FS_CONTEXT,
          IO_URING,
          USERFAULTFD,
          BPF,
          PERF_EVENT,
          OTHER ->
          false;
    };
  }

  /** blkdev_llseek(): within the device. */
  private static Result block(
      CallContext context, LseekCall call, OpenFileDescription file, BlockDevice device) {
    long base =
        switch ((int) call.getWhence()) {
          case SEEK_SET -> 0;
          case SEEK_CUR -> file.position();
          case SEEK_END -> device.size();
          default -> Long.MIN_VALUE / 2;
        };
    long to = base + call.getOffset();
    return to < 0 || to > device.size()
        ? context.fail(Errno.EINVAL, "fixed_size_llseek")
        : Result.value(to);
  }

  /** generic_file_llseek(): where it leads, or why nowhere. */
  private static Result regular(
      CallContext context, LseekCall call, OpenFileDescription file, Inode inode) {
    BlockDevice device = BlockDevices.of(context.state(), inode);
    if (device != null && context.simulated()) {
      return block(context, call, file, device);
    }
    boolean directory =
        inode != null
            && inode.directory()
            && (call.getWhence() == SEEK_SET || call.getWhence() == SEEK_CUR);
    if (inode == null || !inode.regular() && !(directory && context.simulated())) {
      return new Result.Unknown("position or size of the file");
    }
    long size = FileData.sizeKnown(context, inode) ? inode.size() : -1;
    long offset = call.getOffset();
    long base;
    switch ((int) call.getWhence()) {
      case SEEK_SET -> base = 0;
      case SEEK_CUR -> base = file.inferred() ? -1 : file.position();
      case SEEK_END -> base = size;
      default -> {
        return data(context, call, size);
      }
    }
    if (base < 0) {
      return new Result.Unknown("position or size of the file");
    }
    boolean bad = offset > Long.MAX_VALUE - base || base + offset < 0;
    return bad && context.refuse("lseek: offset")
        ? context.fail(Errno.EINVAL, "lseek: offset")
        : Result.value(base + offset);
  }

  /** SEEK_DATA and SEEK_HOLE: a file of a simulation is all data, with a hole at its end. */
  private static Result data(CallContext context, LseekCall call, long size) {
    if (size < 0) {
      return new Result.Unknown("position or size of the file");
    }
    long offset = call.getOffset();
    if (offset < 0 || offset >= size) {
      return context.refuse("lseek: behind the end")
          ? context.fail(Errno.ENXIO, "lseek: behind the end")
          : Result.value(context.observedOr(0));
    }
    if (!context.simulated()) {
      return new Result.Unknown("where the file has holes");
    }
    return Result.value(call.getWhence() == SEEK_HOLE ? size : offset);
  }

  /** vfs_fallocate(). */
  static Result fallocate(CallContext context, FallocateCall call) {
    FdTables.Lookup found = FdTables.getFile(context, call.getFd());
    if (!(found instanceof Open open)) {
      return FdTables.failure(context, found);
    }
    long mode = call.getMode();
    long end = call.getOffset() + call.getLength();
    boolean range = call.getOffset() < 0 || call.getLength() <= 0;
    if (range && context.refuse("fallocate: range")) {
      return context.fail(Errno.EINVAL, "fallocate: range");
    }
    boolean hole = (mode & PUNCH_HOLE) != 0;
    boolean odd = (mode & ~ALL_MODES) != 0 || hole && (mode & KEEP_SIZE) == 0;
    if (odd && context.refuse("fallocate: mode")) {
      return context.fail(Errno.EOPNOTSUPP, "fallocate: mode");
    }
    if (!open.description().writable() && context.refuse("fallocate: access mode")) {
      return context.fail(Errno.EBADF, "fallocate: access mode");
    }
    Inode inode = context.state().inodes.get(open.description().inode());
    if (Pipes.isPipe(inode) && context.refuse("fallocate: pipe")) {
      return context.fail(Errno.ESPIPE, "fallocate: pipe");
    }
    if (inode == null || !inode.typeKnown()) {
      return context.assuming() ? Result.ZERO : new Result.Unknown("type of the file");
    }
    if (inode.directory() && context.refuse("fallocate: directory")) {
      return context.fail(Errno.EISDIR, "fallocate: directory");
    }
    if ((inode.mode() & Inode.S_IFMT) == Inode.S_IFBLK) {
      BlockDevice device = BlockDevices.of(context.state(), inode);
      if (device != null && context.simulated()) {
        return BlockIoctls.fallocate(context, device, mode, call.getOffset(), end);
      }
      return context.simulated() ? new Result.Unknown("what is on the device") : Result.ZERO;
    }
    if (!inode.regular() && context.refuse("fallocate: not a file")) {
      return context.fail(Errno.ENODEV, "fallocate: not a file");
    }
    if (end < 0 && context.refuse("fallocate: too large")) {
      return context.fail(Errno.EFBIG, "fallocate: too large");
    }
    if ((mode & ~(KEEP_SIZE | PUNCH_HOLE)) != 0 && !context.assuming()) {
      return new Result.Unknown("whether the filesystem has the mode");
    }
    Result sealed = hole ? SealCommands.write(context, inode, 0) : null;
    if (sealed == null) {
      sealed = SealCommands.resize(context, inode, Math.max(end, inode.size()));
    }
    if (sealed != null) {
      return sealed;
    }
    Inode now = context.state().inodes.require(inode.key());
    if (hole) {
      Contents.drop(context, now.key());
    } else if ((mode & KEEP_SIZE) == 0 && end > now.size() && FileData.sizeKnown(context, now)) {
      if (!BtrfsSpace.charge(context, now, end - now.size())) {
        return context.fail(Errno.ENOSPC, "F44 no space");
      }
      Contents.resize(context, now, end);
      context.put(Tables.INODES, now.withSize(end));
    }
    Events.of(context).written(open.description());
    return Result.ZERO;
  }
}
