package io.kledger.projection.streams;

import io.kledger.engine.Engine;
import io.kledger.engine.Engines;
import io.kledger.engine.Folded;
import io.kledger.event.avro.Event;
import io.kledger.event.avro.Gap;
import io.kledger.event.avro.Marker;
import io.kledger.kernel.KernelState;
import io.kledger.replay.EventFold;
import io.kledger.store.Store;
import io.kledger.store.Store.Note.Kind;
import io.kledger.view.Note;
import io.kledger.view.Notes;
import java.util.ArrayList;
import java.util.List;

/** One machine within a task: its engine, in memory, and its store. */
final class MachineFold {
  private final Store store;
  private final ChangeRecords changes;
  private final EventFold fold;
  private final KernelState state = new KernelState();
  private final Notes notes = new Notes();
  private final List<Store.Note> noted = new ArrayList<>();
  private long position;

  MachineFold(Store store, ChangeRecords changes) {
    this.store = store;
    this.changes = changes;
    position = store.position();
    if (position > 0) {
      state.attach(store.current());
    }
    Engine engine = Engines.create(state);
    engine.listener(notes);
    fold = new EventFold(engine, new Defects());
  }

  /** Keeps what the engine could not fold among the notes. */
  private final class Defects implements EventFold.Listener {
    @Override
    public void folded(Event event, Folded folded, KernelState after) {}

    @Override
    public void defect(Event event, RuntimeException failure) {
      notes.begin();
      note(Kind.DEFECT, event, failure.toString());
    }
  }

  /** Position of the last event folded. */
  long position() {
    return position;
  }

  /** How its changes are published. */
  ChangeRecords changes() {
    return changes;
  }

  /** The state as it is now; of the thread that folds. */
  KernelState state() {
    return state;
  }

  /** Folds the next event and says what changed. */
  List<Note> fold(Event event) {
    if (event.getPosition() != position + 1) {
      throw new IllegalArgumentException("event " + event.getPosition() + " after " + position);
    }
    if (event.getBody() instanceof Marker marker) {
      note(Kind.MARKER, event, marker.getName());
    } else if (event.getBody() instanceof Gap gap) {
      note(Kind.GAP, event, gap.getReason());
    }
    notes.begin();
    fold.fold(event);
    position++;
    return notes.notes();
  }

  private void note(Kind kind, Event event, String text) {
    noted.add(new Store.Note(kind, event.getPosition(), event.getRealtime(), text));
  }

  /** Writes what changed since the last commit into the store. */
  void commit() {
    if (position > store.position()) {
      store.commit(position, state.tables(), noted);
      noted.clear();
    }
  }
}
