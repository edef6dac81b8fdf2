package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.file.FdTables;
import io.kledger.engine.file.ProcPlace;
import io.kledger.engine.ns.Capability;
import io.kledger.engine.task.Delivery;
import io.kledger.engine.task.Kernel;
import io.kledger.engine.task.PidNumbers;
import io.kledger.engine.task.Signals;
import io.kledger.event.Bytes;
import io.kledger.event.avro.KillCall;
import io.kledger.event.avro.PidfdSendSignalCall;
import io.kledger.event.avro.Raw;
import io.kledger.event.avro.RtSigactionCall;
import io.kledger.event.avro.TgkillCall;
import io.kledger.event.avro.TkillCall;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.task.Credentials;
import io.kledger.kernel.task.Pid;
import io.kledger.kernel.task.Task;
import io.kledger.kernel.task.TaskState;
import io.kledger.kernel.task.ThreadGroup;

/** Sending signals, and what a process does with them: kernel/signal.c. */
final class SignalCalls {
  private static final int SELF_THREAD = -10000;
  private static final int SELF_PROCESS = -10001;

  /** PIDFD_SIGNAL_PROCESS_GROUP. */
  private static final long PROCESS_GROUP = 4;

  private static final long SI_TKILL = -6;

  private SignalCalls() {}

  static void register(SyscallTable.Builder table) {
    String missing = "handlers are not run";
    table.partial(KillCall.class, missing, SignalCalls::kill);
    table.partial(
        TkillCall.class, missing, (c, call) -> thread(c, 0, call.getTid(), call.getSignal()));
    table.partial(
        TgkillCall.class,
        missing,
        (c, call) ->
            call.getTgid() <= 0 && c.refuse("C6 tgid")
                ? c.fail(Errno.EINVAL, "C6 tgid")
                : thread(c, call.getTgid(), call.getTid(), call.getSignal()));
    table.partial(PidfdSendSignalCall.class, missing, SignalCalls::pidfd);
    table.full(RtSigactionCall.class, SignalCalls::sigaction);
  }

  private static Result badSignal(CallContext context, long signal) {
    return (signal < 0 || signal > Signals.LAST) && context.refuse("C6 signal")
        ? context.fail(Errno.EINVAL, "C6 signal")
        : null;
  }

  private static Result kill(CallContext context, KillCall call) {
    int pid = (int) call.getPid();
    int signal = (int) call.getSignal();
    if (pid > 0) {
      Task target = PidNumbers.task(context.state(), context.task().namespaces().pid(), pid);
      return target == null ? missing(context) : one(context, target, signal);
    }
    if (pid == -1) {
      return everybody(context, signal);
    }
    return processGroup(context, pid, signal);
  }

  /** kill(-1): all but the caller's process and the init of its pid namespace. */
  private static Result everybody(CallContext context, int signal) {
    if (!Kernel.runs(context)) {
      return new Result.Unknown("signals to everybody are taken from the trace");
    }
    KernelState state = context.state();
    Task self = context.task();
    Result last = Result.ZERO;
    boolean any = false;
    for (long key : state.groups.keys()) {
      ThreadGroup group = state.groups.get(key);
      Task leader = group == null ? null : state.tasks.get(group.leader());
      if (leader == null
          || key == self.group()
          || PidNumbers.ofTask(state, leader, self.namespaces().pid()) <= 1) {
        continue;
      }
      any = true;
      // That it may not signal one is no reason to fail: kill_something_info().
      last = may(context, leader, signal) ? one(context, leader, signal) : last;
    }
    return any ? last : missing(context);
  }

  private static Result processGroup(CallContext context, int pid, int signal) {
    KernelState state = context.state();
    long holder;
    if (pid == 0) {
      holder = state.groups.require(context.task().group()).processGroup();
    } else {
      Pid found = PidNumbers.find(state, context.task().namespaces().pid(), -pid);
      holder = found == null ? 0 : found.key();
    }
    return processGroup(context, holder, signal);
  }

