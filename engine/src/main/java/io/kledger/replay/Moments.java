package io.kledger.replay;

import io.kledger.event.MachineId;
import io.kledger.event.avro.Event;
import io.kledger.event.avro.Marker;
import io.kledger.log.Cursor;
import io.kledger.log.EventLog;
import io.kledger.store.Store;

/** Finds the position that a {@link When} means. */
final class Moments {
  /** How far to look for an event with a time, where some have none. */
  private static final int UNTIMED = 10_000;

  private final EventLog log;
  private final MachineId machine;
  private final Store store;

  Moments(EventLog log, MachineId machine, Store store) {
    this.log = log;
    this.machine = machine;
    this.store = store;
  }

  long position(When when) {
    long end = log.end(machine);
    return switch (when) {
      case When.End none -> end;
      case When.At at -> {
        if (at.position() > end) {
          throw new IllegalArgumentException(
              "no event @" + at.position() + ": the log of " + machine + " ends at @" + end);
        }
        yield at.position();
      }
      case When.Time time -> lastNotAfter(time.nanos(), end);
      case When.Before before -> lastNotAfter(lastTime(end) - before.nanos(), end);
      case When.Mark mark -> marker(mark.name(), end);
    };
  }

  private long marker(String name, long end) {
    for (Store.Note note : store.notes(Store.Note.Kind.MARKER, end).reversed()) {
      if (note.text().equals(name)) {
        return note.position();
      }
    }
    long found = 0;
    if (store.position() < end) {
      try (Cursor cursor = log.read(machine, store.position() + 1)) {
        for (Event event = cursor.next();
            event != null && event.getPosition() <= end;
            event = cursor.next()) {
          if (event.getBody() instanceof Marker marker && marker.getName().equals(name)) {
            found = event.getPosition();
          }
        }
      }
    }
    if (found == 0) {
      throw new IllegalArgumentException(
          "the log of "
              + machine
              + " has no marker '"
              + name
              + "'; a moment is @N, a time such as 2026-01-31T12:00:00Z, -5min, end, or a marker");
    }
    return found;
  }

  /** By halving: times of a log do not go back but by the little that the tracer's clock does. */
  private long lastNotAfter(long nanos, long end) {
    long low = 0;
    long high = end;
    while (low < high) {
      long middle = low + (high - low + 1) / 2;
      if (timeAt(middle, end) <= nanos) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  private long lastTime(long end) {
    long time = 0;
    if (end > 0) {
      try (Cursor cursor = log.read(machine, Math.max(1, end - UNTIMED + 1))) {
        for (Event event = cursor.next();
            event != null && event.getPosition() <= end;
            event = cursor.next()) {
          time = event.getRealtime() == 0 ? time : event.getRealtime();
        }
      }
    }
    if (time == 0) {
      throw new IllegalArgumentException(
          "the log of " + machine + " has no times (strace -ttt prints them); give a position @N");
    }
    return time;
  }

  /** Time of the first event from a position on that has one; if none has, later than all. */
  private long timeAt(long position, long end) {
    try (Cursor cursor = log.read(machine, position)) {
      for (long at = position; at <= end && at < position + UNTIMED; at++) {
        Event event = cursor.next();
        if (event == null) {
          break;
        }
        if (event.getRealtime() != 0) {
          return event.getRealtime();
        }
      }
    }
    return Long.MAX_VALUE;
  }
}
