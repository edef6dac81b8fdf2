package io.kledger.store;

/**
 * Where rows come from that are not in memory: the current rows of a store, or the rows as of a
 * past position. Tables ask it once per key and group and keep the answer.
 */
public interface RowSource {
  /** A stored row with the position that last changed it. */
  record Stored<V extends Row>(V row, long changedAt) {}

  /** The row with this key, or null. */
  <V extends Row> Stored<V> load(TableId<V> table, long key);

  /** All rows of an index group, in any order. */
  <V extends Row> Iterable<Stored<V>> loadGroup(TableId<V> table, int index, long group);

  /** All rows of the table, in any order. */
  <V extends Row> Iterable<Stored<V>> loadAll(TableId<V> table);
}
