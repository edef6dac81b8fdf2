package io.kledger.log.local;

import io.kledger.event.MachineId;
import io.kledger.log.LogException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A segment file that is open for reading. */
final class Segment implements AutoCloseable {

  private final Path path;
  private final FileChannel channel;
  private final SegmentHeader header;
  private final int dataOffset;

  private Segment(Path path, FileChannel channel, SegmentHeader header, int dataOffset) {
    this.path = path;
    this.channel = channel;
    this.header = header;
    this.dataOffset = dataOffset;
  }

  /**
   * Opens a segment and checks its header.
   *
   * @throws LogException.Damaged if the header is damaged or not that of this machine and position
   */
  static Segment open(MachineFiles files, long base) throws IOException {
    var path = files.segment(base);
    var channel = FileChannel.open(path, StandardOpenOption.READ);
    try {
      var prefix = ByteBuffer.allocate(SegmentHeader.PREFIX);
      if (Disk.readFully(channel, prefix, 0) < SegmentHeader.PREFIX) {
        throw damagedHeader(path, base, "is cut short");
      }
      int length = SegmentHeader.length(prefix);
      var whole = ByteBuffer.allocate(Math.max(0, (int) Math.min(length, channel.size())));
      SegmentHeader header = null;
      if (length > 0 && Disk.readFully(channel, whole, 0) == length) {
        header = SegmentHeader.decode(whole);
      }
      if (header == null) {
        throw damagedHeader(path, base, "fails its checksum or is cut short");
      }
      requireIdentity(path, header, files.machine(), base);
      return new Segment(path, channel, header, length);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static void requireIdentity(
      Path path, SegmentHeader header, MachineId machine, long base) {
    if (header.base() != base || !header.machine().equals(machine)) {
      throw new LogException.Damaged(
          path.toString(),
          0,
          base,
          "the file is segment "
              + header.base()
              + " of machine "
              + header.machine()
              + "; give it back its name and place");
    }
  }

  private static LogException.Damaged damagedHeader(Path path, long base, String what) {
    return new LogException.Damaged(
        path.toString(),
        0,
        base,
        "the segment's header " + what + "; restore the file from a copy");
  }

  Path path() {
    return path;
  }

  FileChannel channel() {
    return channel;
  }

  SegmentHeader header() {
    return header;
  }

  /** Where the first batch begins. */
  int dataOffset() {
    return dataOffset;
  }

  long size() throws IOException {
    return channel.size();
  }

  /** The batch header at an offset; null if there is no sound one. */
  BatchHeader batchAt(long offset) throws IOException {
    var buffer = ByteBuffer.allocate(BatchHeader.BYTES);
    return Disk.readFully(channel, buffer, offset) < BatchHeader.BYTES
        ? null
        : BatchHeader.read(buffer, 0);
  }

  /** The body of a batch, if it is whole and its checksum is right; else null. */
  ByteBuffer body(BatchHeader batch, long offset) throws IOException {
    var buffer = ByteBuffer.allocate(batch.bodyLength());
    if (Disk.readFully(channel, buffer, offset + BatchHeader.BYTES) < batch.bodyLength()
        || BatchHeader.crc(buffer, 0, batch.bodyLength()) != batch.bodyCrc()) {
      return null;
    }
    return buffer;
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // Nothing was written through it.
    }
  }
}
