package io.kledger.log.seal;

/** A key, a checkpoint or a proof that cannot be used, or a log that must not be sealed. */
public final class SealException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** What is wrong, and what to do. */
  public SealException(String message) {
    super(message);
  }
}
