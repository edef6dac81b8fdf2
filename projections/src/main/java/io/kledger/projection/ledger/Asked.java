package io.kledger.projection.ledger;

import io.kledger.kernel.KernelState;
import io.kledger.replay.Ledger;

/**
 * A state that was asked for.
 *
 * @param ledger of one machine
 * @param state as of the position
 * @param position of the last event that it shows
 * @param end position of the last event of the log
 */
public record Asked(Ledger ledger, KernelState state, long position, long end) {}
