package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.file.Contents;
import io.kledger.engine.file.FdTables;
import io.kledger.engine.file.FdTables.Open;
import io.kledger.engine.file.OpenFlags;
import io.kledger.engine.watch.Events;
import io.kledger.event.Bytes;
import io.kledger.event.avro.CopyFileRangeCall;
import io.kledger.event.avro.Fd;
import io.kledger.event.avro.SendfileCall;
import io.kledger.event.avro.Text;
import io.kledger.kernel.change.FdChange;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;

/** Data that moves within the kernel: sendfile(2), copy_file_range(2). */
final class CopyCalls {
  /** Socket buffers are filled page by page: what is longer comes in several messages. */
  private static final long PAGE = 4096;

  private CopyCalls() {}

  static void register(SyscallTable.Builder table) {
    table
        .partial(SendfileCall.class, "offsets of their own", CopyCalls::sendfile)
        .partial(CopyFileRangeCall.class, "offsets of their own", CopyCalls::copyRange);
  }

  private static Result sendfile(CallContext context, SendfileCall call) {
    Result modes = IoCalls.modes(context, call.getIn(), call.getOut());
    if (modes != null) {
      return modes;
    }
    if (call.getCount() > 0
        && noSource(context, call.getIn())
        && context.refuse("sendfile: source")) {
      return context.fail(Errno.EINVAL, "sendfile: source");
    }
    Result out = IoCalls.io(context, call.getOut(), false, true);
    if (out != FileData.UNKNOWN) {
      return out;
    }
    if (appends(context, call.getOut()) && context.refuse("sendfile: O_APPEND")) {
      return context.fail(Errno.EINVAL, "sendfile: O_APPEND");
    }
    return copy(context, call.getIn(), call.getOut(), call.getOffset() != null, call.getCount());
  }

  /** do_splice_read(): directories and anonymous files have no ->splice_read. */
  private static boolean noSource(CallContext context, Fd fd) {
    if (!(FdTables.getFile(context, fd) instanceof Open open)) {
      return false;
    }
    return switch (open.description().kind()) {
      case PIDFD,
          EVENTFD,
          EPOLL,
          SIGNALFD,
          TIMERFD,
          INOTIFY,
          FANOTIFY,
          FS_CONTEXT,
          IO_URING,
          USERFAULTFD,
          NAMESPACE,
          PERF_EVENT ->
          true;
      case PATH -> {
        Inode inode = context.state().inodes.get(open.description().inode());
        yield inode != null && inode.directory();
      }
      case PIPE, SOCKET, MEMFD, BPF, OTHER -> false;
    };
  }

  private static boolean appends(CallContext context, Fd fd) {
    return FdTables.getFile(context, fd) instanceof Open open
        && (open.description().flags() & OpenFlags.APPEND) != 0;
  }

  private static Result copyRange(CallContext context, CopyFileRangeCall call) {
    Result in = IoCalls.io(context, call.getIn(), true, false);
    if (in != FileData.UNKNOWN) {
      return in;
    }
    Result out = IoCalls.io(context, call.getOut(), false, true);
    if (out != FileData.UNKNOWN) {
      return out;
    }
    if (call.getFlags() != 0 && context.refuse("copy_file_range: flags")) {
      return context.fail(Errno.EINVAL, "copy_file_range: flags");
    }
    if (appends(context, call.getOut()) && context.refuse("copy_file_range: O_APPEND")) {
      return context.fail(Errno.EBADF, "copy_file_range: O_APPEND");
    }
    boolean offsets = call.getInOffset() != null || call.getOutOffset() != null;
    return copy(context, call.getIn(), call.getOut(), offsets, call.getCount());
  }

  /** From the position of a regular file to wherever the other one takes it. */
  private static Result copy(CallContext context, Fd in, Fd out, boolean offsets, long count) {
    if (offsets
        || !(FdTables.getFile(context, in) instanceof Open from)
        || !(FdTables.getFile(context, out) instanceof Open to)) {
      return FileData.UNKNOWN;
    }
    OpenFileDescription source = from.description();
    Inode inode = context.state().inodes.get(source.inode());
    boolean divided = to.description().kind() == FileKind.SOCKET && count > PAGE;
    if (inode == null || !inode.regular() || divided) {
      return FileData.UNKNOWN;
    }
    boolean known = FileData.sizeKnown(context, inode) && source.position() >= 0;
    if (!known && !context.simulated() && !context.assuming()) {
      return FileData.UNKNOWN;
    }
    long bytes =
        context.assuming()
            ? context.observedOr(0)
            : Math.max(0, Math.min(count, inode.size() - source.position()));
    if (bytes == 0) {
      return Result.ZERO;
    }
    Bytes content = Contents.of(context.state(), inode);
    int start = (int) source.position();
    Text data =
        content == null || start < 0 || start + bytes > content.length()
            ? null
            : new Text(content.slice(start, (int) (start + bytes)).toBuffer(), false, null);
    Result written = FileData.write(context, to.description(), out, data, bytes, FileData.CURRENT);
    if (written instanceof Result.Done done && done.value() > 0 && source.position() >= 0) {
      OpenFileDescription now = context.state().descriptions.require(source.key());
      context.emit(
          new FdChange.DescriptionChanged(
              now.withPosition(source.position() + context.observedOr(done.value()))));
      Events.of(context).read(source);
      Events.of(context).written(to.description());
    }
    return written;
  }
}
