package io.kledger.store;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.SplittableRandom;

/**
 * What decides whether stored rows and index groups can be used: the version of the model, the
 * shapes of the rows, and the indexes. An index is a function; it is recognised by what it says of
 * rows made up from a fixed seed.
 */
public final class Fingerprint {
  /** Version of the layout of keys and values. */
  private static final int FORMAT = 2;

  private static final int SAMPLES = 8;

  private Fingerprint() {}

  /** Sixteen hexadecimal digits. */
  public static String of(StateTables tables, RecordCodecs codecs, int modelVersion) {
    StringBuilder text = new StringBuilder();
    text.append(FORMAT).append(' ').append(modelVersion).append('\n');
    for (Table<?> table : tables.all()) {
      text.append(codecs.describe(table.id())).append('\n');
      indexes(table, codecs, text);
    }
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(text.toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static <V extends Row> void indexes(
      Table<V> table, RecordCodecs codecs, StringBuilder text) {
    if (table.indexes().isEmpty()) {
      return;
    }
    SplittableRandom random = new SplittableRandom(table.id().number());
    for (int i = 0; i < SAMPLES; i++) {
      V row = codecs.sample(table.id(), random, false);
      for (Index<V> index : table.indexes()) {
        text.append(index.number()).append(':').append(group(index, row)).append(' ');
      }
    }
    text.append('\n');
  }

  /** A row made up may be one that the index, rightly, never meets. */
  private static <V extends Row> String group(Index<V> index, V row) {
    try {
      return Long.toString(index.groupOf(row));
    } catch (RuntimeException e) {
      return e.getClass().getSimpleName();
    }
  }
}
