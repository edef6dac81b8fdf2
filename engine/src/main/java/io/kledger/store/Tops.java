package io.kledger.store;

/**
 * The highest key that each table, and the highest group that each index, ever had up to a commit.
 * Keys are given out in ascending order, so most of what is asked for in vain is new and lies
 * above: then the store need not be searched.
 */
final class Tops {
  private final LongMap<long[]> highest = new LongMap<>();

  /** Nothing is stored: everything lies above. */
  Tops() {}

  Tops(ByteReader in) {
    for (long left = in.varint(); left > 0; left--) {
      long number = in.varint();
      highest.put(number, new long[] {in.zigzag()});
    }
  }

  /** What the record of the commit at this position says; nothing if there is no such commit. */
  static Tops at(KeyValues.View view, long position) {
    KeyValues.Walk walk = view.walk(KeyValues.Family.COMMITS);
    byte[] key = Keys.commit(new ByteSink(), position).toArray();
    return walk.seek(key) && Keys.samePrefix(walk.key(), key, key.length)
        ? new Tops(new ByteReader(walk.value()))
        : new Tops();
  }

  void write(ByteSink out) {
    out.varint(highest.size());
    for (long number : highest.sortedKeys()) {
      out.varint(number);
      out.zigzag(highest.get(number)[0]);
    }
  }

  void raise(int table, int index, long value) {
    long number = number(table, index);
    long[] top = highest.get(number);
    if (top == null) {
      highest.put(number, new long[] {value});
    } else if (value > top[0]) {
      top[0] = value;
    }
  }

  /** Whether nothing of this key or group was ever stored. */
  boolean beyond(int table, int index, long value) {
    long[] top = highest.get(number(table, index));
    return top == null || value > top[0];
  }

  private static long number(int table, int index) {
    return (long) table << 8 | index;
  }
}
