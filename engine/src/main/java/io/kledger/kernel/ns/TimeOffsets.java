package io.kledger.kernel.ns;

import io.kledger.store.Row;

/**
 * How far the clocks of a time namespace are from those of the machine (struct timens_offsets).
 *
 * @param key of the {@link Namespace}
 * @param monotonic nanoseconds
 * @param boottime nanoseconds
 */
public record TimeOffsets(long key, long monotonic, long boottime) implements Row {}
