package io.kledger.store;

import java.util.Arrays;

/** The members of one group of an {@link Index}: keys in ascending (order, key). */
final class LongRun {
  /** Most groups have one member or two. */
  private static final int MIN = 2;

  /** Null where the order is that of the keys. */
  private long[] orders;

  private long[] keys = new long[MIN];
  private int size;

  LongRun(boolean ordered) {
    orders = ordered ? new long[MIN] : null;
  }

  int size() {
    return size;
  }

  long key(int index) {
    return keys[index];
  }

  /** How many members have a lower order. */
  int lowerBound(long order) {
    int low = 0;
    int high = size;
    while (low < high) {
      int mid = (low + high) >>> 1;
      if (order(mid) < order) {
        low = mid + 1;
      } else {
        high = mid;
      }
    }
    return low;
  }

  void add(long order, long key) {
    int at = find(order, key);
    if (at >= 0) {
      return;
    }
    at = -at - 1;
    if (size == keys.length) {
      keys = Arrays.copyOf(keys, size * 2);
      orders = orders == null ? null : Arrays.copyOf(orders, size * 2);
    }
    System.arraycopy(keys, at, keys, at + 1, size - at);
    keys[at] = key;
    if (orders != null) {
      System.arraycopy(orders, at, orders, at + 1, size - at);
      orders[at] = order;
    }
    size++;
  }

  void remove(long order, long key) {
    int at = find(order, key);
    if (at >= 0) {
      size--;
      if (orders != null) {
        System.arraycopy(orders, at + 1, orders, at, size - at);
      }
      System.arraycopy(keys, at + 1, keys, at, size - at);
    }
  }

  long[] toArray() {
    return Arrays.copyOf(keys, size);
  }

  private long order(int index) {
    return orders == null ? keys[index] : orders[index];
  }

  private int find(long order, long key) {
    int low = 0;
    int high = size - 1;
    if (size > 0 && compare(order, key, order(high), keys[high]) > 0) {
      return -size - 1;
    }
    while (low <= high) {
      int mid = (low + high) >>> 1;
      int c = compare(order(mid), keys[mid], order, key);
      if (c < 0) {
        low = mid + 1;
      } else if (c > 0) {
        high = mid - 1;
      } else {
        return mid;
      }
    }
    return -low - 1;
  }

  private static int compare(long order1, long key1, long order2, long key2) {
    int c = Long.compare(order1, order2);
    return c != 0 ? c : Long.compare(key1, key2);
  }
}
