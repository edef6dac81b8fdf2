package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Handler;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.file.FdTables;
import io.kledger.engine.file.FdTables.Open;
import io.kledger.engine.file.FdTrails;
import io.kledger.engine.file.FilePut;
import io.kledger.engine.file.Files;
import io.kledger.engine.file.Limits;
import io.kledger.engine.file.OpenFlags;
import io.kledger.engine.file.ReceivedRights;
import io.kledger.engine.file.SlowClose;
import io.kledger.engine.task.SetNamespaces;
import io.kledger.event.avro.CloseCall;
import io.kledger.event.avro.Dup2Call;
import io.kledger.event.avro.Dup3Call;
import io.kledger.event.avro.DupCall;
import io.kledger.event.avro.Fd;
import io.kledger.event.avro.PidfdGetfdCall;
import io.kledger.event.avro.Pipe2Call;
import io.kledger.event.avro.PipeCall;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.FdSlot;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.task.PendingCall;
import io.kledger.kernel.task.Task;
import java.util.ArrayList;
import java.util.List;

/** Descriptors as such: fs/file.c, fs/pipe.c. */
public final class FdCalls {
  /** A trace shows the array of every call that succeeded; without it the pointer may be bad. */
  static final Result NO_ARRAY = new Result.Unknown("the array for the descriptors");

  private FdCalls() {}

  /** Adds the calls of this family. */
  public static void register(SyscallTable.Builder table) {
    table
        .full(CloseCall.class, CLOSE)
        .full(DupCall.class, FdCalls::dup)
        .full(Dup2Call.class, FdCalls::dup2)
        .full(Dup3Call.class, FdCalls::dup3)
        .full(PipeCall.class, FdCalls::pipe)
        .full(Pipe2Call.class, FdCalls::pipe2)
        .full(PidfdGetfdCall.class, FdCalls::pidfdGetfd);
  }

  /** What a close lets go, it lets go before it returns: others may be seen to have it by then. */
  private static final Handler<CloseCall> CLOSE =
      new Handler<>() {
        @Override
        public Result call(CallContext context, CloseCall call) {
          return close(context, call);
        }

        @Override
        public Result enter(CallContext context, CloseCall call) {
          return LockCalls.enter(context, "close", close(context, call));
        }
      };

  static Result close(CallContext context, CloseCall call) {
    PendingCall pending = LockCalls.pending(context, SlowClose.CLOSE);
    if (pending != null) {
      if (!pending.done() && context.simulated()) {
        return new Result.Blocked("the filesystem");
      }
      context.remove(Tables.PENDING, context.taskKey());
      return Result.ZERO;
    }
    FdTables.Lookup found = FdTables.get(context, call.getFd());
    if (!(found instanceof Open open)) {
      return FdTables.failure(context, found);
    }
    return close(context, open.slot());
  }

  /** Closes an open descriptor, or begins to. */
  static Result close(CallContext context, FdSlot slot) {
    if (SlowClose.waits(context, slot)) {
      return new Result.Blocked("the filesystem");
    }
    FilePut.close(context, slot);
    return Result.ZERO;
  }

  static Result dup(CallContext context, DupCall call) {
    FdTables.Lookup found = FdTables.get(context, call.getFd());
    return found instanceof Open open
        ? FdTrails.derived(
            context, open.slot(), FdTables.install(context, open.description(), false))
        : FdTables.failure(context, found);
  }

  static Result dup2(CallContext context, Dup2Call call) {
    if (call.getOldfd().getNumber() == call.getNewfd().getNumber()) {
      FdTables.Lookup found = FdTables.get(context, call.getOldfd());
      return found instanceof Open
          ? Result.value(call.getNewfd().getNumber())
          : FdTables.failure(context, found);
    }
    return replace(context, call.getOldfd(), call.getNewfd(), false);
  }

  static Result dup3(CallContext context, Dup3Call call) {
    if ((call.getFlags() & ~OpenFlags.CLOEXEC) != 0 && context.refuse("C2.2 flags")) {
      return context.fail(Errno.EINVAL, "C2.2 flags");
    }
    if (call.getOldfd().getNumber() == call.getNewfd().getNumber()
        && context.refuse("C2.2 same number")) {
      return context.fail(Errno.EINVAL, "C2.2 same number");
    }
    return replace(
        context, call.getOldfd(), call.getNewfd(), (call.getFlags() & OpenFlags.CLOEXEC) != 0);
  }

  /** ksys_dup3() and do_dup2(). */
  private static Result replace(CallContext context, Fd from, Fd to, boolean cloexec) {
    int number = to.getNumber();
    if ((number < 0 || number >= Limits.files(context)) && context.refuse("C2.2 RLIMIT_NOFILE")) {
      return context.fail(Errno.EBADF, "C2.2 RLIMIT_NOFILE");
    }
    FdTables.Lookup found = FdTables.get(context, from);
    if (!(found instanceof Open open)) {
      return FdTables.failure(context, found);
    }
    FdTables.place(context, number, open.description().key(), cloexec);
    return FdTrails.derived(context, open.slot(), Result.value(number));
  }

