package io.kledger.engine;

import io.kledger.kernel.KernelState;
import io.kledger.kernel.change.StateChange;
import io.kledger.store.Row;

/** Sees each change as it happens, with the state before and after it; must not change anything. */
public interface ChangeListener {
  /** Hears nothing. */
  ChangeListener NONE = new ChangeListener() {};

  /** About to be applied. */
  default void before(StateChange change, KernelState state) {}

  /** Applied; {@code before} is the row that was there, or null. */
  default void after(StateChange change, Row before, KernelState state) {}

  /** All changes of this event after the first {@code count} were taken back. */
  default void rolledBack(int count) {}
}