  /**
   * kill_pgrp_info().
   *
   * @param holder key of the Pid that is the process group
   */
  private static Result processGroup(CallContext context, long holder, int signal) {
    KernelState state = context.state();
    long[] members = state.groupsByProcessGroup.keys(holder);
    if (members.length == 0) {
      return missing(context);
    }
    Result last = null;
    boolean sent = false;
    for (long key : members) {
      ThreadGroup group = state.groups.get(key);
      Task leader = group == null ? null : state.tasks.get(group.leader());
      if (leader != null) {
        last = one(context, leader, signal);
        sent |= last instanceof Result.Done;
      }
    }
    return sent || last == null ? Result.ZERO : last;
  }

  private static Result missing(CallContext context) {
    if (context.assuming()) {
      return Result.ZERO;
    }
    boolean all = Kernel.runs(context) || level(context) > 0;
    return all
        ? context.fail(Errno.ESRCH, "C6 no such process")
        : new Result.Unknown("a process outside the log");
  }

  private static int level(CallContext context) {
    var ns = context.state().namespaces.get(context.task().namespaces().pid());
    return ns == null ? 0 : ns.level();
  }

  /** kill_pid_info(): the target is found before the signal is looked at. */
  private static Result one(CallContext context, Task target, int signal) {
    Result bad = badSignal(context, signal);
    if (bad != null) {
      return bad;
    }
    if (!may(context, target, signal) && context.refuse("C6 permission")) {
      return context.fail(Errno.EPERM, "C6 permission");
    }
    if (Kernel.runs(context) && target.state() != TaskState.ZOMBIE) {
      ThreadGroup group = context.state().groups.require(target.group());
      boolean above = context.task().namespaces().pid() != target.namespaces().pid();
      Delivery.deliver(context, group, signal, above);
    }
    return Result.ZERO;
  }

  /** check_kill_permission(). */
  private static boolean may(CallContext context, Task target, int signal) {
    Task self = context.task();
    Credentials mine = self.credentials();
    Credentials theirs = target.credentials();
    if (self.group() == target.group() || !mine.known() || !theirs.known()) {
      return true;
    }
    if (mine.euid() == theirs.suid()
        || mine.euid() == theirs.uid()
        || mine.uid() == theirs.suid()
        || mine.uid() == theirs.uid()) {
      return true;
    }
    KernelState state = context.state();
    if (signal == Signals.CONT
        && state.groups.require(self.group()).session()
            == state.groups.require(target.group()).session()) {
      return true;
    }
    return Capability.over(state, mine, theirs.userNs(), Capability.KILL);
  }

  private static Result thread(CallContext context, long tgid, long tid, long signal) {
    if (tid <= 0 && context.refuse("C6 tid")) {
      return context.fail(Errno.EINVAL, "C6 tid");
    }
    KernelState state = context.state();
    long ns = context.task().namespaces().pid();
    Task target = PidNumbers.task(state, ns, (int) tid);
    boolean found = target != null;
    if (found && tgid != 0) {
      found = PidNumbers.ofGroup(state, state.groups.get(target.group()), ns) == tgid;
    }
    if (!found) {
      return target == null
          ? missing(context)
          : context.fail(Errno.ESRCH, "C6 no such thread in the process");
    }
    return one(context, target, (int) signal);
  }

  private static Result pidfd(CallContext context, PidfdSendSignalCall call) {
    long flags = call.getFlags();
    int fd = call.getPidfd().getNumber();
    long known = context.profile().atLeast(6, 9) ? 7 : 0;
    if ((flags & ~known) != 0 || Long.bitCount(flags) > 1) {
      if (context.refuse("C14 flags")) {
        return context.fail(Errno.EINVAL, "C14 flags");
      }
    }
    boolean self = fd == SELF_THREAD || fd == SELF_PROCESS;
    if (self && context.profile().atLeast(6, 14)) {
      Task task = context.task();
      Task leader =
          context.state().tasks.get(context.state().groups.require(task.group()).leader());
      Task meant = fd == SELF_THREAD || leader == null ? task : leader;
      return toHolder(context, meant.pid(), call);
    }
    return switch (FdTables.get(context, call.getPidfd())) {
      case FdTables.NotOpen none -> context.fail(Errno.EBADF, "C14 fd not open");
      case FdTables.NotSeen none -> new Result.Unknown("what the pidfd refers to");
      case FdTables.Open open -> {
        OpenFileDescription file = open.description();
        Task process = ProcPlace.directory(context, file);
        if (process != null) {
          yield toHolder(context, process.pid(), call);
        }
        if (ProcPlace.wasDirectory(context, file)) {
          yield context.fail(Errno.ESRCH, "C14 reaped");
        }
        if (file.kind() != FileKind.PIDFD && !file.inferred()) {
          yield context.fail(Errno.EBADF, "C14 not a pidfd");
        }
        yield toHolder(context, file.object(), call);
      }
    };
  }

