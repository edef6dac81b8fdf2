package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.file.FdTables;
import io.kledger.engine.task.CloneChecks;
import io.kledger.engine.task.CloneFlags;
import io.kledger.engine.task.SetNamespaces;
import io.kledger.engine.task.UnshareTask;
import io.kledger.event.avro.SetnsCall;
import io.kledger.event.avro.UnshareCall;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.task.Task;

/** unshare(2), setns(2): kernel/fork.c, kernel/nsproxy.c. */
final class NamespaceCalls {
  private static final long SHAREABLE =
      CloneFlags.THREAD
          | CloneFlags.SIGHAND
          | CloneFlags.VM
          | CloneFlags.FS
          | CloneFlags.FILES
          | CloneFlags.SYSVSEM;

  /** Proposed: all namespaces of the process that are not the caller's already. */
  private static final long SETNS_PIDFD_ALL = 1;

  private NamespaceCalls() {}

  static void register(SyscallTable.Builder table) {
    table.partial(UnshareCall.class, "limits of user.max_*_namespaces", NamespaceCalls::unshare);
    table.partial(SetnsCall.class, "the ptrace access check of pidfds", NamespaceCalls::setns);
  }

  private static Result unshare(CallContext context, UnshareCall call) {
    long asked = call.getFlags() & 0xffffffffL;
    long known = SHAREABLE | CloneFlags.OTHER_NAMESPACES | CloneFlags.NEWUSER;
    if ((asked & ~known) != 0 && context.refuse("C8 unknown flag")) {
      return context.fail(Errno.EINVAL, "C8 unknown flag");
    }
    long flags = implied(asked);
    KernelState state = context.state();
    Task task = context.task();
    boolean alone = state.tasksByGroup.count(task.group()) <= 1;
    long single = CloneFlags.THREAD | CloneFlags.SIGHAND | CloneFlags.VM;
    if ((flags & single) != 0 && !alone && context.refuse("C8 several threads")) {
      return context.fail(Errno.EINVAL, "C8 several threads");
    }
    Result refused = CloneChecks.namespaces(context, task, flags);
    if (refused != null) {
      return refused;
    }
    if (context.observed() != null && !context.succeeded()) {
      return new Result.Unknown("why the kernel refused");
    }
    UnshareTask.run(context, flags);
    return Result.ZERO;
  }

  /** Flags that imply others (ksys_unshare()). */
  private static long implied(long asked) {
    long flags = asked;
    if ((flags & CloneFlags.NEWUSER) != 0) {
      flags |= CloneFlags.THREAD | CloneFlags.FS;
    }
    if ((flags & CloneFlags.VM) != 0) {
      flags |= CloneFlags.SIGHAND;
    }
    if ((flags & CloneFlags.SIGHAND) != 0) {
      flags |= CloneFlags.THREAD;
    }
    return (flags & CloneFlags.NEWNS) != 0 ? flags | CloneFlags.FS : flags;
  }

  private static Result setns(CallContext context, SetnsCall call) {
    long type = call.getType() & 0xffffffffL;
    return switch (FdTables.get(context, call.getFd())) {
      case FdTables.NotOpen none -> context.fail(Errno.EBADF, "C8 fd not open");
      case FdTables.NotSeen none -> new Result.Unknown("what the fd refers to");
      case FdTables.Open open -> {
        OpenFileDescription file = open.description();
        if (file.kind() == FileKind.NAMESPACE) {
          yield SetNamespaces.one(context, file.object(), type);
        }
        if (file.kind() == FileKind.PIDFD) {
          boolean all =
              (type & SETNS_PIDFD_ALL) != 0 && context.profile().has(KernelFeature.SETNS_PIDFD_ALL);
          if (all && type != SETNS_PIDFD_ALL && context.refuse("F24 flags")) {
            yield context.fail(Errno.EINVAL, "F24 flags");
          }
          yield SetNamespaces.ofProcess(
              context, file.object(), all ? SetNamespaces.WHAT_DIFFERS : type);
        }
        yield file.inferred() && file.kind() == FileKind.OTHER
            ? new Result.Unknown("what the fd refers to")
            : context.fail(Errno.EINVAL, "C8 neither namespace nor process");
      }
    };
  }
}
