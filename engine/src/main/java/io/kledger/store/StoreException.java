package io.kledger.store;

/**
 * What can go wrong with a store outside the program. The message is meant to be shown as it is.
 */
public sealed class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private StoreException(String message, Throwable cause) {
    super(message, cause);
  }

  /** Another process, or another part of this one, writes to the store. */
  public static final class Locked extends StoreException {
    private static final long serialVersionUID = 1;

    public Locked(String message) {
      super(message, null);
    }
  }

  /** The store does not hold what was written to it. It can be rebuilt from the log. */
  public static final class Damaged extends StoreException {
    private static final long serialVersionUID = 1;

    public Damaged(String message) {
      super(message, null);
    }

    public Damaged(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** The store has no answer: its history begins later, or the file is of another version. */
  public static final class Unavailable extends StoreException {
    private static final long serialVersionUID = 1;

    public Unavailable(String message) {
      super(message, null);
    }
  }

  /** Reading or writing failed: disk full, no permission. */
  public static final class Failed extends StoreException {
    private static final long serialVersionUID = 1;

    public Failed(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
