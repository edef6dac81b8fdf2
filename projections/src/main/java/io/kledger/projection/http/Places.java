package io.kledger.projection.http;

import io.kledger.event.MachineId;
import io.kledger.log.EventLog;
import io.kledger.replay.FeedCursor;
import jakarta.ws.rs.core.Response;

/** Places in a feed, as requests name them. */
final class Places {
  private Places() {}

  /**
   * The position of the last event seen.
   *
   * @param text {@code @N} or a cursor; null is before the first event
   */
  static long after(String text, EventLog log, MachineId machine) {
    if (text == null) {
      return 0;
    }
    if (text.matches("@[0-9]{1,18}")) {
      long position = Long.parseLong(text.substring(1));
      if (position > log.end(machine)) {
        throw new Problem(
            Response.Status.BAD_REQUEST,
            "no event " + text + ": the log ends at @" + log.end(machine));
      }
      return position;
    }
    try {
      return FeedCursor.parse(text, log, machine).position();
    } catch (FeedCursor.Unusable e) {
      throw new Problem(
          switch (e.reason()) {
            case UNKNOWN -> Response.Status.BAD_REQUEST;
            case OF_ANOTHER_LEDGER -> Response.Status.CONFLICT;
          },
          e.getMessage());
    }
  }
}
