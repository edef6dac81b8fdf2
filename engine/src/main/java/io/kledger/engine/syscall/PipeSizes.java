package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.file.Pipes;
import io.kledger.engine.ns.Capability;
import io.kledger.event.avro.FcntlCall;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.PipeSize;

/** Capacity of pipes: pipe_fcntl() and pipe_set_size() of fs/pipe.c. */
final class PipeSizes {
  private static final int F_SETPIPE_SZ = 1031;
  private static final int F_GETPIPE_SZ = 1032;
  private static final long PAGE = 4096;

  /** fs.pipe-max-size as it is by default. */
  private static final long MAX = 1 << 20;

  private PipeSizes() {}

  /** Null if the command is none of these. */
  static Result fcntl(CallContext context, FcntlCall call, int command, OpenFileDescription file) {
    if (command != F_SETPIPE_SZ && command != F_GETPIPE_SZ) {
      return null;
    }
    Inode inode = context.state().inodes.get(file.inode());
    if (!Pipes.isPipe(inode)) {
      return context.refuse("get_pipe_info: no pipe")
          ? context.fail(Errno.EBADF, "get_pipe_info: no pipe")
          : new Result.Unknown("the pipe");
    }
    boolean seen = context.simulated() || Pipes.known(context.state(), inode.key());
    PipeSize size = context.state().pipeSizes.get(inode.key());
    if (command == F_GETPIPE_SZ) {
      return size != null || seen
          ? Result.value(Pipes.capacity(context.state(), inode.key()))
          : new Result.Unknown("the capacity of a pipe from before the trace");
    }
    long wanted = FcntlCalls.number(call) & 0xffffffffL;
    long bytes = wanted <= PAGE ? PAGE : Long.highestOneBit(wanted - 1) << 1;
    if (bytes > 1L << 31 && context.refuse("pipe_set_size: size")) {
      return context.fail(Errno.EINVAL, "pipe_set_size: size");
    }
    boolean grows = bytes > Pipes.capacity(context.state(), inode.key());
    boolean admin =
        Capability.initial(context.state(), context.task().credentials(), Capability.SYS_RESOURCE);
    if (grows && bytes > MAX && !admin && context.refuse("pipe_set_size: pipe-max-size")) {
      return context.fail(Errno.EPERM, "pipe_set_size: pipe-max-size");
    }
    // Each write may have taken a page of its own: below that many pages it is sure to fit.
    boolean full = (inode.size() + PAGE - 1) / PAGE > bytes / PAGE;
    if (full && context.refuse("pipe_resize_ring: occupied")) {
      return context.fail(Errno.EBUSY, "pipe_resize_ring: occupied");
    }
    context.put(Tables.PIPE_SIZES, new PipeSize(inode.key(), bytes));
    return Result.value(bytes);
  }
}
