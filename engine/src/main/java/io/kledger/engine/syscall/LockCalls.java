package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Handler;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.file.FdTables;
import io.kledger.engine.file.FdTables.Open;
import io.kledger.engine.file.Files;
import io.kledger.engine.lock.LockTable;
import io.kledger.engine.ns.TimeNamespaces;
import io.kledger.engine.time.Timers;
import io.kledger.event.avro.Fd;
import io.kledger.event.avro.FlockCall;
import io.kledger.event.avro.FlockTimedCall;
import io.kledger.event.avro.Outcome;
import io.kledger.event.avro.TimeSpec;
import io.kledger.kernel.Tables;
import io.kledger.kernel.change.FdChange;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.lock.FileLock;
import io.kledger.kernel.lock.FileLock.Mode;
import io.kledger.kernel.task.PendingCall;
import io.kledger.kernel.task.ThreadGroup;
import io.kledger.kernel.time.Timer.Clock;
import io.kledger.kernel.time.Timer.Purpose;

/** flock(2), and how lock calls wait and return. */
public final class LockCalls {
  private static final long LOCK_SH = 1;
  private static final long LOCK_EX = 2;
  private static final long LOCK_NB = 4;
  private static final long LOCK_UN = 8;
  private static final long LOCK_MAND = 32;
  private static final long TIMER_ABSTIME = 1;
  private static final int CLOCK_REALTIME = 0;
  private static final int CLOCK_MONOTONIC = 1;
  private static final int CLOCK_BOOTTIME = 7;
  private static final long SECOND = 1_000_000_000L;

  private LockCalls() {}

  /** Adds the calls of this family. */
  public static void register(SyscallTable.Builder table) {
    table.full(
        FlockCall.class,
        new Handler<>() {
          @Override
          public Result call(CallContext context, FlockCall call) {
            return flock(context, call);
          }

          @Override
          public Result enter(CallContext context, FlockCall call) {
            return enterFlock(context, call);
          }
        });
    table.full(FlockTimedCall.class, LockCalls::flockTimed);
  }

  /** Proposed: flock(2) that waits no longer than a time. */
  private static Result flockTimed(CallContext context, FlockTimedCall call) {
    PendingCall pending = pending(context, "flock_timed");
    if (pending != null) {
      return resume(context, pending);
    }
    if (!context.profile().has(KernelFeature.FLOCK_TIMEOUT) && context.refuse("F17 no such call")) {
      return context.fail(Errno.ENOSYS, "F17 no such call");
    }
    long operation = call.getOperation();
    TimeSpec time = call.getTimeout();
    if (time == null) {
      return flock(context, "flock_timed", call.getFd(), operation, null);
    }
    if ((operation & LOCK_MAND) != 0) {
      return Result.ZERO;
    }
    boolean odd = !command(operation) || (operation & LOCK_NB) != 0;
    if (odd && context.refuse("F17.3 operation")) {
      return context.fail(Errno.EINVAL, "F17.3 operation");
    }
    boolean absolute = (call.getFlags() & TIMER_ABSTIME) != 0;
    boolean bad =
        time.getNanos() < 0 || time.getNanos() >= SECOND || time.getSeconds() < 0 && !absolute;
    if (bad && context.refuse("F17.3 time")) {
      return context.fail(Errno.EINVAL, "F17.3 time");
    }
    boolean clock =
        call.getClock() == CLOCK_REALTIME
            || call.getClock() == CLOCK_MONOTONIC
            || call.getClock() == CLOCK_BOOTTIME;
    if ((!clock || (call.getFlags() & ~TIMER_ABSTIME) != 0) && context.refuse("F17.3 clock")) {
      return context.fail(Errno.EINVAL, "F17.3 clock");
    }
    Clock kept = absolute && call.getClock() == CLOCK_REALTIME ? Clock.REALTIME : Clock.MONOTONIC;
    long now = Timers.now(context, kept);
    long deadline = nanos(time);
    if (!absolute) {
      deadline = deadline > Long.MAX_VALUE - now ? Long.MAX_VALUE : now + deadline;
    } else if (kept == Clock.MONOTONIC) {
      // timens_ktime_to_host(): the caller's clocks may be those of a time namespace.
      boolean boot = call.getClock() == CLOCK_BOOTTIME;
      deadline -= boot ? TimeNamespaces.boottime(context) : TimeNamespaces.monotonic(context);
    }
    return flock(context, "flock_timed", call.getFd(), operation, new Limit(kept, deadline));
  }

  /** Until when a request may wait. */
  private record Limit(Clock clock, long deadline) {}

  private static long nanos(TimeSpec time) {
    return time.getSeconds() > Long.MAX_VALUE / SECOND - 1
        ? Long.MAX_VALUE
        : time.getSeconds() * SECOND + time.getNanos();
  }

  /** Whether an operation, LOCK_NB aside, is one of the three. */
  private static boolean command(long operation) {
    long command = operation & ~LOCK_NB;
    return command == LOCK_SH || command == LOCK_EX || command == LOCK_UN;
  }

  static Result flock(CallContext context, FlockCall call) {
    PendingCall pending = pending(context, "flock");
    if (pending != null) {
      return resume(context, pending);
    }
    return flock(context, "flock", call.getFd(), call.getOperation(), null);
  }

