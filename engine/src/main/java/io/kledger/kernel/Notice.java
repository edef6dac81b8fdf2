package io.kledger.kernel;

import io.kledger.store.Row;

/**
 * How many notifications there were of things that leave no row of their own: a denial, a message
 * that was refused.
 *
 * @param key always 1
 */
public record Notice(long key, long count) implements Row {}
