package io.kledger.engine.environment;

/** A directive that cannot be what was meant: the message says what is wrong with it. */
public final class DirectiveException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  public DirectiveException(String message) {
    super(message);
  }

  public DirectiveException(String message, Throwable cause) {
    super(message, cause);
  }
}