  private static Result flock(
      CallContext context, String name, Fd fd, long operation, Limit limit) {
    if ((operation & LOCK_MAND) != 0) {
      return Result.ZERO;
    }
    if (!command(operation) && context.refuse("C7.2 operation")) {
      return context.fail(Errno.EINVAL, "C7.2 operation");
    }
    long command = operation & ~LOCK_NB;
    FdTables.Lookup found = FdTables.getFile(context, fd);
    if (!(found instanceof Open open)) {
      return FdTables.failure(context, found);
    }
    OpenFileDescription file = withInode(context, open.description());
    if (command == LOCK_UN) {
      LockTable.funlock(context, file.inode(), file.key());
      return Result.ZERO;
    }
    Mode mode = command == LOCK_EX ? Mode.WRITE : Mode.READ;
    FileLock request = LockTable.flockRequest(context, file, mode, tgid(context));
    if (limit == null) {
      return request(context, name, request, (operation & LOCK_NB) == 0);
    }
    if (limit.deadline() <= Timers.now(context, limit.clock())) {
      Result once = request(context, name, request, false);
      return once instanceof Result.Failed ? context.fail(Errno.ETIMEDOUT, "F17.2 no time") : once;
    }
    Result result = request(context, name, request, true);
    FileLock waiting = LockTable.waiting(context.state(), context.taskKey());
    if (result instanceof Result.Blocked && waiting != null) {
      Timers.start(context, limit.clock(), limit.deadline(), Purpose.LOCK_WAIT, waiting.key());
    }
    return result;
  }

  /**
   * The beginning of a call that may wait: it stands in the queue from now on. An unlock has
   * happened by the time that others are seen to profit.
   */
  static Result enterFlock(CallContext context, FlockCall call) {
    boolean early = (call.getOperation() & (LOCK_NB | LOCK_MAND)) == 0;
    return enter(context, "flock", early ? flock(context, call) : null);
  }

  /** What {@link Handler#enter} does with the result that the call would have now. */
  static Result enter(CallContext context, String name, Result now) {
    if (now instanceof Result.Done) {
      context.put(
          Tables.PENDING,
          new PendingCall(context.taskKey(), name, context.position(), 0, 0, true, 0, 0));
    }
    return now instanceof Result.Blocked ? now : new Result.Blocked("its return");
  }

  /** Makes a request, and says what the call returns. */
  static Result request(CallContext context, String name, FileLock request, boolean sleep) {
    return switch (LockTable.request(context, request, sleep)) {
      case GRANTED -> Result.ZERO;
      case CONFLICT -> {
        if (context.refuse("C7 lock held by another")) {
          yield context.fail(Errno.EAGAIN, "C7 lock held by another");
        }
        LockTable.force(context, request);
        yield Result.ZERO;
      }
      case DEADLOCK -> {
        if (context.refuse("C8.10 deadlock")) {
          yield context.fail(Errno.EDEADLK, "C8.10 deadlock");
        }
        LockTable.force(context, request);
        yield Result.ZERO;
      }
      case WAITS -> {
        if (context.assuming()) {
          LockTable.force(context, LockTable.waiting(context.state(), context.taskKey()));
          yield Result.ZERO;
        }
        context.put(
            Tables.PENDING,
            new PendingCall(context.taskKey(), name, context.position(), 0, 0, false, 0, 0));
        yield new Result.Blocked("a lock");
      }
    };
  }

  /** The call of this name that the task is in, or null. */
  static PendingCall pending(CallContext context, String name) {
    PendingCall pending = context.state().pending.get(context.taskKey());
    return pending != null && pending.call().equals(name) ? pending : null;
  }

  /** The return of a call that has waited. */
  static Result resume(CallContext context, PendingCall pending) {
    Outcome observed = context.observed();
    FileLock request = LockTable.waiting(context.state(), context.taskKey());
    if (observed == null && !pending.done()) {
      return new Result.Blocked("a lock");
    }
    context.remove(Tables.PENDING, context.taskKey());
    if (observed == null || !observed.getUnknown() && observed.getError() == 0) {
      return granted(context, pending, request);
    }
    LockTable.withdraw(context, context.taskKey());
    if (pending.done() && pending.error() == 0) {
      LockTable.undo(context, pending.entered());
    }
    boolean signal = observed.getError() >= 512 || observed.getError() == Errno.EINTR;
    if (signal || observed.getUnknown()) {
      return new Result.Unknown("a signal ended the wait");
    }
    return pending.done() && pending.error() != 0
        ? context.fail(pending.error(), "C8.10 deadlock")
        : context.fail(Errno.EINTR, "nothing else ends a wait");
  }

  private static Result granted(CallContext context, PendingCall pending, FileLock request) {
    if (pending.done() && pending.error() == 0) {
      return Result.ZERO;
    }
    if (pending.done() && context.refuse("C7.7 the wait ended")) {
      return context.fail(pending.error(), "C7.7 the wait ended");
    }
    if (context.refuse("C7 lock held by another")) {
      return new Result.Blocked("a lock");
    }
    if (request != null) {
      LockTable.force(context, request);
    }
    return Result.ZERO;
  }

  /**
   * A description that locks can be on: one whose inode the log has not shown gets a nameless one.
   */
  static OpenFileDescription withInode(CallContext context, OpenFileDescription file) {
    if (file.inode() != 0) {
      return file;
    }
    Inode inode =
        Files.sharesInode(file.kind())
            ? Files.sharedInode(context)
            : Files.anonymousInode(context, 0, 0);
    OpenFileDescription changed = file.withPlace(file.place(), inode.key());
    context.emit(new FdChange.DescriptionChanged(changed));
    return changed;
  }

  /** Number of the calling process, as /proc/locks shows it to the tracer. */
  static int tgid(CallContext context) {
    ThreadGroup group = context.state().groups.get(context.task().group());
    return group == null ? context.task().tid() : group.tgid();
  }
}
