package io.kledger.projection.ledger;

/** The ledger cannot be asked now; later, perhaps. The message is meant to be shown as it is. */
public final class Unavailable extends RuntimeException {
  public Unavailable(String message) {
    super(message);
  }

  public Unavailable(String message, Throwable cause) {
    super(message, cause);
  }
}
