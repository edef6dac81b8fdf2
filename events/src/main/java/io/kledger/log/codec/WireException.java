package io.kledger.log.codec;

/** Bytes are not the record that they should be. The log turns it into an error with a place. */
public final class WireException extends RuntimeException {

  private static final long serialVersionUID = 1;

  /** See {@link WireException}. */
  public WireException(String message) {
    super(message);
  }

  /** See {@link WireException}. */
  public WireException(String message, Throwable cause) {
    super(message, cause);
  }
}
