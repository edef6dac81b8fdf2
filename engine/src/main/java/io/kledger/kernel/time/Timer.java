package io.kledger.kernel.time;

import io.kledger.store.Row;

/**
 * Something that happens when time has come (struct hrtimer).
 *
 * @param clock whose time it is
 * @param deadline nanoseconds of that clock
 * @param purpose what happens then
 * @param object key of what it happens to: by purpose
 */
public record Timer(long key, Clock clock, long deadline, Purpose purpose, long object)
    implements Row {
  /** The clocks that a deadline can be on. */
  public enum Clock {
    /** Also CLOCK_BOOTTIME: the machine never sleeps. */
    MONOTONIC,
    /** Moves with steps of the clock. */
    REALTIME
  }

  /** What a timer is for; its object. */
  public enum Purpose {
    /** A lock request that waits (FileLock): it ends with ETIMEDOUT. */
    LOCK_WAIT,
    /** A lease that is to be given up (FileLock): it is taken away. */
    LEASE_BREAK,
    /** alarm(2) of a process (ThreadGroup): SIGALRM. */
    ALARM,
    /** IORING_OP_LINK_TIMEOUT (RingRequest): the request before it is cancelled. */
    LINK_TIMEOUT,
    /** A change of cgroup.events that is told later (Cgroup). */
    CGROUP_EVENTS
  }
}
