package io.kledger.kernel;

import io.kledger.store.Row;

/** The last number given out by one of the kernel's (or the ledger's) generators. */
public record Counter(long key, long value) implements Row {}
