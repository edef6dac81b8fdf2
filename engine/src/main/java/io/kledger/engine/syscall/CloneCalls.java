package io.kledger.engine.syscall;

import io.kledger.engine.CallContext;
import io.kledger.engine.Handler;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.cgroup.CgroupLife;
import io.kledger.engine.task.AutoReaping;
import io.kledger.engine.task.Births;
import io.kledger.engine.task.CloneChecks;
import io.kledger.engine.task.CloneFlags;
import io.kledger.engine.task.CloneRequest;
import io.kledger.engine.task.EarlyChildren;
import io.kledger.engine.task.PidNumbers;
import io.kledger.engine.task.PidfdFiles;
import io.kledger.event.avro.Clone3Call;
import io.kledger.event.avro.CloneCall;
import io.kledger.event.avro.CloneOut;
import io.kledger.event.avro.Fd;
import io.kledger.event.avro.ForkCall;
import io.kledger.event.avro.Outcome;
import io.kledger.event.avro.VforkCall;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.change.CgroupChange;
import io.kledger.kernel.file.FdSlot;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.task.PendingCall;
import io.kledger.kernel.task.Pid;
import io.kledger.kernel.task.Task;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;

/** clone(2), clone3(2), fork(2), vfork(2): kernel/fork.c. */
final class CloneCalls {
  private CloneCalls() {}

  static void register(SyscallTable.Builder table) {
    String missing = "RLIMIT_NPROC, threads-max and memory are not counted";
    table.partial(CloneCall.class, missing, handler(CloneRequest::of));
    table.partial(Clone3Call.class, missing, handler(CloneRequest::of));
    table.partial(ForkCall.class, missing, handler(call -> CloneRequest.fork()));
    table.partial(VforkCall.class, missing, handler(call -> CloneRequest.vfork()));
  }

  /** Reads the arguments of one of the calls. */
  private interface Reader<C extends SpecificRecord> {
    CloneRequest read(C call);
  }

  private static <C extends SpecificRecord> Handler<C> handler(Reader<C> reader) {
    return new Handler<>() {
      @Override
      public Result call(CallContext context, C call) {
        return run(context, reader.read(call), call);
      }

      /** The child's first line may come before the parent's return. */
      @Override
      public Result enter(CallContext context, C call) {
        CloneRequest request = reader.read(call);
        context.put(
            Tables.PENDING,
            new PendingCall(
                context.taskKey(),
                request.name(),
                context.position(),
                request.combined(),
                0,
                false,
                0,
                0));
        return new Result.Blocked("the child");
      }
    };
  }

  private static Result run(CallContext context, CloneRequest request, SpecificRecord call) {
    PendingCall pending = context.state().pending.get(context.taskKey());
    boolean begun = pending != null && Births.isClone(pending.call());
    if (begun && context.simulated()) {
      return vforkReturns(context, pending);
    }
    if (begun && !context.succeeded()) {
      context.remove(Tables.PENDING, pending.key());
    }
    Result refused = CloneChecks.check(context, request);
    if (refused != null) {
      return refused;
    }
    if (context.observed() != null && !context.succeeded()) {
      return new Result.Unknown("why no task was made");
    }
    int shown = context.simulated() ? 0 : tracerNumber(context);
    if (begun && shown != 0 && EarlyChildren.settle(context, pending, shown)) {
      pending = context.state().pending.require(pending.key());
    }
    Task child = begun && pending.child() != 0 ? bind(context, pending) : make(context, request);
    if (begun) {
      context.remove(Tables.PENDING, pending.key());
    }
    if (child == null) {
      return remember(context, request);
    }
    Result noFd = pidfd(context, request, child);
    if (noFd instanceof Result.Failed) {
      return noFd;
    }
    return result(context, request, child, call, noFd);
  }

  private static Result result(
      CallContext context, CloneRequest request, Task child, SpecificRecord call, Result pidfd) {
    int number = PidNumbers.ofTask(context.state(), child, context.task().namespaces().pid());
    if (context.simulated() && request.has(CloneFlags.VFORK)) {
      context.put(
          Tables.PENDING,
          new PendingCall(
              context.taskKey(),
              request.name(),
              context.position(),
              request.combined(),
              child.key(),
              false,
              number,
              0));
      return new Result.Blocked("exec or exit of the child");
    }
    long value = context.observedOr(number);
    if (pidfd instanceof Result.Done done && call instanceof Clone3Call clone3) {
      CloneOut out = new CloneOut(List.of(new Fd((int) done.value(), null)), null);
      return Result.value(value, new Clone3Call(clone3.getArgs(), out, clone3.getSize()));
    }
    return Result.value(value);
  }

