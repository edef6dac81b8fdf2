package io.kledger.store;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The digest of a state: SHA-256 over its rows, tables by number, rows by key; of each row the
 * table's number, the key and the encoded row. Two states are equal if and only if their digests
 * are.
 *
 * <p>The position that last changed a row is not part of it: the digest says what the state is, not
 * how it came about. Neither are indexes: they follow from the rows.
 */
public final class StateDigest {
  private StateDigest() {}

  /** The digest as 64 hexadecimal digits; loads all rows. */
  public static String of(StateTables tables, RecordCodecs codecs) {
    MessageDigest sha256;
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
    ByteSink row = new ByteSink();
    for (Table<?> table : tables.all()) {
      add(table, codecs, sha256, row);
    }
    return HexFormat.of().formatHex(sha256.digest());
  }

  private static <V extends Row> void add(
      Table<V> table, RecordCodecs codecs, MessageDigest sha256, ByteSink out) {
    RowCodec<V> codec = codecs.codec(table.id());
    ByteSink head = new ByteSink();
    for (long key : table.keys()) {
      out.clear();
      codec.encode(table.get(key), out);
      head.clear();
      head.u8(table.id().number());
      head.fixed(key);
      head.varint(out.size());
      sha256.update(head.array(), 0, head.size());
      sha256.update(out.array(), 0, out.size());
    }
  }
}
