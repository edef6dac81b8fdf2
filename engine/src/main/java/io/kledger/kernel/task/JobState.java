package io.kledger.kernel.task;

import io.kledger.store.Row;

/**
 * That a process is stopped, or has gone on, and what its parent has been told of it (SIGNAL_STOP_*
 * of struct signal_struct). Key: the ThreadGroup's; no row = it runs and there is nothing to tell.
 *
 * @param stopped the signal that stopped it, 0 = it runs
 * @param told the parent has been told of the stop
 * @param continued it has gone on since, and the parent has not been told
 * @param pending fatal signals that wait until it goes on, bit N-1 for signal N
 */
public record JobState(long key, int stopped, boolean told, boolean continued, long pending)
    implements Row {
  /** The same with another fatal signal to come. */
  public JobState withPending(int fatal) {
    return new JobState(key, stopped, told, continued, pending | 1L << (fatal - 1));
  }
}
