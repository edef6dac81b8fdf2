package io.kledger.log.local;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * The file {@code end}: which position was acknowledged last, and where in which segment its batch
 * ends. The writer updates it in place after each fsync of the segment; it is not itself synced.
 * Readers never go past it, so they never see a batch that a power failure could take back. After
 * such a failure it may be older than the segments: the boot id tells, and then the segments
 * themselves say where the end is.
 */
final class EndFile {

  /**
   * What the file says.
   *
   * @param position last acknowledged position, 0 if none
   * @param segment base position of the segment in which the log ends
   * @param offset byte in that segment at which the log ends
   * @param boot the boot of the operating system in which this was written, zeros if unknown
   */
  record End(long position, long segment, long offset, UUID boot) {
    /** Whether the page cache that took this note is still the one that is read. */
    boolean current() {
      return boot.equals(BOOT) && !BOOT.equals(NO_BOOT);
    }
  }

  private static final UUID NO_BOOT = new UUID(0, 0);
  private static final UUID BOOT = boot();
  private static final int MAGIC = 0x4b4c4531; // KLE1
  private static final int BYTES = 48;
  private static final int TRIES = 100;

  private EndFile() {}

  static End end(long position, long segment, long offset) {
    return new End(position, segment, offset, BOOT);
  }

  static void write(FileChannel channel, End end) throws IOException {
    var out =
        ByteBuffer.allocate(BYTES)
            .putInt(MAGIC)
            .putInt(0)
            .putLong(end.position)
            .putLong(end.segment)
            .putLong(end.offset)
            .putLong(end.boot.getMostSignificantBits())
            .putLong(end.boot.getLeastSignificantBits());
    out.putInt(4, BatchHeader.crc(out.clear(), 8, BYTES - 8));
    Disk.writeFully(channel, out, 0);
  }

  /** Reads the file; null if there is none, or it is damaged. */
  static End read(Path path) throws IOException {
    try (var channel = FileChannel.open(path, StandardOpenOption.READ)) {
      return read(channel);
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  /** Reads an open file; tries again when the writer was in the middle of writing. */
  static End read(FileChannel channel) throws IOException {
    var in = ByteBuffer.allocate(BYTES);
    for (int i = 0; i < TRIES; i++) {
      if (Disk.readFully(channel, in.clear(), 0) < BYTES) {
        return null;
      }
      if (in.getInt(0) == MAGIC && in.getInt(4) == BatchHeader.crc(in, 8, BYTES - 8)) {
        return new End(
            in.getLong(8),
            in.getLong(16),
            in.getLong(24),
            new UUID(in.getLong(32), in.getLong(40)));
      }
      Thread.onSpinWait();
    }
    return null;
  }

  private static UUID boot() {
    try {
      return UUID.fromString(Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip());
    } catch (IOException | IllegalArgumentException e) {
      return NO_BOOT;
    }
  }
}
