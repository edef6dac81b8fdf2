package io.kledger.store;

import java.util.Arrays;
import java.util.function.ToLongFunction;

/**
 * A secondary index of a table, declared as functions of the row and never maintained by handlers:
 * the rows of a group, in ascending (order, key). Group 0 is not indexed.
 */
public final class Index<V extends Row> implements Loaded {
  private static final long[] NONE = {};

  private final Table<V> table;
  private final int number;
  private final ToLongFunction<V> group;
  private final ToLongFunction<V> order;
  private final LongMap<LongRun> runs = new LongMap<>();
  private LongMap<Boolean> loaded;

  /** Ordered by key where {@code order} is null. */
  Index(Table<V> table, int number, ToLongFunction<V> group, ToLongFunction<V> order) {
    this.table = table;
    this.number = number;
    this.group = group;
    this.order = order;
  }

  /** Number of the index within its table: part of stored keys. */
  public int number() {
    return number;
  }

  /** The group a row belongs to, 0 for none. */
  public long groupOf(V row) {
    return group.applyAsLong(row);
  }

  /** Keys of the group's rows in index order: a copy, safe while rows change. */
  public long[] keys(long groupKey) {
    LongRun run = run(groupKey);
    return run == null ? NONE : run.toArray();
  }

  /** Number of rows in the group. */
  public int count(long groupKey) {
    LongRun run = run(groupKey);
    return run == null ? 0 : run.size();
  }

  /** How many rows of the group have a lower order (a lower key where there is no order). */
  public int lowerBound(long groupKey, long lowest) {
    LongRun run = run(groupKey);
    return run == null ? 0 : run.lowerBound(lowest);
  }

  /** Key of the row at a place in the group, from 0. */
  public long keyAt(long groupKey, int place) {
    return run(groupKey).key(place);
  }

  /** The first row of the group, or null. */
  public V first(long groupKey) {
    LongRun run = run(groupKey);
    return run == null || run.size() == 0 ? null : table.get(run.key(0));
  }

  /** The last row of the group, or null. */
  public V last(long groupKey) {
    LongRun run = run(groupKey);
    return run == null || run.size() == 0 ? null : table.get(run.key(run.size() - 1));
  }

  private long orderOf(V row) {
    return order == null ? row.key() : order.applyAsLong(row);
  }

  private LongRun run(long groupKey) {
    if (groupKey == 0) {
      return null;
    }
    if (loaded != null && !loaded.contains(groupKey)) {
      loaded.put(groupKey, Boolean.TRUE);
      table.loadGroup(this, groupKey);
    }
    return runs.get(groupKey);
  }

  void lazy() {
    loaded = new LongMap<>();
  }

  void allLoaded() {
    loaded = null;
  }

  @Override
  public long[] loadedKeys(long groupKey) {
    if (loaded != null && !loaded.contains(groupKey)) {
      return null;
    }
    LongRun run = runs.get(groupKey);
    if (run == null) {
      return NONE;
    }
    long[] keys = run.toArray();
    Arrays.sort(keys);
    return keys;
  }

  void update(V before, V after) {
    long oldGroup = before == null ? 0 : group.applyAsLong(before);
    long newGroup = after == null ? 0 : group.applyAsLong(after);
    if (oldGroup == 0 && newGroup == 0) {
      return;
    }
    long oldOrder = oldGroup == 0 ? 0 : orderOf(before);
    long newOrder = newGroup == 0 ? 0 : orderOf(after);
    if (oldGroup == newGroup && oldOrder == newOrder) {
      return;
    }
    if (oldGroup != 0) {
      LongRun run = runs.get(oldGroup);
      if (run != null) {
        run.remove(oldOrder, before.key());
        if (run.size() == 0) {
          runs.remove(oldGroup);
        }
      }
    }
    if (newGroup != 0) {
      LongRun run = runs.get(newGroup);
      if (run == null) {
        run = new LongRun(order != null);
        runs.put(newGroup, run);
      }
      run.add(newOrder, after.key());
    }
  }
}
