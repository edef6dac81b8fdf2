package io.kledger.engine.time;

import io.kledger.engine.CallContext;
import io.kledger.engine.cgroup.CgroupEvents;
import io.kledger.engine.lock.Leases;
import io.kledger.engine.lock.LockTable;
import io.kledger.engine.task.Delivery;
import io.kledger.engine.task.Kernel;
import io.kledger.engine.uring.Rings;
import io.kledger.kernel.Tables;
import io.kledger.kernel.task.ThreadGroup;
import io.kledger.kernel.time.Timer;

/** Lets the timers that are due expire, in the order of their deadlines. */
public final class Expiry {
  private static final int SIGALRM = 14;

  private Expiry() {}

  /**
   * Before an event expires what was due before it; after the event, what is due at its moment: of
   * a release and a deadline at the same time, the release comes first.
   */
  public static void run(CallContext context, boolean now) {
    Timer timer = Timers.due(context, now);
    while (timer != null) {
      context.remove(Tables.TIMERS, timer.key());
      expire(context, timer);
      timer = Timers.due(context, now);
    }
  }

  /** clock_was_set(): timers of the wall clock whose time it has passed by a step expire. */
  public static void stepped(CallContext context, long realtime) {
    Timer timer = Timers.passed(context, realtime);
    while (timer != null) {
      context.remove(Tables.TIMERS, timer.key());
      expire(context, timer);
      timer = Timers.passed(context, realtime);
    }
  }

  private static void expire(CallContext context, Timer timer) {
    switch (timer.purpose()) {
      case LOCK_WAIT -> LockTable.expire(context, timer.object());
      case LINK_TIMEOUT -> Rings.expire(context, timer.object());
      case LEASE_BREAK -> Leases.expire(context, timer.object());
      case CGROUP_EVENTS -> CgroupEvents.notify(context, timer.object(), timer.deadline());
      case ALARM -> {
        ThreadGroup group = context.state().groups.get(timer.object());
        if (group != null && Kernel.runs(context)) {
          Delivery.deliver(context, group, SIGALRM, true);
        }
      }
    }
  }
}
