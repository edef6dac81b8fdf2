package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.ns.Capability;
import io.kledger.engine.ns.NamespaceRows;
import io.kledger.engine.task.Kernel;
import io.kledger.engine.task.PidNumbers;
import io.kledger.engine.task.ResourceLimits;
import io.kledger.event.Bytes;
import io.kledger.event.avro.Prlimit64Call;
import io.kledger.event.avro.Raw;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.ns.NamespaceKind;
import io.kledger.kernel.task.Credentials;
import io.kledger.kernel.task.ResourceLimit;
import io.kledger.kernel.task.Task;

/** prlimit(2) for all but descriptors: sys_prlimit64() of kernel/sys.c. */
final class LimitCalls {
  private static final int CAP_SYS_RESOURCE = 24;
  private static final long KIB = 1024;

  private LimitCalls() {}

  static Result prlimit(CallContext context, Prlimit64Call call) {
    KernelState state = context.state();
    Task self = context.task();
    Task target =
        call.getPid() == 0
            ? self
            : PidNumbers.task(state, self.namespaces().pid(), (int) call.getPid());
    if (target == null && !Kernel.runs(context)) {
      return new Result.Unknown("a process outside the log");
    }
    if (target == null && context.refuse("prlimit(2): no such process")) {
      return context.fail(Errno.ESRCH, "prlimit(2): no such process");
    }
    if (!maySet(state, self, target) && context.refuse("prlimit(2): another user's process")) {
      return context.fail(Errno.EPERM, "prlimit(2): another user's process");
    }
    int resource = (int) call.getResource();
    if (resource < 0 || resource >= ResourceLimits.count()) {
      return context.fail(Errno.EINVAL, "prlimit(2): resource");
    }
    ResourceLimit old = ResourceLimits.of(state, target.group(), resource);
    if (call.getLimit() != null) {
      long soft = value(call.getLimit(), "rlim_cur=");
      long hard = value(call.getLimit(), "rlim_max=");
      if (Long.compareUnsigned(soft, hard) > 0) {
        return context.fail(Errno.EINVAL, "setrlimit(2): soft > hard");
      }
      boolean known = old != null && (old.key() != 0 || Kernel.runs(context));
      boolean raised = known && Long.compareUnsigned(hard, old.hard()) > 0;
      if (raised
          && !capable(state, self.credentials())
          && context.refuse("setrlimit(2): the hard limit is raised")) {
        return context.fail(Errno.EPERM, "setrlimit(2): the hard limit is raised");
      }
      ResourceLimits.set(context, target.group(), resource, soft, hard);
    } else if (context.succeeded() && known(call.getOld())) {
      ResourceLimits.set(
          context,
          target.group(),
          resource,
          value(call.getOld(), "rlim_cur="),
          value(call.getOld(), "rlim_max="));
    }
    if (!Kernel.runs(context)) {
      return Result.ZERO;
    }
    if (call.getOld() == null || Bytes.of(call.getOld().getText()).latin1().equals("NULL")) {
      return Result.ZERO;
    }
    return old == null
        ? new Result.Unknown("what this limit was")
        : Result.value(0, Prlimit64Call.newBuilder(call).setOld(shown(old)).build());
  }

  private static boolean known(Raw shown) {
    return shown != null && Bytes.of(shown.getText()).latin1().contains("rlim_max=");
  }

  /** check_prlimit_permission(). */
  private static boolean maySet(KernelState state, Task self, Task target) {
    Credentials who = self.credentials();
    Credentials whose = target.credentials();
    boolean same =
        who.uid() == whose.uid()
            && who.uid() == whose.euid()
            && who.uid() == whose.suid()
            && who.gid() == whose.gid()
            && who.gid() == whose.egid()
            && who.gid() == whose.sgid();
    return self.key() == target.key()
        || same
        || Capability.over(state, who, whose.userNs(), CAP_SYS_RESOURCE);
  }

  private static boolean capable(KernelState state, Credentials who) {
    Namespace initial = NamespaceRows.initial(state, NamespaceKind.USER);
    return initial == null || Capability.over(state, who, initial.key(), CAP_SYS_RESOURCE);
  }

  private static long value(Raw struct, String member) {
    long number = ProcessCalls.member(struct, member);
    return number < 0 ? ResourceLimit.INFINITY : number;
  }

  private static Raw shown(ResourceLimit limit) {
    String text = "{rlim_cur=" + text(limit.soft()) + ", rlim_max=" + text(limit.hard()) + "}";
    return new Raw(Bytes.of(text).toBuffer());
  }

  private static String text(long value) {
    if (value == ResourceLimit.INFINITY) {
      return "RLIM64_INFINITY";
    }
    return value > KIB && value % KIB == 0 ? value / KIB + "*1024" : Long.toString(value);
  }
}
