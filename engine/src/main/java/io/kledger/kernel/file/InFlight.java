package io.kledger.kernel.file;

import io.kledger.store.Row;

/**
 * An open file description that travels in a message (SCM_RIGHTS): a reference to it. Key order is
 * the order in the message.
 */
public record InFlight(long key, long message, long description) implements Row {}
