package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.file.FdTables;
import io.kledger.engine.ns.IdMap;
import io.kledger.engine.task.WaitStatus;
import io.kledger.engine.task.Waiting;
import io.kledger.event.Bytes;
import io.kledger.event.avro.Raw;
import io.kledger.event.avro.Wait4Call;
import io.kledger.event.avro.WaitidCall;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.task.Task;

/** wait4(2), waitid(2): do_wait() in kernel/exit.c. */
final class WaitCalls {
  private static final int P_ALL = 0;
  private static final int P_PID = 1;
  private static final int P_PGID = 2;
  private static final int P_PIDFD = 3;

  private WaitCalls() {}

  static void register(SyscallTable.Builder table) {
    String missing = "stop and continue events are taken from the trace; rusage is not counted";
    table.partial(Wait4Call.class, missing, WaitCalls::wait4);
    table.partial(WaitidCall.class, missing, WaitCalls::waitid);
  }

  private static Result wait4(CallContext context, Wait4Call call) {
    long options = call.getOptions() & 0xffffffffL;
    long allowed =
        Waiting.WNOHANG
            | Waiting.WUNTRACED
            | Waiting.WCONTINUED
            | Waiting.WNOTHREAD
            | Waiting.WCLONE
            | Waiting.WALL;
    if ((options & ~allowed) != 0 && context.refuse("C5.4 options")) {
      return context.fail(Errno.EINVAL, "C5.4 options");
    }
    int pid = (int) call.getPid();
    if (pid == Integer.MIN_VALUE && context.refuse("C5.4 INT_MIN")) {
      return context.fail(Errno.ESRCH, "C5.4 INT_MIN");
    }
    Waiting.Who who =
        pid < -1
            ? Waiting.Who.group(context, -pid)
            : pid == -1
                ? Waiting.Who.any()
                : pid == 0 ? Waiting.Who.ownGroup(context) : Waiting.Who.process(context, pid);
    Waiting.Outcome outcome =
        Waiting.run(context, who, options | Waiting.WEXITED, context.observedOr(-1));
    return switch (outcome) {
      case Waiting.Refused refused -> refused.result();
      case Waiting.Nothing nothing -> Result.ZERO;
      case Waiting.Live live -> Result.value(live.number());
      case Waiting.Stopped stopped ->
          told(context, call, stopped.number(), WaitStatus.stopped(stopped.signal()));
      case Waiting.Continued on -> told(context, call, on.number(), "{WIFCONTINUED(s)}");
      case Waiting.Dead dead -> told(context, call, dead.number(), WaitStatus.tests(dead.status()));
    };
  }

  private static Result told(CallContext context, Wait4Call call, int number, String status) {
    if (unwritable(context, call.getStatus())) {
      return context.fail(Errno.EFAULT, "C5 status pointer, after the child was reaped");
    }
    Raw shown = call.getStatus() == null ? null : raw("[" + status + "]");
    return Result.value(
        number,
        context.simulated()
            ? new Wait4Call(call.getPid(), shown, call.getOptions(), call.getRusage())
            : null);
  }

  /** An address in the first page, where nothing can be mapped. */
  private static boolean unwritable(CallContext context, Raw pointer) {
    String text =
        pointer == null || !context.simulated() ? "" : Bytes.of(pointer.getText()).latin1();
    return text.matches("0x[0-9a-f]{1,3}");
  }

  private static Raw raw(String text) {
    return new Raw(Bytes.of(text).toBuffer());
  }

