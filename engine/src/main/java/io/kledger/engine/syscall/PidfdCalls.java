package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.task.Kernel;
import io.kledger.engine.task.PidNumbers;
import io.kledger.engine.task.PidfdFiles;
import io.kledger.engine.task.TaskBirth;
import io.kledger.event.avro.PidfdOpenCall;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.task.Task;
import io.kledger.kernel.task.ThreadGroup;

/** pidfd_open(2). */
final class PidfdCalls {
  private PidfdCalls() {}

  static void register(SyscallTable.Builder table) {
    table.partial(PidfdOpenCall.class, "no limits", PidfdCalls::open);
  }

  private static Result open(CallContext context, PidfdOpenCall call) {
    long flags = call.getFlags();
    long known = PidfdFiles.NONBLOCK;
    if (context.profile().atLeast(6, 9)) {
      known |= PidfdFiles.THREAD;
    }
    if (context.profile().has(KernelFeature.PIDFD_LEADER)) {
      known |= PidfdFiles.GROUP_LEADER;
    }
    boolean leader = (flags & PidfdFiles.GROUP_LEADER) != 0;
    boolean both = leader && (flags & PidfdFiles.THREAD) != 0;
    if (((flags & ~known) != 0 || both || call.getPid() <= 0) && context.refuse("C14 arguments")) {
      return context.fail(Errno.EINVAL, "C14 arguments");
    }
    KernelState state = context.state();
    int number = (int) call.getPid();
    Task target = PidNumbers.task(state, context.task().namespaces().pid(), number);
    if (target == null) {
      if (Kernel.runs(context)) {
        return context.fail(Errno.ESRCH, "C14 no such process");
      }
      if (!context.assuming()) {
        return new Result.Unknown("a process outside the log");
      }
      target = TaskBirth.infer(context, number);
    }
    ThreadGroup group = state.groups.require(target.group());
    if (group.leader() != target.key() && (flags & PidfdFiles.THREAD) == 0) {
      if (leader) {
        target = state.tasks.require(group.leader());
      } else if (context.refuse("C14 a thread")) {
        int errno = context.profile().atLeast(6, 16) ? Errno.ENOENT : Errno.EINVAL;
        return context.fail(errno, "C14 a thread");
      }
    }
    return PidfdFiles.install(context, target, flags & ~PidfdFiles.GROUP_LEADER, -1);
  }
}
