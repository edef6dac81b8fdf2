package io.kledger.kernel.task;

import io.kledger.store.Row;

/**
 * A process that leaves no zombie: CLONE_AUTOREAP. Key: the {@link ThreadGroup}'s.
 *
 * @param description key of the open file description whose last close kills it
 *     (CLONE_PIDFD_AUTOKILL); 0 if none does
 */
public record AutoReap(long key, long description) implements Row {}
