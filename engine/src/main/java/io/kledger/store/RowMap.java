package io.kledger.store;

import java.util.Arrays;

/**
 * The rows of a table by key, each with the position that last changed it: open addressing over
 * three arrays. A place in it is good until the next row is inserted or removed.
 */
final class RowMap<V extends Row> {
  private static final int MIN = 16;

  private long[] keys = new long[MIN];
  private Row[] rows = new Row[MIN];
  private long[] changedAts = new long[MIN];
  private int shift = shift(MIN);
  private int size;

  /** Where the last row was found: most rows are asked for several times in a row. */
  private int recent;

  int size() {
    return size;
  }

  /** The place of a row, or -1. Key 0 has none. */
  int find(long key) {
    long[] table = keys;
    int i = recent;
    if (table[i] == key) {
      return key == 0 ? -1 : i;
    }
    int mask = table.length - 1;
    for (i = home(key); ; i = (i + 1) & mask) {
      long k = table[i];
      if (k == key) {
        if (key == 0) {
          return -1;
        }
        recent = i;
        return i;
      }
      if (k == 0) {
        return -1;
      }
    }
  }

  @SuppressWarnings("unchecked")
  V row(int place) {
    return (V) rows[place];
  }

  long changedAt(int place) {
    return changedAts[place];
  }

  void set(int place, V row, long changedAt) {
    rows[place] = row;
    changedAts[place] = changedAt;
  }

  /** Adds a row whose key is not there. */
  void insert(long key, V row, long changedAt) {
    if (key == 0) {
      throw new IllegalArgumentException("key 0");
    }
    if (++size * 3 > keys.length * 2) {
      resize(keys.length * 2);
    }
    int mask = keys.length - 1;
    int i = home(key);
    while (keys[i] != 0) {
      i = (i + 1) & mask;
    }
    keys[i] = key;
    rows[i] = row;
    changedAts[i] = changedAt;
    recent = i;
  }

  void remove(int place) {
    int mask = keys.length - 1;
    int hole = place;
    for (int j = (place + 1) & mask; keys[j] != 0; j = (j + 1) & mask) {
      if (((j - home(keys[j])) & mask) >= ((j - hole) & mask)) {
        keys[hole] = keys[j];
        rows[hole] = rows[j];
        changedAts[hole] = changedAts[j];
        hole = j;
      }
    }
    keys[hole] = 0;
    rows[hole] = null;
    size--;
  }

  /** All keys, ascending. */
  long[] sortedKeys() {
    long[] result = new long[size];
    int n = 0;
    for (long key : keys) {
      if (key != 0) {
        result[n++] = key;
      }
    }
    Arrays.sort(result);
    return result;
  }

  private void resize(int capacity) {
    long[] oldKeys = keys;
    Row[] oldRows = rows;
    long[] oldChangedAts = changedAts;
    keys = new long[capacity];
    rows = new Row[capacity];
    changedAts = new long[capacity];
    shift = shift(capacity);
    recent = 0;
    int mask = capacity - 1;
    for (int j = 0; j < oldKeys.length; j++) {
      long key = oldKeys[j];
      if (key != 0) {
        int i = home(key);
        while (keys[i] != 0) {
          i = (i + 1) & mask;
        }
        keys[i] = key;
        rows[i] = oldRows[j];
        changedAts[i] = oldChangedAts[j];
      }
    }
  }

  private int home(long key) {
    return (int) (key * 0x9E3779B97F4A7C15L >>> shift);
  }

  private static int shift(int capacity) {
    return 64 - Integer.numberOfTrailingZeros(capacity);
  }
}
