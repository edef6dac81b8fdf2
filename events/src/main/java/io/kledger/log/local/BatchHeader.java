package io.kledger.log.local;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * What stands before each batch.
 *
 * @param bodyLength bytes that follow the header: notes on sources, then the events
 * @param bodyCrc CRC-32C of the body
 * @param base position of the first event; of the next one if there is none
 * @param count how many events, 0 if the batch only notes progress
 * @param rawLength bytes of the events when they are not compressed
 * @param fingerprint of the schema that the events are written with
 * @param progressLength how much of the body is notes on sources
 * @param codec how the events are compressed, {@link #STORED} or {@link #ZSTD}
 * @param dictionary the events are compressed against the first 2^N bytes of the segment's
 *     uncompressed events; 0 if not. See {@link SegmentPrefix}
 * @param minRealtime the least realtime of the events in nanoseconds, 0 if none has one
 * @param maxRealtime the greatest realtime of the events
 */
record BatchHeader(
    int bodyLength,
    int bodyCrc,
    long base,
    int count,
    int rawLength,
    long fingerprint,
    int progressLength,
    byte codec,
    byte dictionary,
    long minRealtime,
    long maxRealtime) {

  static final int BYTES = 64;
  static final int MAGIC = 0x4b4c4231; // KLB1
  static final byte STORED = 0;
  static final byte ZSTD = 1;

  /** No batch is longer, so that a damaged length cannot ask for any amount of memory. */
  static final int MAX_LENGTH = 96 << 20;

  private static final byte VERSION = 1;

  /** The position after the last event. */
  long next() {
    return base + count;
  }

  /** Header and body. */
  int totalLength() {
    return BYTES + bodyLength;
  }

  void write(ByteBuffer out) {
    int start = out.position();
    out.putInt(MAGIC)
        .putInt(0)
        .putInt(bodyLength)
        .putInt(bodyCrc)
        .putLong(base)
        .putInt(count)
        .putInt(rawLength)
        .putLong(fingerprint)
        .putInt(progressLength)
        .put(VERSION)
        .put(codec)
        .put(dictionary)
        .put((byte) 0)
        .putLong(minRealtime)
        .putLong(maxRealtime);
    out.putInt(start + 4, crc(out, start + 8, BYTES - 8));
  }

  /**
   * Reads a header at an offset of a buffer.
   *
   * @return null if there is no sound header
   */
  static BatchHeader read(ByteBuffer in, int at) {
    if (in.limit() - at < BYTES
        || in.getInt(at) != MAGIC
        || in.getInt(at + 4) != crc(in, at + 8, BYTES - 8)) {
      return null;
    }
    var header =
        new BatchHeader(
            in.getInt(at + 8),
            in.getInt(at + 12),
            in.getLong(at + 16),
            in.getInt(at + 24),
            in.getInt(at + 28),
            in.getLong(at + 32),
            in.getInt(at + 40),
            in.get(at + 45),
            in.get(at + 46),
            in.getLong(at + 48),
            in.getLong(at + 56));
    return in.get(at + 44) == VERSION && header.plausible() ? header : null;
  }

  private boolean plausible() {
    return bodyLength >= 0
        && bodyLength <= MAX_LENGTH
        && count >= 0
        && rawLength >= 0
        && rawLength <= MAX_LENGTH
        && count <= rawLength
        && base >= 1
        && progressLength >= 0
        && progressLength <= bodyLength
        && (codec == STORED || codec == ZSTD)
        && dictionary >= 0
        && dictionary <= SegmentPrefix.MAX_LOG;
  }

  static int crc(ByteBuffer buffer, int offset, int length) {
    var crc = new CRC32C();
    crc.update(buffer.slice(offset, length));
    return (int) crc.getValue();
  }
}
