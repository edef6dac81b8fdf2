package io.kledger.store;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * One table of the state: the live rows in memory, their secondary indexes, and which rows differ
 * from the last commit. Where a {@link RowSource} stands behind it, rows and index groups are
 * fetched at first use. One writer; not thread-safe. Everything it hands out is in ascending order
 * of keys or in index order: nothing depends on hashing.
 */
public final class Table<V extends Row> implements Loaded {
  private record Entry<V>(V row, long changedAt) {}

  private final TableId<V> id;
  private final LongMap<Entry<V>> live = new LongMap<>();
  private final LongMap<Entry<V>> dirty = new LongMap<>();
  private final List<Index<V>> indexes = new ArrayList<>();
  private RowSource source;
  private LongMap<Boolean> asked;
  private boolean allLoaded;
  private long replacedAt;

  public Table(TableId<V> id) {
    this.id = id;
  }

  public TableId<V> id() {
    return id;
  }

  /**
   * Declares an index ordered by key. Call before any row is there; the order of calls numbers
   * them.
   */
  public Index<V> index(ToLongFunction<V> group) {
    return add(group, null);
  }

  /** Declares an index with an order of its own. */
  public Index<V> index(ToLongFunction<V> group, ToLongFunction<V> order) {
    return add(group, order);
  }

  private Index<V> add(ToLongFunction<V> group, ToLongFunction<V> order) {
    if (live.size() > 0) {
      throw new IllegalStateException("index declared on a table with rows: " + id);
    }
    Index<V> index = new Index<>(this, indexes.size(), group, order);
    indexes.add(index);
    return index;
  }

  /** The declared indexes, in order. */
  public List<Index<V>> indexes() {
    return List.copyOf(indexes);
  }

  /** From now on rows that are not in memory are fetched from {@code rows}. */
  public void attach(RowSource rows) {
    source = rows;
    asked = new LongMap<>();
    allLoaded = false;
    indexes.forEach(Index::lazy);
  }

  /** The row, or null if there is none. */
  public V get(long key) {
    Entry<V> entry = key == 0 ? null : entry(key);
    return entry == null ? null : entry.row;
  }

  /** The row, which must exist. */
  public V require(long key) {
    V row = get(key);
    if (row == null) {
      throw new IllegalStateException("no row " + key + " in table " + id);
    }
    return row;
  }

  /** Position of the event that last changed the row; 0 if there is no such row. */
  public long changedAt(long key) {
    Entry<V> entry = key == 0 ? null : entry(key);
    return entry == null ? 0 : entry.changedAt;
  }

  /** Number of live rows. */
  public int size() {
    loadAll();
    return live.size();
  }

  /** All keys, ascending. */
  public long[] keys() {
    loadAll();
    return live.sortedKeys();
  }

  /** All rows, by ascending key. */
  public List<V> rows() {
    long[] keys = keys();
    List<V> rows = new ArrayList<>(keys.length);
    for (long key : keys) {
      rows.add(live.get(key).row);
    }
    return rows;
  }

  /** Replaces, inserts or (with null) removes a row. Returns the row before. */
  V write(long key, V after, long position) {
    Entry<V> before = entry(key);
    dirty.putFirst(key, before);
    replacedAt = before == null ? 0 : before.changedAt;
    return set(key, before, after == null ? null : new Entry<>(after, position));
  }

  /** Position that had changed the row that the last write replaced; 0 if there was none. */
  long replacedAt() {
    return replacedAt;
  }

  /** Takes a write back: the row and its position are again what they were. */
  void undo(long key, V before, long changedAt) {
    set(key, live.get(key), before == null ? null : new Entry<>(before, changedAt));
  }

  /**
   * Keys of the rows written since the last commit, ascending: without those whose writes were all
   * taken back, and those that were made and removed since.
   */
  public long[] dirtyKeys() {
    long[] keys = dirty.sortedKeys();
    int n = 0;
    for (long key : keys) {
      Entry<V> base = dirty.get(key);
      Entry<V> now = live.get(key);
      boolean same =
          base == null || now == null
              ? base == now
              : base == now || base.changedAt == now.changedAt && base.row.equals(now.row);
      if (!same) {
        keys[n++] = key;
      }
    }
    return Arrays.copyOf(keys, n);
  }

  /** The row as of the last commit, for keys of {@link #dirtyKeys}; null if there was none. */
  public V committed(long key) {
    Entry<V> base = dirty.get(key);
    return base == null ? null : base.row;
  }

  /** The rows are stored: nothing is dirty any more. */
  public void committed() {
    dirty.clear();
  }

  private V set(long key, Entry<V> before, Entry<V> after) {
    if (after == null) {
      live.remove(key);
    } else {
      live.put(key, after);
    }
    V oldRow = before == null ? null : before.row;
    V newRow = after == null ? null : after.row;
    for (int i = 0; i < indexes.size(); i++) {
      indexes.get(i).update(oldRow, newRow);
    }
    return oldRow;
  }

  private Entry<V> entry(long key) {
    Entry<V> entry = live.get(key);
    if (entry == null && source != null && !allLoaded && !asked.contains(key)) {
      asked.put(key, Boolean.TRUE);
      RowSource.Stored<V> stored = source.load(id, key);
      if (stored != null) {
        entry = new Entry<>(stored.row(), stored.changedAt());
        set(key, null, entry);
      }
    }
    return entry;
  }

  @Override
  public long[] loadedKeys(long group) {
    return source == null || allLoaded ? live.sortedKeys() : null;
  }

  void loadGroup(Index<V> index, long group) {
    if (!allLoaded) {
      adopt(source.loadGroup(id, index.number(), group));
    }
  }

  private void loadAll() {
    if (source != null && !allLoaded) {
      adopt(source.loadAll(id));
      allLoaded = true;
      asked = null;
      indexes.forEach(Index::allLoaded);
    }
  }

  private void adopt(Iterable<RowSource.Stored<V>> rows) {
    for (RowSource.Stored<V> stored : rows) {
      long key = stored.row().key();
      if (!asked.contains(key)) {
        asked.put(key, Boolean.TRUE);
        if (live.get(key) == null) {
          set(key, null, new Entry<>(stored.row(), stored.changedAt()));
        }
      }
    }
  }
}
