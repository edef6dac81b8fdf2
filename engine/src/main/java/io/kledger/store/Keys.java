package io.kledger.store;

import java.util.Arrays;

/**
 * The keys of a {@link KeyedStore}. Positions are stored inverted, so that the newest comes first.
 */
final class Keys {
  /** The number that stands for "all rows of the table" where others are numbers of indexes. */
  static final int ALL_ROWS = 255;

  /** The group of {@link #ALL_ROWS}. */
  static final long ALL_ROWS_GROUP = 1;

  static final int ROW_PREFIX = 9;
  static final int GROUP_PREFIX = 10;

  private Keys() {}

  static ByteSink row(ByteSink out, int table, long key, long position) {
    out.clear();
    out.u8(table);
    out.fixed(key);
    out.fixed(~position);
    return out;
  }

  static ByteSink group(ByteSink out, int table, int index, long group, long position) {
    out.clear();
    out.u8(table);
    out.u8(index);
    out.fixed(group);
    out.fixed(~position);
    return out;
  }

  static ByteSink commit(ByteSink out, long position) {
    out.clear();
    out.fixed(position);
    return out;
  }

  static ByteSink note(ByteSink out, int kind, long position) {
    out.clear();
    out.u8(kind);
    out.fixed(position);
    return out;
  }

  static ByteSink meta(ByteSink out, String name) {
    out.clear();
    for (int i = 0; i < name.length(); i++) {
      out.u8(name.charAt(i));
    }
    return out;
  }

  static boolean samePrefix(byte[] a, byte[] b, int length) {
    return a.length >= length && Arrays.equals(a, 0, length, b, 0, length);
  }

  /** The position at the end of a row's or group's key. */
  static long position(byte[] key) {
    return ~new ByteReader(key, key.length - 8).fixed();
  }
}
