package io.kledger.kernel.change;

import io.kledger.store.Row;
import io.kledger.store.TableId;

/** Bookkeeping that no user would call an event: counters, cached names, what was inferred. */
public sealed interface Internal extends StateChange {
  /** A row was written. */
  record Put(TableId<? extends Row> table, Row after) implements Internal {
    @Override
    public long key() {
      return after.key();
    }
  }

  /** A row went. */
  record Removed(TableId<? extends Row> table, long key) implements Internal {
    @Override
    public Row after() {
      return null;
    }
  }
}
