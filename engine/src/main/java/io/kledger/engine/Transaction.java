package io.kledger.engine;

import io.kledger.kernel.KernelState;
import io.kledger.kernel.change.StateChange;
import io.kledger.store.Row;
import java.util.ArrayList;
import java.util.List;

/**
 * The changes of one event. Each is applied as it is emitted, so that the state already shows it to what
 * follows; the whole is taken back, or stays.
 */
final class Transaction {
  private record Undo(Row before, long changedAt) {}

  private final KernelState state;
  private final ArrayList<StateChange> changes = new ArrayList<>();
  private final ArrayList<Undo> undos = new ArrayList<>();
  private ChangeListener listener = ChangeListener.NONE;
  private long position;

  Transaction(KernelState state) {
    this.state = state;
  }

  void listener(ChangeListener newListener) {
    listener = newListener;
  }

  void begin(long newPosition) {
    changes.clear();
    undos.clear();
    position = newPosition;
  }

  void emit(StateChange change) {
    listener.before(change, state);
    long changedAt = state.changedAt(change);
    Row before = state.apply(change, position);
    undos.add(new Undo(before, changedAt));
    changes.add(change);
    listener.after(change, before, state);
  }

  /** Takes back all changes since there were {@code count}. */
  void rollback(int count) {
    for (int i = changes.size() - 1; i >= count; i--) {
      Undo undo = undos.remove(i);
      state.undo(changes.remove(i), undo.before, undo.changedAt);
    }
    listener.rolledBack(count);
  }

  int count() {
    return changes.size();
  }

  List<StateChange> changes() {
    return changes.isEmpty() ? List.of() : List.copyOf(changes);
  }
}
