package io.kledger.log.local;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * The index of a segment: pairs of a position and the byte at which its batch begins, ascending, at
 * least {@link #SPACING} bytes apart. Only a hint: whoever uses a pair looks whether that batch is
 * there.
 */
final class OffsetIndex {

  /** How far entries are apart at least, in bytes of the segment. */
  static final int SPACING = 8 << 10;

  private static final int ENTRY = 16;

  private OffsetIndex() {}

  /** Collects entries for {@link #writeTo}. */
  static final class Entries {
    private ByteBuffer pairs = ByteBuffer.allocate(64 * ENTRY);
    private long last = Long.MIN_VALUE / 2;

    /** Notes a batch, unless the last entry is near. */
    void add(long position, long offset) {
      if (offset - last < SPACING) {
        return;
      }
      if (!pairs.hasRemaining()) {
        pairs = ByteBuffer.allocate(pairs.capacity() * 2).put(pairs.flip());
      }
      pairs.putLong(position).putLong(offset);
      last = offset;
    }

    /** Appends what is new to the index file, and forgets it. */
    void writeTo(FileChannel channel) throws IOException {
      if (pairs.position() > 0) {
        Disk.writeFully(channel, pairs.flip(), channel.size());
        pairs.clear();
      }
    }
  }

  /**
   * Where to begin looking for a position in a segment: the last entry at or before it, if it is
   * right; else the first batch.
   */
  static long seek(Path index, Segment segment, long position) throws IOException {
    try (var channel = FileChannel.open(index, StandardOpenOption.READ)) {
      var pair = ByteBuffer.allocate(ENTRY);
      long low = 0;
      long high = channel.size() / ENTRY;
      while (low < high) {
        long middle = (low + high) >>> 1;
        if (Disk.readFully(channel, pair.clear(), middle * ENTRY) == ENTRY
            && pair.getLong(0) <= position) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      if (low > 0 && Disk.readFully(channel, pair.clear(), (low - 1) * ENTRY) == ENTRY) {
        long found = pair.getLong(0);
        long offset = pair.getLong(8);
        var batch = offset < segment.dataOffset() ? null : segment.batchAt(offset);
        if (batch != null && batch.base() == found && found <= position) {
          return offset;
        }
      }
    } catch (NoSuchFileException e) {
      // Then from the beginning.
    }
    return segment.dataOffset();
  }

  /**
   * Gives a finished segment its index back, as far as its headers are sound and writing is
   * allowed.
   */
  static void restore(Path index, Segment segment) throws IOException {
    var entries = new Entries();
    long size = segment.size();
    long offset = segment.dataOffset();
    for (BatchHeader batch; offset < size && (batch = segment.batchAt(offset)) != null; ) {
      entries.add(batch.base(), offset);
      offset += batch.totalLength();
    }
    var temporary =
        index.resolveSibling(index.getFileName() + "." + ProcessHandle.current().pid() + ".tmp");
    try {
      rebuild(temporary, entries);
      Files.move(temporary, index, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      Files.deleteIfExists(temporary);
    }
  }

  /** Replaces a segment's index. */
  static void rebuild(Path index, Entries entries) throws IOException {
    try (var channel =
        FileChannel.open(
            index,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      entries.writeTo(channel);
    }
  }
}
