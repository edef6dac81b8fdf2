package io.kledger.log.local;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Goes through a segment's batches and checks each, up to the first that is not sound. */
final class SegmentWalk {

  private static final int WINDOW = 1 << 20;

  /** Is shown each sound batch. */
  @FunctionalInterface
  interface Visitor {
    void batch(BatchHeader batch, long offset, ByteBuffer body);
  }

  /**
   * Where a walk ended.
   *
   * @param offset byte after the last sound batch
   * @param next position after its last event
   * @param size the segment's size when the walk ended
   */
  record Stop(long offset, long next, long size) {
    boolean clean() {
      return offset == size;
    }
  }

  private SegmentWalk() {}

  /** Walks from a batch that begins at {@code offset} with position {@code next}. */
  static Stop verified(Segment segment, long offset, long next, Visitor visitor)
      throws IOException {
    long size = segment.size();
    while (offset < size) {
      var batch = segment.batchAt(offset);
      var body = batch == null || batch.base() != next ? null : segment.body(batch, offset);
      if (body == null) {
        break;
      }
      visitor.batch(batch, offset, body);
      offset += batch.totalLength();
      next = batch.next();
    }
    return new Stop(offset, next, size);
  }

  /** Walks over headers only, to find the position after the segment's last whole batch. */
  static Stop headers(Segment segment, long offset, long next) throws IOException {
    long size = segment.size();
    while (offset < size) {
      var batch = segment.batchAt(offset);
      if (batch == null || batch.base() != next || offset + batch.totalLength() > size) {
        break;
      }
      offset += batch.totalLength();
      next = batch.next();
    }
    return new Stop(offset, next, size);
  }

  /** The byte at which the next sound batch begins, from {@code offset} on; -1 if there is none. */
  static long findSound(Segment segment, long offset) throws IOException {
    var window = ByteBuffer.allocate(WINDOW);
    for (long start = offset; ; start += WINDOW - BatchHeader.BYTES) {
      int length = Disk.readFully(segment.channel(), window.clear(), start);
      for (int i = 0; i + BatchHeader.BYTES <= length; i++) {
        if (window.getInt(i) == BatchHeader.MAGIC) {
          var batch = BatchHeader.read(window, i);
          if (batch != null && segment.body(batch, start + i) != null) {
            return start + i;
          }
        }
      }
      if (length < WINDOW) {
        return -1;
      }
    }
  }
}
