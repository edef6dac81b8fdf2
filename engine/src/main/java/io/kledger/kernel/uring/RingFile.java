package io.kledger.kernel.uring;

import io.kledger.store.Row;

/**
 * A registered file: a reference to an open file description that is in no table of descriptors.
 *
 * @param ring key of the ring
 * @param slot its index
 * @param description key of the open file description
 */
public record RingFile(long key, long ring, int slot, long description) implements Row {}
