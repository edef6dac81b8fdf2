package io.kledger.abi;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

/**
 * A fixed map from ASCII names to objects, looked up by a range of bytes without making a String.
 *
 * @param <V> what a name stands for
 */
public final class NameTable<V> {
  private final byte[][] names;
  private final Object[] values;
  private final int mask;

  /** A table of the given entries. */
  public NameTable(Map<String, ? extends V> entries) {
    int size = Integer.highestOneBit(Math.max(4, entries.size() * 2)) * 2;
    names = new byte[size][];
    values = new Object[size];
    mask = size - 1;
    entries.forEach(
        (name, value) -> {
          byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
          int slot = hash(bytes, 0, bytes.length) & mask;
          while (names[slot] != null) {
            slot = slot + 1 & mask;
          }
          names[slot] = bytes;
          values[slot] = value;
        });
  }

  /** What the bytes {@code [from, to)} name, or null. */
  @SuppressWarnings("unchecked")
  public V get(byte[] bytes, int from, int to) {
    int slot = hash(bytes, from, to) & mask;
    byte[] name;
    while ((name = names[slot]) != null) {
      if (name.length == to - from && Arrays.equals(name, 0, name.length, bytes, from, to)) {
        return (V) values[slot];
      }
      slot = slot + 1 & mask;
    }
    return null;
  }

  private static int hash(byte[] bytes, int from, int to) {
    int h = to - from;
    for (int i = from; i < to; i++) {
      h = h * 31 + bytes[i];
    }
    return h ^ h >>> 15;
  }
}
