package io.kledger.replay;

import io.kledger.engine.Engine;
import io.kledger.engine.Folded;
import io.kledger.event.avro.Event;
import io.kledger.event.avro.Gap;
import io.kledger.event.avro.Marker;
import io.kledger.kernel.KernelState;
import io.kledger.log.Cursor;
import io.kledger.store.Store;
import io.kledger.store.Store.Note;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Folds a log into a store. Commits every so many events and at the end; begins again after the
 * last commit, whatever happened since.
 */
public final class Replayer {
  /**
   * Events per commit, unless told otherwise. More would write fewer rows; a state between commits
   * is half as many events away on average.
   */
  public static final int BATCH = 2_000;

  /**
   * Changes of rows after which a commit is made all the same. What a state between commits costs
   * is the rows that must be fetched to fold the events on top, not the events. Batches of so few
   * events are small enough as they are.
   */
  static final int BATCH_CHANGES = 600;

  /** So many events are worth a thread that decodes them ahead. */
  private static final int LONG_WAY = 1_000;

  private final Engine engine;
  private final Store store;
  private final int batch;
  private final int limit;
  private final List<Note> notes = new ArrayList<>();
  private long position;
  private int changes;

  /**
   * A replayer that goes on from the store's position.
   *
   * @param engine its state shows the store's current rows
   * @param batch events per commit
   */
  public Replayer(Engine engine, Store store, int batch) {
    this.engine = engine;
    this.store = store;
    this.batch = batch;
    this.limit = batch > BATCH_CHANGES ? BATCH_CHANGES : Integer.MAX_VALUE;
    this.position = store.position();
  }

  /** Position of the last event folded. */
  public long position() {
    return position;
  }

  /**
   * Folds what the cursor gives, up to a position or to the end of what is there now, and commits.
   *
   * @param cursor at the event after {@link #position}
   * @return position of the last event folded
   */
  public long replay(Cursor cursor, long to, EventFold.Listener listener) {
    if (to - position < LONG_WAY) {
      return replay(cursor::next, to, listener);
    }
    try (ReadAhead ahead = new ReadAhead(cursor, to)) {
      return replay(ahead::next, to, listener);
    }
  }

  private long replay(Supplier<Event> events, long to, EventFold.Listener listener) {
    EventFold fold = new EventFold(engine, new Noting(listener));
    while (position < to) {
      Event event = events.get();
      if (event == null) {
        break;
      }
      if (event.getPosition() != position + 1) {
        throw new IllegalArgumentException("event " + event.getPosition() + " after " + position);
      }
      note(event);
      fold.fold(event);
      position++;
      if (position - store.position() >= batch || changes >= limit) {
        commit();
      }
    }
    commit();
    return position;
  }

  private void commit() {
    if (position > store.position()) {
      store.commit(position, engine.state().tables(), notes);
      notes.clear();
    }
    changes = 0;
  }

  private void note(Event event) {
    if (event.getBody() instanceof Marker marker) {
      add(Note.Kind.MARKER, event, marker.getName());
    } else if (event.getBody() instanceof Gap gap) {
      add(Note.Kind.GAP, event, gap.getReason());
    }
  }

  private void add(Note.Kind kind, Event event, String text) {
    notes.add(new Note(kind, event.getPosition(), event.getRealtime(), text));
  }

  /** Keeps what the engine could not fold among the notes. */
  private final class Noting implements EventFold.Listener {
    private final EventFold.Listener listener;

    Noting(EventFold.Listener listener) {
      this.listener = listener;
    }

    @Override
    public void folded(Event event, Folded folded, KernelState state) {
      changes += folded.changes().size();
      listener.folded(event, folded, state);
    }

    @Override
    public void defect(Event event, RuntimeException failure) {
      add(Note.Kind.DEFECT, event, failure.toString());
      listener.defect(event, failure);
    }
  }
}
