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
  /** A row as of the last commit. */
  private record Base<V>(V row, long changedAt) {}

  private final TableId<V> id;
  private final RowMap<V> live = new RowMap<>();
  private final LongMap<Base<V>> dirty = new LongMap<>();
  private final List<Index<V>> indexes = new ArrayList<>();
  private RowSource source;
  private LongMap<Boolean> asked;
  private boolean allLoaded;
  private long replacedAt;

  /** Highest position of a row so far. */
  private long highest;

  /**
   * Rows changed at this position or later were written since the last commit and are among the
   * dirty ones already.
   */
  private long dirtyFrom = Long.MAX_VALUE;

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
    int place = live.find(key);
    if (place < 0) {
      place = fetch(key);
    }
    return place < 0 ? null : live.row(place);
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
    int place = place(key);
    return place < 0 ? 0 : live.changedAt(place);
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
      rows.add(live.row(live.find(key)));
    }
    return rows;
  }

  /** Replaces, inserts or (with null) removes a row. Returns the row before. */
  V write(long key, V after, long position) {
    int place = place(key);
    V before = place < 0 ? null : live.row(place);
    replacedAt = place < 0 ? 0 : live.changedAt(place);
    if (before == null || replacedAt < dirtyFrom) {
      dirty(key, before, position);
    }
    set(key, place, before, after, position);
    return before;
  }

  private void dirty(long key, V before, long position) {
    if (dirty.size() == 0 && position > highest) {
      dirtyFrom = position;
    }
    dirty.putFirst(key, before == null ? null : new Base<>(before, replacedAt));
  }

  /** Position that had changed the row that the last write replaced; 0 if there was none. */
  long replacedAt() {
    return replacedAt;
  }

  /** Takes a write back: the row and its position are again what they were. */
  void undo(long key, V before, long changedAt) {
    int place = live.find(key);
    set(key, place, place < 0 ? null : live.row(place), before, changedAt);
  }

  /**
   * Keys of the rows written since the last commit, ascending: without those whose writes were all
   * taken back, and those that were made and removed since.
   */
  public long[] dirtyKeys() {
    long[] keys = dirty.sortedKeys();
    int n = 0;
    for (long key : keys) {
      if (differs(dirty.get(key), live.find(key))) {
        keys[n++] = key;
      }
    }
    return Arrays.copyOf(keys, n);
  }

  private boolean differs(Base<V> base, int place) {
    if (base == null || place < 0) {
      return base != null || place >= 0;
    }
    return base.changedAt != live.changedAt(place) || !base.row.equals(live.row(place));
  }

  /** The row as of the last commit, for keys of {@link #dirtyKeys}; null if there was none. */
  public V committed(long key) {
    Base<V> base = dirty.get(key);
    return base == null ? null : base.row;
  }

  /** The rows are stored: nothing is dirty any more. */
  public void committed() {
    dirty.clear();
    dirtyFrom = Long.MAX_VALUE;
  }

  private void set(long key, int place, V before, V after, long changedAt) {
    if (after == null) {
      if (place >= 0) {
        live.remove(place);
      }
    } else {
      highest = Math.max(highest, changedAt);
      if (place >= 0) {
        live.set(place, after, changedAt);
      } else {
        live.insert(key, after, changedAt);
      }
    }
    for (int i = 0; i < indexes.size(); i++) {
      indexes.get(i).update(before, after);
    }
  }

  private int place(long key) {
    int place = live.find(key);
    return place < 0 ? fetch(key) : place;
  }

  /** Fetches a row that is not in memory. */
  private int fetch(long key) {
    if (source == null || allLoaded || key == 0 || asked.contains(key)) {
      return -1;
    }
    asked.put(key, Boolean.TRUE);
    RowSource.Stored<V> stored = source.load(id, key);
    if (stored == null) {
      return -1;
    }
    load(key, stored);
    return live.find(key);
  }

  private void load(long key, RowSource.Stored<V> stored) {
    if (stored.changedAt() >= dirtyFrom) {
      dirtyFrom = Long.MAX_VALUE;
    }
    set(key, -1, null, stored.row(), stored.changedAt());
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
        if (live.find(key) < 0) {
          load(key, stored);
        }
      }
    }
  }
}