  /** do_pidfd_send_signal(). */
  private static Result toHolder(CallContext context, long holder, PidfdSendSignalCall call) {
    KernelState state = context.state();
    int signal = (int) call.getSignal();
    Pid pid = state.pids.get(holder);
    if (pid == null && !context.assuming() && !Kernel.runs(context)) {
      return new Result.Unknown("what the pidfd refers to");
    }
    long own = context.task().namespaces().pid();
    if (pid != null
        && !PidNumbers.within(state, pid.namespace(), own)
        && context.refuse("C14 foreign pid namespace")) {
      return context.fail(Errno.EINVAL, "C14 foreign pid namespace");
    }
    Result forged = context.simulated() ? forged(context, holder, call) : null;
    if (forged != null) {
      return forged;
    }
    if (call.getFlags() == PROCESS_GROUP) {
      return processGroup(context, holder, signal);
    }
    Task target = state.tasksByPid.last(holder);
    if (target == null) {
      return context.refuse("C14 reaped") ? context.fail(Errno.ESRCH, "C14 reaped") : Result.ZERO;
    }
    return one(context, target, signal);
  }

  /** A siginfo of the caller's own making, of which not everything may be said to others. */
  private static Result forged(CallContext context, long holder, PidfdSendSignalCall call) {
    RawStruct info = RawStruct.of(call.getInfo());
    if (info == null) {
      return null;
    }
    if (info.member("si_signo") != null && info.number("si_signo") != call.getSignal()) {
      return context.fail(Errno.EINVAL, "pidfd_send_signal(2): si_signo");
    }
    long code = info.number("si_code");
    boolean kernels = code >= 0 || code == SI_TKILL;
    return kernels && context.task().pid() != holder
        ? context.fail(Errno.EPERM, "pidfd_send_signal(2): si_code")
        : null;
  }

  /** The disposition: ignored, caught, or the default. */
  private static Result sigaction(CallContext context, RtSigactionCall call) {
    long signal = call.getSignal();
    boolean fixed = signal == Signals.KILL || signal == Signals.STOP;
    if ((signal < 1 || signal > Signals.LAST || fixed && call.getAct() != null)
        && context.refuse("sigaction(2): signal")) {
      return context.fail(Errno.EINVAL, "sigaction(2): signal");
    }
    Raw act = call.getAct();
    if (act == null) {
      return Result.ZERO;
    }
    String text = Bytes.of(act.getText()).latin1();
    int at = text.indexOf("sa_handler=");
    if (at < 0) {
      return Result.ZERO;
    }
    String handler = text.substring(at + "sa_handler=".length());
    boolean ignored = handler.matches("(SIG_IGN|0x1|1)\\b.*");
    boolean standard = handler.matches("(SIG_DFL|NULL|0x0|0)\\b.*");
    ThreadGroup group = context.state().groups.require(context.task().group());
    long bit = 1L << (signal - 1);
    long ignoredSet = ignored ? group.sigIgnored() | bit : group.sigIgnored() & ~bit;
    long caughtSet = !ignored && !standard ? group.sigCaught() | bit : group.sigCaught() & ~bit;
    boolean noWait = signal == Signals.CHLD ? text.contains("SA_NOCLDWAIT") : group.noChildWait();
    ThreadGroup changed = group.withSignals(ignoredSet, caughtSet, noWait);
    if (!changed.equals(group)) {
      context.put(Tables.GROUPS, changed);
    }
    return Result.ZERO;
  }
}
