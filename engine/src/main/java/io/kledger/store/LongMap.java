package io.kledger.store;

import java.util.Arrays;

/**
 * A map from non-zero longs to objects, by open addressing. It has no order and is never iterated
 * unsorted: {@link #sortedKeys} is the only way to walk it.
 */
public final class LongMap<V> {
  private static final int MIN = 16;

  /** Arrays up to this length are used again after {@link #clear}. */
  private static final int KEPT = 1 << 12;

  private long[] keys = new long[MIN];
  private Object[] values = new Object[MIN];
  private int size;

  /** Number of entries. */
  public int size() {
    return size;
  }

  @SuppressWarnings("unchecked")
  public V get(long key) {
    int mask = keys.length - 1;
    for (int i = slot(key, mask); ; i = (i + 1) & mask) {
      long k = keys[i];
      if (k == key) {
        return (V) values[i];
      }
      if (k == 0) {
        return null;
      }
    }
  }

  public boolean contains(long key) {
    int mask = keys.length - 1;
    for (int i = slot(key, mask); ; i = (i + 1) & mask) {
      long k = keys[i];
      if (k == key) {
        return true;
      }
      if (k == 0) {
        return false;
      }
    }
  }

  /** Returns the previous value, or null. */
  @SuppressWarnings("unchecked")
  public V put(long key, V value) {
    if (key == 0) {
      throw new IllegalArgumentException("key 0");
    }
    int mask = keys.length - 1;
    for (int i = slot(key, mask); ; i = (i + 1) & mask) {
      long k = keys[i];
      if (k == key) {
        V old = (V) values[i];
        values[i] = value;
        return old;
      }
      if (k == 0) {
        keys[i] = key;
        values[i] = value;
        if (++size * 3 > keys.length * 2) {
          resize(keys.length * 2);
        }
        return null;
      }
    }
  }

  /** Puts the value if there is none under this key, not even null. */
  public void putFirst(long key, V value) {
    if (key == 0) {
      throw new IllegalArgumentException("key 0");
    }
    int mask = keys.length - 1;
    int i = slot(key, mask);
    while (keys[i] != 0) {
      if (keys[i] == key) {
        return;
      }
      i = (i + 1) & mask;
    }
    keys[i] = key;
    values[i] = value;
    if (++size * 3 > keys.length * 2) {
      resize(keys.length * 2);
    }
  }

  /** Returns the removed value, or null. */
  @SuppressWarnings("unchecked")
  public V remove(long key) {
    int mask = keys.length - 1;
    for (int i = slot(key, mask); ; i = (i + 1) & mask) {
      long k = keys[i];
      if (k == key) {
        V old = (V) values[i];
        closeGap(i, mask);
        size--;
        return old;
      }
      if (k == 0) {
        return null;
      }
    }
  }

  public void clear() {
    if (size == 0) {
      return;
    }
    size = 0;
    if (keys.length <= KEPT) {
      Arrays.fill(keys, 0);
      Arrays.fill(values, null);
    } else {
      keys = new long[MIN];
      values = new Object[MIN];
    }
  }

  /** All keys, ascending. */
  public long[] sortedKeys() {
    long[] result = new long[size];
    int n = 0;
    for (long k : keys) {
      if (k != 0) {
        result[n++] = k;
      }
    }
    Arrays.sort(result);
    return result;
  }

  private void closeGap(int hole, int mask) {
    int i = hole;
    for (int j = (i + 1) & mask; keys[j] != 0; j = (j + 1) & mask) {
      int home = slot(keys[j], mask);
      if (((j - home) & mask) >= ((j - i) & mask)) {
        keys[i] = keys[j];
        values[i] = values[j];
        i = j;
      }
    }
    keys[i] = 0;
    values[i] = null;
  }

  private void resize(int capacity) {
    long[] oldKeys = keys;
    Object[] oldValues = values;
    keys = new long[capacity];
    values = new Object[capacity];
    int mask = capacity - 1;
    for (int j = 0; j < oldKeys.length; j++) {
      long k = oldKeys[j];
      if (k != 0) {
        int i = slot(k, mask);
        while (keys[i] != 0) {
          i = (i + 1) & mask;
        }
        keys[i] = k;
        values[i] = oldValues[j];
      }
    }
  }

  private static int slot(long key, int mask) {
    long h = key * 0x9E3779B97F4A7C15L;
    return (int) (h ^ (h >>> 32)) & mask;
  }
}
