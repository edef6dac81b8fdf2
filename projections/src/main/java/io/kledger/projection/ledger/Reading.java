package io.kledger.projection.ledger;

import io.kledger.replay.Ledger;

/**
 * A machine's ledger that stays open while somebody reads it, whatever becomes of the state
 * meanwhile. To be closed soon: what it reads takes room on the disk.
 */
public final class Reading implements AutoCloseable {
  private final Ledger ledger;
  private final Runnable release;

  Reading(Ledger ledger, Runnable release) {
    this.ledger = ledger;
    this.release = release;
  }

  public Ledger ledger() {
    return ledger;
  }

  @Override
  public void close() {
    release.run();
  }
}
