package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.task.Kernel;
import io.kledger.engine.task.PidNumbers;
import io.kledger.event.avro.GetpgidCall;
import io.kledger.event.avro.GetpgrpCall;
import io.kledger.event.avro.GetpidCall;
import io.kledger.event.avro.GetppidCall;
import io.kledger.event.avro.GetsidCall;
import io.kledger.event.avro.GettidCall;
import io.kledger.event.avro.SetTidAddressCall;
import io.kledger.event.avro.SetpgidCall;
import io.kledger.event.avro.SetsidCall;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.change.TaskChange;
import io.kledger.kernel.task.Pid;
import io.kledger.kernel.task.Task;
import io.kledger.kernel.task.ThreadGroup;

/** Numbers of processes, process groups and sessions: kernel/sys.c. */
final class IdentCalls {
  private IdentCalls() {}

  static void register(SyscallTable.Builder table) {
    table.full(GetpidCall.class, (context, call) -> own(context, group(context)));
    table.full(GettidCall.class, (context, call) -> gettid(context));
    table.full(SetTidAddressCall.class, (context, call) -> gettid(context));
    table.full(GetppidCall.class, (context, call) -> getppid(context));
    table.full(GetpgrpCall.class, (context, call) -> number(context, group(context), true));
    table.full(GetpgidCall.class, (context, call) -> of(context, call.getPid(), true));
    table.full(GetsidCall.class, (context, call) -> of(context, call.getPid(), false));
    table.full(SetpgidCall.class, IdentCalls::setpgid);
    table.full(SetsidCall.class, (context, call) -> setsid(context));
  }

  private static ThreadGroup group(CallContext context) {
    return context.state().groups.require(context.task().group());
  }

  private static long namespace(CallContext context) {
    return context.task().namespaces().pid();
  }

  /** A number that is -1 or 0 because the ledger does not know it. */
  private static Result known(int number) {
    return number > 0 ? Result.value(number) : new Result.Unknown("the number in its namespace");
  }

  private static Result own(CallContext context, ThreadGroup group) {
    int number = PidNumbers.ofGroup(context.state(), group, namespace(context));
    return context.task().inferred() && number != context.observedOr(number)
        ? new Result.Unknown("the process of an inferred thread")
        : known(number);
  }

  private static Result gettid(CallContext context) {
    return known(PidNumbers.ofTask(context.state(), context.task(), namespace(context)));
  }

  private static Result getppid(CallContext context) {
    KernelState state = context.state();
    ThreadGroup group = group(context);
    ThreadGroup parent = state.groups.get(group.parent());
    if (parent == null) {
      boolean none = Kernel.runs(context) || !context.task().inferred() && group.parent() == 0;
      return none ? Result.ZERO : new Result.Unknown("the parent is outside the log");
    }
    int number = PidNumbers.ofGroup(state, parent, namespace(context));
    if (parent.untraced() && number != context.observedOr(number)) {
      return new Result.Unknown("who adopts orphans outside the log");
    }
    return Result.value(number);
  }

  private static Result number(CallContext context, ThreadGroup group, boolean processGroup) {
    Pid pid = context.state().pids.get(processGroup ? group.processGroup() : group.session());
    if (pid == null) {
      // 0 is what a namespace shows of a group outside it; who descends from a task of which only
      // the number is known has one that the log never showed.
      return context.task().inferred() || context.observedOr(0) != 0
          ? new Result.Unknown("process group and session from before the trace")
          : Result.ZERO;
    }
    return Result.value(PidNumbers.seenFrom(context.state(), pid, namespace(context)));
  }

  private static Result of(CallContext context, long pid, boolean processGroup) {
    if (pid == 0) {
      return number(context, group(context), processGroup);
    }
    Task task = PidNumbers.task(context.state(), namespace(context), (int) pid);
    if (task == null) {
      return missing(context);
    }
    return number(context, context.state().groups.require(task.group()), processGroup);
  }

  private static Result missing(CallContext context) {
    if (!Kernel.runs(context)) {
      return new Result.Unknown("a process outside the log");
    }
    return context.fail(Errno.ESRCH, "C6 no such process");
  }

  private static Result setsid(CallContext context) {
    KernelState state = context.state();
    ThreadGroup group = group(context);
    Task leader = state.tasks.require(group.leader());
    boolean leads =
        group.session() == leader.pid() || state.groupsByProcessGroup.count(leader.pid()) > 0;
    if (leads && context.refuse("setsid(2): leads a process group")) {
      return context.fail(Errno.EPERM, "setsid(2): leads a process group");
    }
    context.emit(new TaskChange.GroupChanged(group.withSession(leader.pid())));
    drop(context, group);
    return known(PidNumbers.ofGroup(state, group, namespace(context)));
  }

  private static void drop(CallContext context, ThreadGroup old) {
    PidNumbers.dropIfUnused(context, old.processGroup());
    PidNumbers.dropIfUnused(context, old.session());
  }

  private static Result setpgid(CallContext context, SetpgidCall call) {
    KernelState state = context.state();
    long wanted = call.getPgid() == 0 ? call.getPid() : call.getPgid();
    if (wanted < 0 && context.refuse("setpgid(2): negative")) {
      return context.fail(Errno.EINVAL, "setpgid(2): negative");
    }
    ThreadGroup own = group(context);
    ThreadGroup target = own;
    if (call.getPid() != 0) {
      Task task = PidNumbers.task(state, namespace(context), (int) call.getPid());
      target = task == null ? null : state.groups.get(task.group());
      boolean may = target != null && (target.key() == own.key() || target.parent() == own.key());
      if (!may && context.refuse("setpgid(2): neither self nor child")) {
        return context.fail(Errno.ESRCH, "setpgid(2): neither self nor child");
      }
      if (target == null) {
        return Result.ZERO;
      }
    }
    return join(context, own, target, call);
  }

  private static Result join(
      CallContext context, ThreadGroup own, ThreadGroup target, SetpgidCall call) {
    KernelState state = context.state();
    Task leader = state.tasks.require(target.leader());
    if (target.key() != own.key()
        && target.session() != own.session()
        && context.refuse("setpgid(2): other session")) {
      return context.fail(Errno.EPERM, "setpgid(2): other session");
    }
    if (target.key() != own.key()
        && target.execed()
        && context.refuse("setpgid(2): child runs another program")) {
      return context.fail(Errno.EACCES, "setpgid(2): child runs another program");
    }
    if (target.session() != 0
        && target.session() == leader.pid()
        && context.refuse("setpgid(2): session leader")) {
      return context.fail(Errno.EPERM, "setpgid(2): session leader");
    }
    Pid wanted =
        call.getPgid() == 0 || call.getPgid() == call.getPid() && call.getPid() != 0
            ? state.pids.get(leader.pid())
            : PidNumbers.find(state, namespace(context), (int) call.getPgid());
    boolean exists = wanted != null && wanted.key() == leader.pid();
    for (long key : wanted == null ? new long[0] : state.groupsByProcessGroup.keys(wanted.key())) {
      exists |= state.groups.require(key).session() == target.session();
    }
    if (!exists && context.refuse("setpgid(2): no such group in the session")) {
      return context.fail(Errno.EPERM, "setpgid(2): no such group in the session");
    }
    if (wanted != null && wanted.key() != target.processGroup()) {
      context.emit(new TaskChange.GroupChanged(target.withProcessGroup(wanted.key())));
      PidNumbers.dropIfUnused(context, target.processGroup());
    }
    return Result.ZERO;
  }
}
