package io.kledger.kernel.task;

import io.kledger.store.Row;

/**
 * A resource limit that a process or one it descends from has set: setrlimit(2). RLIMIT_NOFILE is
 * in {@link ThreadGroup}.
 *
 * @param group key of the ThreadGroup
 * @param resource RLIMIT_*
 * @param soft in the resource's unit, unsigned; {@link #INFINITY} = none
 * @param hard as {@code soft}
 */
public record ResourceLimit(long key, long group, int resource, long soft, long hard)
    implements Row {
  /** RLIM64_INFINITY. */
  public static final long INFINITY = -1;

  /** RLIMIT_CORE. */
  public static final int CORE = 4;
}