  private static Result vforkReturns(CallContext context, PendingCall pending) {
    if (!pending.done()) {
      return new Result.Blocked("exec or exit of the child");
    }
    context.remove(Tables.PENDING, pending.key());
    return Result.value(pending.value());
  }

  /** The trace gave the child's number, but not in the tracer's namespace: its first line tells. */
  private static Result remember(CallContext context, CloneRequest request) {
    long value = context.observedOr(0);
    context.put(
        Tables.PENDING,
        new PendingCall(
            context.taskKey(),
            request.name(),
            context.position(),
            request.combined(),
            0,
            true,
            value,
            0));
    return Result.value(value);
  }

  /** The child that was seen before: now its number in its parent's namespace is known. */
  private static Task bind(CallContext context, PendingCall pending) {
    KernelState state = context.state();
    Task child = state.tasks.get(pending.child());
    int tid = tracerNumber(context);
    if (child == null || tid != 0 && child.tid() != tid) {
      return tid == 0 ? null : state.task(tid);
    }
    Pid pid = state.pids.require(child.pid());
    Namespace own = state.namespaces.get(context.task().namespaces().pid());
    int level = own == null ? 0 : own.level();
    int value = (int) context.observedOr(pid.at(level));
    if (level < pid.numbers().size() && pid.at(level) != value) {
      List<Integer> numbers = new ArrayList<>(pid.numbers());
      numbers.set(level, value);
      context.put(Tables.PIDS, new Pid(pid.key(), pid.namespace(), numbers, pid.inode()));
    }
    return child;
  }

  /** The child's number in the tracer's namespace, if the trace tells; else 0. */
  private static int tracerNumber(CallContext context) {
    Outcome observed = context.observed();
    if (observed == null || observed.getUnknown()) {
      return 0;
    }
    if (observed.getTracerPid() != null) {
      return observed.getTracerPid().intValue();
    }
    Namespace own = context.state().namespaces.get(context.task().namespaces().pid());
    return own == null || own.level() == 0 ? (int) observed.getValue() : 0;
  }

  private static Task make(CallContext context, CloneRequest request) {
    Task parent = context.task();
    long cgroup = CloneChecks.targetCgroup(context, request);
    List<Integer> numbers = new ArrayList<>();
    if (context.simulated()) {
      numbers.addAll(CloneChecks.wantedNumbers(context, request));
    } else {
      int tid = tracerNumber(context);
      if (tid == 0) {
        return null;
      }
      Namespace own = context.state().namespaces.get(parent.namespaces().pid());
      int level = own == null ? 0 : own.level();
      for (int i = 0; i < level; i++) {
        numbers.add(i == 0 ? tid : 0);
      }
      numbers.add(level == 0 ? tid : (int) context.observedOr(0));
    }
    Task child =
        Births.create(
            context,
            parent,
            new Births.Spec(
                request.flags(), request.signal(), numbers, context.simulated(), cgroup));
    if (cgroup != 0 && cgroup != parent.cgroup()) {
      context.emit(new CgroupChange.Migrated(child, parent.cgroup()));
      CgroupLife.entered(context, List.of(), cgroup, child.group());
    }
    return child;
  }

  /** CLONE_PIDFD; null if not asked for. */
  private static Result pidfd(CallContext context, CloneRequest request, Task child) {
    if (!request.has(CloneFlags.PIDFD)) {
      return null;
    }
    int shown = request.shownPidfd();
    Result installed = PidfdFiles.install(context, child, 0, context.succeeded() ? shown : -1);
    if (request.has(CloneFlags.PIDFD_AUTOKILL) && installed instanceof Result.Done done) {
      FdSlot slot = context.state().fd(context.task().files(), (int) done.value());
      AutoReaping.bind(context, child.group(), slot.description());
    }
    return installed instanceof Result.Failed && !context.refuse("C2 CLONE_PIDFD")
        ? Result.value(shown)
        : installed;
  }
}
