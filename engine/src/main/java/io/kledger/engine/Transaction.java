package io.kledger.engine;

import io.kledger.kernel.KernelState;
import io.kledger.kernel.change.StateChange;
import io.kledger.store.Row;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The changes of one event. Each is applied as it is emitted, so that the state already shows it to
 * what follows; the whole is taken back, or stays.
 */
final class Transaction {
  private final KernelState state;
  private final ArrayList<StateChange> changes = new ArrayList<>();

  /** Of each change, the row that it replaced and the position that had changed that. */
  private Row[] befores = new Row[16];

  private long[] changedAts = new long[16];
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
    position = newPosition;
  }

  void emit(StateChange change) {
    listener.before(change, state);
    Row before = state.apply(change, position);
    int at = changes.size();
    if (at == befores.length) {
      befores = Arrays.copyOf(befores, at * 2);
      changedAts = Arrays.copyOf(changedAts, at * 2);
    }
    befores[at] = before;
    changedAts[at] = state.replacedAt(change);
    changes.add(change);
    listener.after(change, before, state);
  }

  /** Takes back all changes since there were {@code count}. */
  void rollback(int count) {
    for (int i = changes.size() - 1; i >= count; i--) {
      state.undo(changes.remove(i), befores[i], changedAts[i]);
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
