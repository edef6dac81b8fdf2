package io.kledger.projection.ledger;

/** The log has no such moment. The message is meant to be shown as it is. */
public final class NoSuchMoment extends RuntimeException {
  public NoSuchMoment(String message, Throwable cause) {
    super(message, cause);
  }
}
