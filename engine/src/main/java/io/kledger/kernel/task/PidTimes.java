package io.kledger.kernel.task;

import io.kledger.store.Row;

/**
 * When a task began, and when the inode of its pidfds came into being; nanoseconds since 1970.
 *
 * @param key of the {@link Pid}
 * @param born real time at which the task was made
 * @param inode real time of the first pidfd since the last one was closed; 0 = there is none
 */
public record PidTimes(long key, long born, long inode) implements Row {}
