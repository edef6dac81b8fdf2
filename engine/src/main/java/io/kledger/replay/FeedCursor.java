package io.kledger.replay;

import io.kledger.event.MachineId;
import io.kledger.log.EventLog;

/**
 * A place in a change feed: {@code LEDGER:MACHINE:POSITION}. It names the ledger, so that a cursor
 * of another one is noticed.
 *
 * @param ledger the ledger's id
 * @param position of the last event whose changes were seen
 */
public record FeedCursor(String ledger, String machine, long position) {
  /** Why a cursor cannot be used. */
  public enum Reason {
    UNKNOWN,
    OF_ANOTHER_LEDGER
  }

  /** A cursor that cannot be used. */
  public static final class Unusable extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final Reason reason;

    Unusable(Reason reason, String problem) {
      super(problem);
      this.reason = reason;
    }

    /** Why. */
    public Reason reason() {
      return reason;
    }
  }

  /** Understands a cursor of this ledger and machine. */
  public static FeedCursor parse(String text, EventLog log, MachineId machine) {
    String[] parts = text.split(":");
    long position = -1;
    if (parts.length == 3 && parts[2].matches("[0-9]{1,18}")) {
      position = Long.parseLong(parts[2]);
    }
    if (position < 0) {
      throw new Unusable(
          Reason.UNKNOWN, "'" + text + "' is no cursor: expected LEDGER:MACHINE:POSITION");
    }
    if (!parts[0].equals(log.id()) || !parts[1].equals(machine.name())) {
      throw new Unusable(
          Reason.OF_ANOTHER_LEDGER,
          "the cursor is of ledger "
              + parts[0]
              + ", machine "
              + parts[1]
              + "; this is ledger "
              + log.id()
              + ", machine "
              + machine);
    }
    if (position > log.end(machine)) {
      throw new Unusable(
          Reason.UNKNOWN,
          "the cursor is after event " + position + "; the log ends at " + log.end(machine));
    }
    return new FeedCursor(parts[0], parts[1], position);
  }

  @Override
  public String toString() {
    return ledger + ":" + machine + ":" + position;
  }
}
