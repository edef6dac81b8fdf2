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
  private final Groups groups = new Groups();
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
    int place = place(groupKey);
    return place < 0 ? NONE : groups.keys(place);
  }

  /** Number of rows in the group. */
  public int count(long groupKey) {
    int place = place(groupKey);
    return place < 0 ? 0 : groups.count(place);
  }

  /** How many rows of the group have a lower order (a lower key where there is no order). */
  public int lowerBound(long groupKey, long lowest) {
    int place = place(groupKey);
    if (place < 0) {
      return 0;
    }
    LongRun run = groups.run(place);
    if (run != null) {
      return run.lowerBound(lowest);
    }
    return orderOf(table.get(groups.single(place))) < lowest ? 1 : 0;
  }

  /** Key of the row at a place in the group, from 0. */
  public long keyAt(long groupKey, int index) {
    return groups.key(place(groupKey), index);
  }

  /** The first row of the group, or null. */
  public V first(long groupKey) {
    int place = place(groupKey);
    return place < 0 ? null : table.get(groups.key(place, 0));
  }

  /** The last row of the group, or null. */
  public V last(long groupKey) {
    int place = place(groupKey);
    return place < 0 ? null : table.get(groups.key(place, groups.count(place) - 1));
  }

  private long orderOf(V row) {
    return order == null ? row.key() : order.applyAsLong(row);
  }

  private int place(long groupKey) {
    if (loaded != null && groupKey != 0 && !loaded.contains(groupKey)) {
      loaded.put(groupKey, Boolean.TRUE);
      table.loadGroup(this, groupKey);
    }
    return groups.find(groupKey);
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
    int place = groups.find(groupKey);
    if (place < 0) {
      return NONE;
    }
    long[] keys = groups.keys(place);
    Arrays.sort(keys);
    return keys;
  }

  void update(V before, V after) {
    long oldGroup = before == null ? 0 : group.applyAsLong(before);
    long newGroup = after == null ? 0 : group.applyAsLong(after);
    if (oldGroup == 0 && newGroup == 0) {
      return;
    }
    if (oldGroup == newGroup && (order == null || sameOrder(before, after))) {
      return;
    }
    if (oldGroup != 0) {
      leave(oldGroup, before);
    }
    if (newGroup != 0) {
      join(newGroup, after);
    }
  }

  private boolean sameOrder(V before, V after) {
    return order.applyAsLong(before) == order.applyAsLong(after);
  }

  private void leave(long from, V row) {
    int place = groups.find(from);
    if (place < 0) {
      return;
    }
    LongRun run = groups.run(place);
    if (run == null) {
      if (groups.single(place) == row.key()) {
        groups.remove(place);
      }
      return;
    }
    run.remove(orderOf(row), row.key());
    if (run.size() == 0) {
      groups.remove(place);
    }
  }

  private void join(long to, V row) {
    int place = groups.find(to);
    if (place < 0) {
      groups.insert(to, row.key());
      return;
    }
    LongRun run = groups.run(place);
    if (run == null) {
      long other = groups.single(place);
      if (other == row.key()) {
        return;
      }
      run = new LongRun(order != null);
      run.add(order == null ? other : orderOf(table.get(other)), other);
      groups.several(place, run);
    }
    run.add(orderOf(row), row.key());
  }
}
