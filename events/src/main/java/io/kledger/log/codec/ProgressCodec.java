package io.kledger.log.codec;

import io.kledger.log.SourceProgress;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Notes on sources as bytes: in batches, segment headers and Kafka records. */
public final class ProgressCodec {

  private static final int DIGEST = 32;

  private ProgressCodec() {}

  /** Nothing becomes no bytes. */
  public static byte[] encode(Collection<SourceProgress> sources) {
    if (sources.isEmpty()) {
      return new byte[0];
    }
    int size = 4;
    for (var source : sources) {
      size +=
          4
              + 8
              + 8
              + utf8(source.name()).length
              + utf8(source.format()).length
              + 16
              + 2 * DIGEST
              + 1;
    }
    var out = ByteBuffer.allocate(size).putInt(sources.size());
    for (var source : sources) {
      out.putInt(source.number()).putLong(source.opened());
      putText(out, source.name());
      putText(out, source.format());
      out.putLong(source.lines())
          .putLong(source.bytes())
          .put(source.sha256())
          .put(source.head())
          .put((byte) (source.complete() ? 1 : 0));
    }
    return out.array();
  }

  /**
   * Reads what {@link #encode} wrote; the whole buffer.
   *
   * @throws IllegalArgumentException if it is something else
   */
  public static List<SourceProgress> decode(ByteBuffer in) {
    var sources = new ArrayList<SourceProgress>();
    if (!in.hasRemaining()) {
      return sources;
    }
    try {
      for (int left = in.getInt(); left > 0; left--) {
        sources.add(
            new SourceProgress(
                in.getInt(),
                in.getLong(),
                text(in),
                text(in),
                in.getLong(),
                in.getLong(),
                digest(in),
                digest(in),
                in.get() != 0));
      }
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException("notes on sources end early", e);
    }
    return sources;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void putText(ByteBuffer out, String text) {
    byte[] utf8 = utf8(text);
    out.putInt(utf8.length).put(utf8);
  }

  private static String text(ByteBuffer in) {
    int length = in.getInt();
    if (length < 0 || length > in.remaining()) {
      throw new IllegalArgumentException("text of " + length + " bytes in the notes on sources");
    }
    byte[] utf8 = new byte[length];
    in.get(utf8);
    return new String(utf8, StandardCharsets.UTF_8);
  }

  private static byte[] digest(ByteBuffer in) {
    byte[] digest = new byte[DIGEST];
    in.get(digest);
    return digest;
  }
}