  private static Result waitid(CallContext context, WaitidCall call) {
    long options = call.getOptions() & 0xffffffffL;
    long events = Waiting.WEXITED | Waiting.WUNTRACED | Waiting.WCONTINUED;
    long allowed =
        events
            | Waiting.WNOHANG
            | Waiting.WNOWAIT
            | Waiting.WNOTHREAD
            | Waiting.WCLONE
            | Waiting.WALL;
    if (context.profile().has(KernelFeature.WAIT_NOPIDFD)) {
      allowed |= Waiting.WNOPIDFD;
    }
    boolean directed = call.getIdtype() != P_ALL && call.getIdtype() != P_PGID;
    boolean wrong =
        (options & ~allowed) != 0
            || (options & events) == 0
            || directed && (options & Waiting.WNOPIDFD) != 0;
    if (wrong && context.refuse("C5.4 options")) {
      return context.fail(Errno.EINVAL, "C5.4 options");
    }
    int id = call.getId().getNumber();
    Waiting.Who who;
    switch ((int) call.getIdtype()) {
      case P_ALL -> who = Waiting.Who.any();
      case P_PID -> {
        if (id <= 0 && context.refuse("C5.4 pid")) {
          return context.fail(Errno.EINVAL, "C5.4 pid");
        }
        who = Waiting.Who.process(context, id);
      }
      case P_PGID -> {
        if (id < 0 && context.refuse("C5.4 pgid")) {
          return context.fail(Errno.EINVAL, "C5.4 pgid");
        }
        who = id == 0 ? Waiting.Who.ownGroup(context) : Waiting.Who.group(context, id);
      }
      case P_PIDFD -> {
        return pidfd(context, call, options);
      }
      default -> {
        return context.fail(Errno.EINVAL, "C5.4 idtype");
      }
    }
    return answer(context, call, options, who, false);
  }

  private static Result pidfd(CallContext context, WaitidCall call, long options) {
    if (call.getId().getNumber() < 0 && context.refuse("C5.4 pidfd")) {
      return context.fail(Errno.EINVAL, "C5.4 pidfd");
    }
    return switch (FdTables.get(context, call.getId())) {
      case FdTables.NotOpen none -> context.fail(Errno.EBADF, "C5.4 fd not open");
      case FdTables.NotSeen none -> new Result.Unknown("what the pidfd refers to");
      case FdTables.Open open -> {
        OpenFileDescription file = open.description();
        if (file.kind() != FileKind.PIDFD && !file.inferred()) {
          yield context.fail(Errno.EBADF, "C5.4 not a pidfd");
        }
        if (file.object() == 0) {
          yield new Result.Unknown("what the pidfd refers to");
        }
        boolean nonblock = (file.flags() & 04000) != 0;
        yield answer(context, call, options, Waiting.Who.holder(file.object()), nonblock);
      }
    };
  }

  private static Result answer(
      CallContext context, WaitidCall call, long options, Waiting.Who who, boolean nonblock) {
    boolean again = nonblock && (options & Waiting.WNOHANG) == 0;
    long effective = again ? options | Waiting.WNOHANG : options;
    long seen = context.succeeded() ? WaitStatus.pidOf(call.getInfo()) : -1;
    Waiting.Outcome outcome = Waiting.run(context, who, effective, seen);
    if (!(outcome instanceof Waiting.Refused) && unwritable(context, call.getInfo())) {
      return context.fail(Errno.EFAULT, "F12.4 siginfo pointer, after the child was reaped");
    }
    return switch (outcome) {
      case Waiting.Refused refused -> refused.result();
      case Waiting.Nothing nothing ->
          again && context.refuse("C5.4 PIDFD_NONBLOCK")
              ? context.fail(Errno.EAGAIN, "C5.4 PIDFD_NONBLOCK")
              : Result.value(0, filled(context, call, "{}"));
      case Waiting.Live live -> Result.ZERO;
      case Waiting.Stopped s ->
          filled(
              context, call, "CLD_STOPPED", s.number(), s.uid(), WaitStatus.signalName(s.signal()));
      case Waiting.Continued c ->
          filled(context, call, "CLD_CONTINUED", c.number(), c.uid(), "SIGCONT");
      case Waiting.Dead d -> {
        String code = WaitStatus.code(d.status());
        yield filled(context, call, code, d.number(), d.uid(), WaitStatus.detail(d.status()));
      }
    };
  }

  private static WaitidCall filled(CallContext context, WaitidCall call, String text) {
    if (!context.simulated()) {
      return null;
    }
    Raw info = call.getInfo() == null ? null : raw(text);
    return new WaitidCall(
        call.getIdtype(), call.getId(), info, call.getOptions(), call.getRusage());
  }

  private static Result filled(
      CallContext context, WaitidCall call, String code, int number, int owner, String status) {
    Task self = context.task();
    int uid = IdMap.shown(context.state(), self.credentials().userNs(), owner, false);
    String text =
        "{si_signo=SIGCHLD, si_code="
            + code
            + ", si_pid="
            + number
            + ", si_uid="
            + uid
            + ", si_status="
            + status
            + ", si_utime=0, si_stime=0}";
    return Result.value(0, filled(context, call, text));
  }
}
