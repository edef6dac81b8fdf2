package io.kledger.kernel.binfmt;

import io.kledger.store.Row;

/**
 * The formats of a user namespace (struct binfmt_misc). Once made it stays: also without a mount it
 * hides those of the parents.
 *
 * @param key of the user namespace
 * @param enabled whether its handlers are asked
 */
public record BinfmtInstance(long key, boolean enabled) implements Row {}
