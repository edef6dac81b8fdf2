package io.kledger.store;

import java.util.ArrayList;
import java.util.List;

/** The tables of a state, by number. */
public final class StateTables {
  private final Table<?>[] byNumber = new Table<?>[256];
  private final List<Table<?>> all = new ArrayList<>();

  public StateTables(List<TableId<? extends Row>> ids) {
    for (TableId<? extends Row> id : ids) {
      if (byNumber[id.number()] != null) {
        throw new IllegalArgumentException("table number twice: " + id.number());
      }
      Table<?> table = new Table<>(id);
      byNumber[id.number()] = table;
      all.add(table);
    }
  }

  /** All tables, by number. */
  public List<Table<?>> all() {
    return all;
  }

  @SuppressWarnings("unchecked")
  public <V extends Row> Table<V> table(TableId<V> id) {
    return (Table<V>) byNumber[id.number()];
  }

  /** Writes a row, or removes it if {@code after} is null. Returns the row before. */
  public Row write(TableId<?> id, long key, Row after, long position) {
    return writeTyped(id, key, after, position);
  }

  /** Position that had changed the row that the last write to the table replaced; 0 if none. */
  public long replacedAt(TableId<?> id) {
    return byNumber[id.number()].replacedAt();
  }

  /** Takes a write back. */
  public void undo(TableId<?> id, long key, Row before, long changedAt) {
    undoTyped(id, key, before, changedAt);
  }

  /** See {@link Table#attach}. */
  public void attach(RowSource rows) {
    all.forEach(table -> table.attach(rows));
  }

  private <V extends Row> V writeTyped(TableId<V> id, long key, Row after, long position) {
    V row = id.type().cast(after);
    if (row != null && row.key() != key) {
      throw new IllegalArgumentException("row " + row.key() + " written under key " + key);
    }
    return table(id).write(key, row, position);
  }

  private <V extends Row> void undoTyped(TableId<V> id, long key, Row before, long changedAt) {
    table(id).undo(key, id.type().cast(before), changedAt);
  }
}