  static Result pipe(CallContext context, PipeCall call) {
    List<Fd> shown = call.getFds();
    if (shown == null && !context.simulated()) {
      return NO_ARRAY;
    }
    int[] numbers = pipe(context, shown, 0);
    if (numbers == null) {
      return context.fail(Errno.EMFILE, "C2.1 RLIMIT_NOFILE");
    }
    return Result.value(0, PipeCall.newBuilder().setFds(fds(numbers)).build());
  }

  static Result pipe2(CallContext context, Pipe2Call call) {
    long flags = call.getFlags();
    long known = OpenFlags.CLOEXEC | OpenFlags.NONBLOCK | OpenFlags.DIRECT | OpenFlags.EXCL;
    if ((flags & ~known) != 0 && context.refuse("pipe2: flags")) {
      return context.fail(Errno.EINVAL, "pipe2: flags");
    }
    if (call.getFds() == null && !context.simulated()) {
      return NO_ARRAY;
    }
    int[] numbers = pipe(context, call.getFds(), flags);
    if (numbers == null) {
      return context.fail(Errno.EMFILE, "C2.1 RLIMIT_NOFILE");
    }
    return Result.value(0, Pipe2Call.newBuilder().setFds(fds(numbers)).setFlags(flags).build());
  }

  /** __do_pipe_flags(): numbers of the reading and the writing end; null for EMFILE. */
  private static int[] pipe(CallContext context, List<Fd> shown, long flags) {
    long number = shown == null || shown.isEmpty() ? 0 : Files.shownNumber(shown.getFirst());
    Inode inode = Files.anonymousInode(context, Inode.S_IFIFO | 0600, number);
    String name = "pipe:[" + inode.number() + "]";
    long status = flags & (OpenFlags.NONBLOCK | OpenFlags.DIRECT);
    long nonblock = flags & OpenFlags.NONBLOCK;
    OpenFileDescription reader =
        Files.object(context, FileKind.PIPE, 0, name, inode.key(), OpenFlags.RDONLY | nonblock);
    OpenFileDescription writer =
        Files.object(context, FileKind.PIPE, 0, name, inode.key(), OpenFlags.WRONLY | status);
    int[] numbers =
        FdTables.installAll(
            context, List.of(reader, writer), (flags & OpenFlags.CLOEXEC) != 0, shown);
    if (numbers == null) {
      undo(context, List.of(reader, writer));
    }
    return numbers;
  }

  /** Takes back what {@link FdTables#installAll} began. */
  static void undo(CallContext context, List<OpenFileDescription> files) {
    for (OpenFileDescription file : files) {
      for (long key : context.state().fdsByDescription.keys(file.key())) {
        FilePut.close(context, context.state().fds.get(key));
      }
      FilePut.put(context, file.key());
    }
  }

  static List<Fd> fds(int[] numbers) {
    List<Fd> fds = new ArrayList<>(numbers.length);
    for (int number : numbers) {
      fds.add(Fd.newBuilder().setNumber(number).build());
    }
    return fds;
  }

  static Result pidfdGetfd(CallContext context, PidfdGetfdCall call) {
    if (call.getFlags() != 0 && context.refuse("pidfd_getfd: flags")) {
      return context.fail(Errno.EINVAL, "pidfd_getfd: flags");
    }
    FdTables.Lookup found = FdTables.getFile(context, call.getPidfd());
    if (!(found instanceof Open open)) {
      return FdTables.failure(context, found);
    }
    if (open.description().kind() != FileKind.PIDFD && context.refuse("not a pidfd")) {
      return context.fail(Errno.EBADF, "not a pidfd");
    }
    KernelState state = context.state();
    Task task = state.tasksByPid.last(open.description().object());
    if (task == null || task.files() == 0) {
      if (open.description().object() != 0 && context.refuse("no such process")) {
        return context.fail(Errno.ESRCH, "no such process");
      }
      return new Result.Unknown("whose fd table it is");
    }
    if (!SetNamespaces.mayAccess(context, task) && context.refuse("C7.8 ptrace access")) {
      return context.fail(Errno.EPERM, "C7.8 ptrace access");
    }
    FdSlot slot = state.fd(task.files(), (int) call.getTargetfd());
    if (slot == null) {
      return FdTables.complete(state, task.files())
          ? context.fail(Errno.EBADF, "target fd not open")
          : new Result.Unknown("a descriptor that the log has not shown");
    }
    OpenFileDescription file = state.descriptions.require(slot.description());
    int denied = ReceivedRights.denial(context, file.key());
    if (denied != 0 && context.refuse("F49.9 file_receive hook")) {
      return context.fail(denied, "F49.9 file_receive hook");
    }
    Result result = FdTables.install(context, file, true);
    return FdTrails.derived(context, slot, result);
  }
}
