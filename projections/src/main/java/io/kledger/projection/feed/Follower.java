package io.kledger.projection.feed;

import io.kledger.event.MachineId;
import io.kledger.event.avro.Event;
import io.kledger.log.Cursor;
import io.kledger.projection.ledger.Reading;
import io.kledger.projection.ledger.ServedLedger;
import io.kledger.replay.AsOf;
import io.kledger.view.Notes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;

/**
 * Moves through what happened on a machine, from any place to the end and on. What is not long ago
 * is shared by all followers; what is before that it folds for itself, from the stored state at its
 * place. Of one thread. Nothing is kept for it.
 */
public final class Follower implements AutoCloseable {
  /** So many fold at once; the others wait for their turn. */
  private static final Semaphore FOLDING = new Semaphore(12, true);

  /** After so many events the rows in memory are given up, and read again when they are needed. */
  static final int REOPEN = 100_000;

  private final MachineFeed feed;
  private final ServedLedger ledger;
  private final MachineId machine;
  private long position;
  private Replay replay;

  Follower(MachineFeed feed, ServedLedger ledger, MachineId machine, long position) {
    this.feed = feed;
    this.ledger = ledger;
    this.machine = machine;
    this.position = position;
  }

  /** Position of the last event given out. */
  public long position() {
    return position;
  }

  /** The events since, in order, at most so many; none if nothing has happened yet. */
  public List<Happening> next(int most) {
    List<Happening> next = feed.after(position, most);
    if (next == null) {
      next = folded(most);
    } else {
      close();
    }
    if (!next.isEmpty()) {
      position = next.getLast().position();
    }
    return next;
  }

  /** Goes on after events that somebody else gave out. */
  public void skip(long to) {
    close();
    position = to;
  }

  private List<Happening> folded(int most) {
    if (replay == null || replay.folded > REOPEN) {
      close();
      if (!FOLDING.tryAcquire()) {
        return List.of();
      }
      try {
        replay = new Replay(ledger.read(machine), position);
      } finally {
        if (replay == null) {
          FOLDING.release();
        }
      }
    }
    return replay.next(most);
  }

  @Override
  public void close() {
    if (replay != null) {
      replay.close();
      replay = null;
      FOLDING.release();
    }
  }

  /** A state that goes on event by event. */
  static final class Replay implements AutoCloseable {
    private final Reading reading;
    private final AsOf state;
    private final Cursor cursor;
    private final Notes notes = new Notes();
    private int folded;

    Replay(Reading reading, long position) {
      this.reading = reading;
      AsOf at = null;
      Cursor events = null;
      try {
        at = reading.ledger().stateAt(position);
        events = reading.ledger().events(position + 1);
      } finally {
        if (events == null) {
          close(at);
          reading.close();
        }
      }
      state = at;
      cursor = events;
      state.engine().listener(notes);
    }

    Cursor cursor() {
      return cursor;
    }

    int folded() {
      return folded;
    }

    Happening fold(Event event) {
      folded++;
      return Happening.fold(state.engine(), notes, event);
    }

    List<Happening> next(int most) {
      List<Happening> result = new ArrayList<>();
      while (result.size() < most) {
        Event event = cursor.next();
        if (event == null) {
          break;
        }
        result.add(fold(event));
      }
      return result;
    }

    private static void close(AsOf state) {
      if (state != null) {
        state.close();
      }
    }

    @Override
    public void close() {
      cursor.close();
      close(state);
      reading.close();
    }
  }
}
