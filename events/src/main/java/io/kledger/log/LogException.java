package io.kledger.log;

import io.kledger.event.MachineId;

/**
 * What can go wrong with a log outside the program. The message says what, where, and what to do;
 * it is meant to be shown as it is.
 */
public sealed class LogException extends RuntimeException {

  private static final long serialVersionUID = 1;

  private LogException(String message, Throwable cause) {
    super(message, cause);
  }

  /** The ledger's address cannot be understood, or nothing here can open it. */
  public static final class BadUri extends LogException {
    private static final long serialVersionUID = 1;

    /** See {@link LogException}. */
    public BadUri(String message) {
      super(message, null);
    }
  }

  /** There is no ledger at that address, and it was not to be created. */
  public static final class NoLedger extends LogException {
    private static final long serialVersionUID = 1;

    /** See {@link LogException}. */
    public NoLedger(LedgerUri uri) {
      super("no ledger at " + uri + "; 'kledger import' or 'kledger record' make one", null);
    }
  }

  /** The machine has no log in this ledger. */
  public static final class UnknownMachine extends LogException {
    private static final long serialVersionUID = 1;

    /** See {@link LogException}. */
    public UnknownMachine(LedgerUri uri, MachineId machine) {
      super("ledger " + uri + " has no machine " + machine, null);
    }
  }

  /** Somebody else is writing to this machine's log. */
  public static final class Locked extends LogException {
    private static final long serialVersionUID = 1;
    private final long pid;

    /** See {@link LogException}; {@code pid} is that of the holder, -1 if unknown. */
    public Locked(String message, long pid) {
      super(message, null);
      this.pid = pid;
    }

    /** The process that writes; -1 if unknown. */
    public long pid() {
      return pid;
    }
  }

  /** The log is not what was written: it is refused rather than guessed at. */
  public static final class Damaged extends LogException {
    private static final long serialVersionUID = 1;
    private final String file;
    private final long offset;
    private final long position;

    /**
     * Damage in a file.
     *
     * @param file the file
     * @param offset byte in it at which the damaged part begins, -1 if unknown
     * @param position the first event that cannot be read; 0 if unknown
     * @param what what is wrong, and what to do
     */
    public Damaged(String file, long offset, long position, String what) {
      this(file, offset, position, what, null);
    }

    /** The same, found by way of another error. */
    public Damaged(String file, long offset, long position, String what, Throwable cause) {
      super(
          file
              + (offset < 0 ? "" : ", byte " + offset)
              + (position > 0 ? ", position " + position : "")
              + ": "
              + what,
          cause);
      this.file = file;
      this.offset = offset;
      this.position = position;
    }

    /** The damaged file. */
    public String file() {
      return file;
    }

    /** Byte in {@link #file()} at which the damaged part begins; -1 if unknown. */
    public long offset() {
      return offset;
    }

    /** The first event that cannot be read; 0 if unknown. */
    public long position() {
      return position;
    }
  }

  /** Events were written with a schema that this program does not have or cannot read. */
  public static final class Schema extends LogException {
    private static final long serialVersionUID = 1;

    /** See {@link LogException}. */
    public Schema(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** Reading or writing failed (disk full, no permission, connection lost). */
  public static final class Failed extends LogException {
    private static final long serialVersionUID = 1;

    /** See {@link LogException}. */
    public Failed(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
