package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.ns.Capability;
import io.kledger.engine.time.Expiry;
import io.kledger.engine.time.Timers;
import io.kledger.event.avro.ClockSettimeCall;
import io.kledger.event.avro.TimeSpec;
import io.kledger.kernel.time.Timer.Clock;

/** Setting the wall clock: do_sys_settimeofday64(). */
public final class ClockCalls {
  private static final int SYS_TIME = 25;
  private static final long SECOND = 1_000_000_000L;

  /** TIME_SETTOD_SEC_MAX: what a ktime_t holds less thirty years. */
  private static final long MOST_SECONDS = 9_223_372_036L - 30L * 365 * 24 * 3600;

  private ClockCalls() {}

  /** Adds the calls of this family. */
  public static void register(SyscallTable.Builder table) {
    table.partial(ClockSettimeCall.class, "clocks of other devices", ClockCalls::set);
  }

  static Result set(CallContext context, ClockSettimeCall call) {
    if (call.getClock() != 0) {
      return call.getClock() < 0
          ? new Result.Unknown("clocks of other devices")
          : context.fail(Errno.EINVAL, "clock_settime: clock");
    }
    TimeSpec time = call.getTime();
    if (time == null) {
      return new Result.Unknown("the time is not shown");
    }
    boolean valid =
        time.getSeconds() >= 0
            && time.getSeconds() < MOST_SECONDS
            && time.getNanos() >= 0
            && time.getNanos() < SECOND;
    if (!valid && context.refuse("clock_settime: value")) {
      return context.fail(Errno.EINVAL, "clock_settime: value");
    }
    boolean may = Capability.initial(context.state(), context.task().credentials(), SYS_TIME);
    if (!may && context.refuse("clock_settime: CAP_SYS_TIME")) {
      return context.fail(Errno.EPERM, "clock_settime: CAP_SYS_TIME");
    }
    long now = time.getSeconds() * SECOND + time.getNanos();
    long delta = now - Timers.now(context, Clock.REALTIME);
    context.notice("time.step", "delta_ns", Long.toString(delta));
    Expiry.stepped(context, now);
    return Result.ZERO;
  }
}
