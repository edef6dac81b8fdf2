package io.kledger.kernel.task;

import io.kledger.store.Row;

/**
 * Where the numbers of a pid namespace stand. Key: the namespace's.
 *
 * @param last the highest number given out so far
 * @param disabled its init has died: no more numbers (alloc_pid gives ENOMEM)
 */
public record PidCounter(long key, int last, boolean disabled) implements Row {}
