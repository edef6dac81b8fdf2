package io.kledger.engine.time;

import io.kledger.engine.CallContext;
import io.kledger.event.avro.Event;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.time.Timer;
import io.kledger.kernel.time.Timer.Clock;
import io.kledger.kernel.time.Timer.Purpose;
import java.util.Comparator;

/** Timers of a kernel that is simulated; those of a real one are seen by what they do. */
public final class Timers {
  private static final Comparator<Timer> FIRST =
      Comparator.comparingLong(Timer::deadline).thenComparingLong(Timer::key);

  private Timers() {}

  /** Starts a timer; returns its key. */
  public static long start(
      CallContext context, Clock clock, long deadline, Purpose purpose, long object) {
    Timer timer = new Timer(context.newKey(), clock, deadline, purpose, object);
    context.put(Tables.TIMERS, timer);
    return timer.key();
  }

  /** Stops the timers of an object. */
  public static void stop(CallContext context, Purpose purpose, long object) {
    if (context.state().timers.size() == 0) {
      return;
    }
    for (Timer timer : context.state().timers.rows()) {
      if (timer.purpose() == purpose && timer.object() == object) {
        context.remove(Tables.TIMERS, timer.key());
      }
    }
  }

  /** The timer of an object, or null. */
  public static Timer of(CallContext context, Purpose purpose, long object) {
    for (Timer timer : context.state().timers.rows()) {
      if (timer.purpose() == purpose && timer.object() == object) {
        return timer;
      }
    }
    return null;
  }

  /** What a clock shows at the event. */
  public static long now(CallContext context, Clock clock) {
    Event event = context.event();
    return clock == Clock.REALTIME ? event.getRealtime() : context.now();
  }

  /** The first timer of the wall clock that is due when it shows a time, or null. */
  static Timer passed(CallContext context, long realtime) {
    Timer first = null;
    for (Timer timer : context.state().timers.rows()) {
      boolean due = timer.clock() == Clock.REALTIME && realtime >= timer.deadline();
      if (due && (first == null || FIRST.compare(timer, first) < 0)) {
        first = timer;
      }
    }
    return first;
  }

  /**
   * The timer that is due first, or null.
   *
   * @param now whether those that are due at this very moment count
   */
  public static Timer due(CallContext context, boolean now) {
    KernelState state = context.state();
    Timer first = null;
    for (Timer timer : state.timers.rows()) {
      long past = now(context, timer.clock()) - timer.deadline();
      boolean due = now ? past >= 0 : past > 0;
      if (due && (first == null || FIRST.compare(timer, first) < 0)) {
        first = timer;
      }
    }
    return first;
  }
}
