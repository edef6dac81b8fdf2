package io.kledger.log.local;

import io.kledger.event.MachineId;
import io.kledger.log.SourceProgress;
import io.kledger.log.codec.ProgressCodec;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;

/**
 * What stands at the beginning of a segment.
 *
 * @param machine whose events these are
 * @param base position of the first event
 * @param fingerprint of the schema that was current when the segment was begun
 * @param sources all sources up to here, so that older segments need not be read for them
 */
record SegmentHeader(MachineId machine, long base, long fingerprint, List<SourceProgress> sources) {

  /** Up to the length: what must be read to know how much to read. */
  static final int PREFIX = 12;

  private static final int MAGIC = 0x4b4c5331; // KLS1
  private static final int FIXED = PREFIX + 4 + 8 + 8 + 4;
  private static final int MAX_LENGTH = 64 << 20;
  private static final int VERSION = 1;

  static ByteBuffer encode(
      MachineId machine, long base, long fingerprint, Collection<SourceProgress> sources) {
    byte[] name = machine.name().getBytes(StandardCharsets.US_ASCII);
    byte[] notes = ProgressCodec.encode(sources);
    int length = FIXED + name.length + notes.length;
    var out =
        ByteBuffer.allocate(length)
            .putInt(MAGIC)
            .putInt(0)
            .putInt(length)
            .putInt(VERSION)
            .putLong(base)
            .putLong(fingerprint)
            .putInt(name.length)
            .put(name)
            .put(notes);
    out.putInt(4, BatchHeader.crc(out.clear(), 8, length - 8));
    return out;
  }

  /** The header's length, from its first {@link #PREFIX} bytes; -1 if this is no header. */
  static int length(ByteBuffer prefix) {
    int length = prefix.getInt(8);
    return prefix.getInt(0) == MAGIC && length >= FIXED && length <= MAX_LENGTH ? length : -1;
  }

  /** Decodes a whole header; null if it is damaged. */
  static SegmentHeader decode(ByteBuffer in) {
    int length = in.remaining();
    if (in.getInt(4) != BatchHeader.crc(in, 8, length - 8) || in.getInt(12) != VERSION) {
      return null;
    }
    byte[] name = new byte[in.getInt(32)];
    in.position(FIXED);
    in.get(name);
    return new SegmentHeader(
        MachineId.of(new String(name, StandardCharsets.US_ASCII)),
        in.getLong(16),
        in.getLong(24),
        ProgressCodec.decode(in.slice()));
  }
}
