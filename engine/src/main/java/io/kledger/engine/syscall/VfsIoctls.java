package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.file.FdTables.Open;
import io.kledger.engine.file.OpenFlags;
import io.kledger.engine.file.Pipes;
import io.kledger.event.Bytes;
import io.kledger.event.avro.IoctlCall;
import io.kledger.event.avro.Raw;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.change.FdChange;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.Socket;
import io.kledger.kernel.file.SocketMessage;

/**
 * Requests that every file has, or every file that holds bytes: do_vfs_ioctl(), and FIONREAD of
 * pipes, sockets and inotify instances.
 */
final class VfsIoctls {
  private static final int FIONREAD = 0x541b;
  private static final int FIONBIO = 0x5421;
  private static final int FIOASYNC = 0x5452;
  private static final int FIONCLEX = 0x5450;
  private static final int FIOCLEX = 0x5451;
  private static final int OUTQ = 0x5411;

  private VfsIoctls() {}

  /** Null if the request is none of these. */
  static Result ioctl(CallContext context, Open open, IoctlCall call) {
    return switch ((int) call.getRequest()) {
      case FIOCLEX -> closeOnExec(context, open, true);
      case FIONCLEX -> closeOnExec(context, open, false);
      case FIONBIO -> flag(context, open.description(), call, OpenFlags.NONBLOCK);
      case FIOASYNC -> flag(context, open.description(), call, OpenFlags.ASYNC);
      case FIONREAD -> waiting(context, open.description(), call);
      case OUTQ -> sent(context, open.description(), call);
      default -> null;
    };
  }

  private static Result closeOnExec(CallContext context, Open open, boolean on) {
    CloseCalls.closeOnExec(context, open.slot(), on);
    return Result.ZERO;
  }

  private static Result flag(
      CallContext context, OpenFileDescription file, IoctlCall call, long bit) {
    if (!(call.getArgument() instanceof Raw raw)) {
      return new Result.Unknown("the trace does not show the switch");
    }
    String text = Arguments.text(raw);
    if (!text.startsWith("[")) {
      return context.refuse("ioctl: address")
          ? context.fail(Errno.EFAULT, "ioctl: address")
          : Result.ZERO;
    }
    boolean on = Arguments.number(text.substring(1), 0) != 0;
    boolean async = bit == OpenFlags.ASYNC && on != ((file.flags() & bit) != 0);
    if (async && !FcntlCalls.hasFasync(context.state(), file) && context.refuse("ioctl_fioasync")) {
      return context.fail(Errno.ENOTTY, "ioctl_fioasync");
    }
    long flags = on ? file.flags() | bit : file.flags() & ~bit;
    if (flags != file.flags()) {
      context.emit(new FdChange.DescriptionChanged(file.withFlags(flags)));
    }
    return Result.ZERO;
  }

  private static Result answer(CallContext context, IoctlCall call, long value) {
    if (!(call.getArgument() instanceof Raw)) {
      return Result.ZERO;
    }
    return Result.value(
        0,
        IoctlCall.newBuilder(call)
            .setArgument(new Raw(Bytes.of("[" + value + "]").toBuffer()))
            .build());
  }

  private static Result waiting(CallContext context, OpenFileDescription file, IoctlCall call) {
    KernelState state = context.state();
    Inode inode = state.inodes.get(file.inode());
    return switch (file.kind()) {
      case SOCKET -> incoming(context, file, call);
      case INOTIFY -> {
        long bytes = 0;
        for (long key : state.inotifyQueue.keys(file.key())) {
          bytes += state.inotifyEvents.require(key).size();
        }
        yield answer(context, call, bytes);
      }
      case FANOTIFY, FS_CONTEXT, OTHER -> null;
      case PIPE -> answer(context, call, inode == null ? 0 : Math.max(0, inode.size()));
      case PATH, MEMFD -> {
        if (inode == null || !inode.typeKnown()) {
          yield null;
        }
        if (Pipes.isPipe(inode)) {
          yield answer(context, call, Math.max(0, inode.size()));
        }
        yield inode.regular() ? answer(context, call, inode.size() - file.position()) : null;
      }
      case PIDFD,
          NAMESPACE,
          EVENTFD,
          EPOLL,
          SIGNALFD,
          TIMERFD,
          IO_URING,
          USERFAULTFD,
          BPF,
          PERF_EVENT ->
          null;
    };
  }

  /** unix_inq_len(): all of a stream or of packets in sequence, the first datagram otherwise. */
  private static Result incoming(CallContext context, OpenFileDescription file, IoctlCall call) {
    KernelState state = context.state();
    Socket socket = state.sockets.get(file.object());
    if (socket == null || socket.family() != Socket.AF_UNIX) {
      return new Result.Unknown("what data there is");
    }
    boolean listening = socket.state() == Socket.State.LISTENING;
    if (listening && context.refuse("unix_inq_len: listening")) {
      return context.fail(Errno.EINVAL, "unix_inq_len: listening");
    }
    long bytes = 0;
    for (long key : state.messagesBySocket.keys(socket.key())) {
      SocketMessage message = state.messages.require(key);
      bytes += message.length();
      if (socket.type() == Socket.DGRAM) {
        break;
      }
    }
    return answer(context, call, bytes);
  }

  /** SIOCOUTQ: memory of what was sent and not received. Of other files it is a terminal's. */
  private static Result sent(CallContext context, OpenFileDescription file, IoctlCall call) {
    Socket socket =
        file.kind() == FileKind.SOCKET ? context.state().sockets.get(file.object()) : null;
    if (socket == null || socket.family() != Socket.AF_UNIX) {
      return null;
    }
    return answer(context, call, io.kledger.engine.file.UnixQueue.charge(context.state(), socket));
  }
}
