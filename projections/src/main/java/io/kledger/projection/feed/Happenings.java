package io.kledger.projection.feed;

import io.kledger.event.avro.Event;
import io.kledger.log.Cursor;
import io.kledger.projection.ledger.Asked;
import io.kledger.replay.AsOf;
import io.kledger.view.Notes;
import java.util.function.Predicate;

/** Reads what happened in a part of a log. */
public final class Happenings {
  private Happenings() {}

  /**
   * Folds the events after a position, up to the one that was asked for.
   *
   * @param most events at most
   * @param hears each in order; false ends it after that one
   * @return position of the last event that was looked at
   */
  public static long read(Asked asked, long after, int most, Predicate<Happening> hears) {
    long last = after;
    try (AsOf state = asked.ledger().stateAt(after);
        Cursor cursor = asked.ledger().events(after + 1)) {
      Notes notes = new Notes();
      state.engine().listener(notes);
      for (int i = 0; i < most && last < asked.position(); i++) {
        Event event = cursor.next();
        if (event == null) {
          break;
        }
        last = event.getPosition();
        if (!hears.test(Happening.fold(state.engine(), notes, event))) {
          break;
        }
      }
    }
    return last;
  }
}
