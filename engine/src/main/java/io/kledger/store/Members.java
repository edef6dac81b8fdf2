package io.kledger.store;

import java.util.Arrays;

/**
 * The stored form of index groups. A record holds all members (a base), or who came and went since
 * the record before (a delta); the members at a commit are the newest base with the deltas after
 * it. A new base is written as soon as the deltas would hold more than the base, so reading costs
 * as much as there are members, however long the history, and writing a constant per change.
 */
final class Members {
  /** Groups of at most this many members are written whole each time. */
  static final int SMALL = 8;

  private static final int BASE = 1;
  private static final int DELTA = 2;

  private Members() {}

  static ByteSink base(ByteSink out, long[] sorted) {
    out.clear();
    out.u8(BASE);
    keys(out, sorted, sorted.length);
    return out;
  }

  static ByteSink delta(ByteSink out, long[] came, int cameCount, long[] went, int wentCount) {
    out.clear();
    out.u8(DELTA);
    keys(out, came, cameCount);
    keys(out, went, wentCount);
    return out;
  }

  /** Ascending keys as differences: rows made one after the other take a byte each. */
  static void keys(ByteSink out, long[] sorted, int count) {
    out.varint(count);
    long last = 0;
    for (int i = 0; i < count; i++) {
      out.varint(sorted[i] - last);
      last = sorted[i];
    }
  }

  static long[] keys(ByteReader in) {
    long[] keys = new long[in.count(in.varint())];
    long last = 0;
    for (int i = 0; i < keys.length; i++) {
      last += in.varint();
      keys[i] = last;
    }
    return keys;
  }

  /**
   * The members of a group, ascending.
   *
   * @param from the group's key at the position asked for
   */
  static long[] read(KeyValues.Walk walk, byte[] from) {
    if (!walk.seek(from) || !Keys.samePrefix(walk.key(), from, Keys.GROUP_PREFIX)) {
      return new long[0];
    }
    byte[] value = walk.value();
    if (value.length > 0 && value[0] == BASE) {
      return keys(new ByteReader(value, 1));
    }
    // Newest first: what a newer record says about a key stands against older ones.
    LongMap<Boolean> told = new LongMap<>();
    while (true) {
      ByteReader in = new ByteReader(walk.value());
      int kind = in.u8();
      boolean base = kind == BASE;
      if (!base && kind != DELTA) {
        throw ByteReader.damaged("a group record of kind " + kind);
      }
      tell(told, keys(in), true);
      if (base) {
        return present(told);
      }
      tell(told, keys(in), false);
      if (!walk.next() || !Keys.samePrefix(walk.key(), from, Keys.GROUP_PREFIX)) {
        throw ByteReader.damaged("a group without its base");
      }
    }
  }

  private static void tell(LongMap<Boolean> told, long[] keys, boolean present) {
    for (long key : keys) {
      if (!told.contains(key)) {
        told.put(key, present);
      }
    }
  }

  private static long[] present(LongMap<Boolean> told) {
    long[] keys = told.sortedKeys();
    int n = 0;
    for (long key : keys) {
      if (told.get(key)) {
        keys[n++] = key;
      }
    }
    return Arrays.copyOf(keys, n);
  }
}
