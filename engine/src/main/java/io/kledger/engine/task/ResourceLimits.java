package io.kledger.engine.task;

import io.kledger.engine.CallContext;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.task.ResourceLimit;

/** Limits of processes: struct rlimit, copied at fork, kept by exec. */
public final class ResourceLimits {
  private static final long INF = ResourceLimit.INFINITY;
  private static final long EIGHT_MIB = 8L << 20;

  /** INIT_RLIMITS by resource, soft and hard; null = depends on the machine. */
  private static final long[][] INITIAL = {
    {INF, INF},
    {INF, INF},
    {INF, INF},
    {EIGHT_MIB, INF},
    {0, INF},
    {INF, INF},
    null,
    null,
    {EIGHT_MIB, EIGHT_MIB},
    {INF, INF},
    {INF, INF},
    null,
    {819200, 819200},
    {0, 0},
    {0, 0},
    {INF, INF}
  };

  private ResourceLimits() {}

  /** How many resources there are: RLIM_NLIMITS. */
  public static int count() {
    return INITIAL.length;
  }

  /** The limit of a process; null if it is not known. */
  public static ResourceLimit of(KernelState state, long group, int resource) {
    for (long key : state.resourceLimitsByGroup.keys(group)) {
      ResourceLimit row = state.resourceLimits.require(key);
      if (row.resource() == resource) {
        return row;
      }
    }
    long[] initial = INITIAL[resource];
    return initial == null ? null : new ResourceLimit(0, group, resource, initial[0], initial[1]);
  }

  /** Sets a limit. */
  public static void set(CallContext context, long group, int resource, long soft, long hard) {
    ResourceLimit old = of(context.state(), group, resource);
    long key = old == null || old.key() == 0 ? context.newKey() : old.key();
    context.put(Tables.RESOURCE_LIMITS, new ResourceLimit(key, group, resource, soft, hard));
  }

  /** A child has the limits of its parent. */
  static void inherit(CallContext context, long parent, long child) {
    KernelState state = context.state();
    for (long key : state.resourceLimitsByGroup.keys(parent)) {
      ResourceLimit row = state.resourceLimits.require(key);
      context.put(
          Tables.RESOURCE_LIMITS,
          new ResourceLimit(context.newKey(), child, row.resource(), row.soft(), row.hard()));
    }
  }

  /** The process is gone. */
  static void drop(CallContext context, long group) {
    for (long key : context.state().resourceLimitsByGroup.keys(group)) {
      context.remove(Tables.RESOURCE_LIMITS, key);
    }
  }
}
