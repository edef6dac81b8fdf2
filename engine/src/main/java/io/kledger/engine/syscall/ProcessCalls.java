package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.ns.Capability;
import io.kledger.engine.task.PidNumbers;
import io.kledger.engine.time.Timers;
import io.kledger.event.Bytes;
import io.kledger.event.avro.AlarmCall;
import io.kledger.event.avro.Prlimit64Call;
import io.kledger.event.avro.Raw;
import io.kledger.event.avro.SethostnameCall;
import io.kledger.event.avro.UmaskCall;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.task.Credentials;
import io.kledger.kernel.task.FsStruct;
import io.kledger.kernel.task.Task;
import io.kledger.kernel.task.ThreadGroup;
import io.kledger.kernel.time.Timer;
import io.kledger.kernel.time.Timer.Clock;
import io.kledger.kernel.time.Timer.Purpose;

/** Small calls of processes: umask(2), prlimit(2), sethostname(2), alarm(2). */
final class ProcessCalls {
  private static final int RLIMIT_NOFILE = 7;
  private static final int NAME_MAX = 64;
  private static final long SECOND = 1_000_000_000L;

  private ProcessCalls() {}

  static void register(SyscallTable.Builder table) {
    table.full(UmaskCall.class, ProcessCalls::umask);
    table.partial(Prlimit64Call.class, "RLIMIT_NOFILE only", ProcessCalls::prlimit);
    table.partial(SethostnameCall.class, "the name is not kept", ProcessCalls::sethostname);
    table.partial(AlarmCall.class, "setitimer(2) sets the same timer", ProcessCalls::alarm);
  }

  /** alarm_setitimer(): what an earlier alarm had left, rounded to seconds but never to 0. */
  private static Result alarm(CallContext context, AlarmCall call) {
    long group = context.task().group();
    Timer earlier = Timers.of(context, Purpose.ALARM, group);
    long left = earlier == null ? 0 : Math.max(1, earlier.deadline() - context.now());
    Timers.stop(context, Purpose.ALARM, group);
    if (call.getSeconds() != 0) {
      long deadline = context.now() + call.getSeconds() * SECOND;
      Timers.start(context, Clock.MONOTONIC, deadline, Purpose.ALARM, group);
    }
    long seconds = left / SECOND;
    if (earlier == null && context.task().inferred() && !context.assuming()) {
      return new Result.Unknown("how long an earlier alarm had");
    }
    boolean up = left % SECOND >= SECOND / 2 || seconds == 0 && left > 0;
    return Result.value(up ? seconds + 1 : seconds);
  }

  private static Result umask(CallContext context, UmaskCall call) {
    Task task = context.task();
    FsStruct fs = context.state().fs.get(task.fs());
    int mask = (int) call.getMask() & 0777;
    if (fs == null) {
      return new Result.Unknown("the umask");
    }
    if (fs.umask() != mask) {
      context.put(Tables.FS, fs.withUmask(mask));
    }
    if (task.inferred() && fs.cwd().equals(Place.UNKNOWN) && !context.assuming()) {
      return new Result.Unknown("the umask from before the trace");
    }
    return Result.value(fs.umask());
  }

  private static Result prlimit(CallContext context, Prlimit64Call call) {
    if (call.getResource() != RLIMIT_NOFILE) {
      return LimitCalls.prlimit(context, call);
    }
    Task target =
        call.getPid() == 0
            ? context.task()
            : PidNumbers.task(
                context.state(), context.task().namespaces().pid(), (int) call.getPid());
    if (target == null) {
      return new Result.Unknown("a process outside the log");
    }
    ThreadGroup group = context.state().groups.require(target.group());
    if (call.getLimit() != null) {
      long soft = member(call.getLimit(), "rlim_cur=");
      long hard = member(call.getLimit(), "rlim_max=");
      if (soft >= 0 && hard >= 0 && soft > hard && context.refuse("setrlimit(2): soft > hard")) {
        return context.fail(Errno.EINVAL, "setrlimit(2): soft > hard");
      }
      context.put(Tables.GROUPS, group.withFileLimit(soft, hard));
    } else if (context.succeeded() && call.getOld() != null && group.fileLimit() < 0) {
      context.put(
          Tables.GROUPS,
          group.withFileLimit(
              member(call.getOld(), "rlim_cur="), member(call.getOld(), "rlim_max=")));
    }
    return Result.ZERO;
  }

  /** A member such as `rlim_cur=1024` or `4*1024`; -1 if it is not a number. */
  static long member(Raw struct, String name) {
    String text = Bytes.of(struct.getText()).latin1();
    int at = text.indexOf(name);
    if (at < 0) {
      return -1;
    }
    long product = 1;
    int from = at + name.length();
    while (true) {
      int end = from;
      while (end < text.length() && Character.isDigit(text.charAt(end)) && end - from < 15) {
        end++;
      }
      if (end == from) {
        return -1;
      }
      product *= Long.parseLong(text.substring(from, end));
      if (end >= text.length() || text.charAt(end) != '*') {
        return product;
      }
      from = end + 1;
    }
  }

  private static Result sethostname(CallContext context, SethostnameCall call) {
    Credentials who = context.task().credentials();
    Namespace uts = context.state().namespaces.get(context.task().namespaces().uts());
    boolean may =
        !who.known()
            || uts == null
            || Capability.over(context.state(), who, uts.owner(), Capability.SYS_ADMIN);
    if (!may && context.refuse("sethostname(2): CAP_SYS_ADMIN")) {
      return context.fail(Errno.EPERM, "sethostname(2): CAP_SYS_ADMIN");
    }
    boolean length = call.getLength() >= 0 && call.getLength() <= NAME_MAX;
    return !length && context.refuse("sethostname(2): length")
        ? context.fail(Errno.EINVAL, "sethostname(2): length")
        : Result.ZERO;
  }
}
