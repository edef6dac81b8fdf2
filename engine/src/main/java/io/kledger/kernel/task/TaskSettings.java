package io.kledger.kernel.task;

import io.kledger.event.Bytes;
import io.kledger.store.Row;

/**
 * What few tasks ever set, by prctl(2) for the most part. Key: the task's; no row = the values of
 * {@link #initial}.
 *
 * @param parentDeathSignal PR_SET_PDEATHSIG
 * @param dumpable PR_SET_DUMPABLE
 * @param execComm name that the next exec will give it, empty = that of the file
 */
public record TaskSettings(long key, int parentDeathSignal, int dumpable, Bytes execComm)
    implements Row {
  /** What a task has that never set anything. */
  public static TaskSettings initial(long key) {
    return new TaskSettings(key, 0, 1, Bytes.EMPTY);
  }
}
