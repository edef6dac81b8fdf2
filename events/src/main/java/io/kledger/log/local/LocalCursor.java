package io.kledger.log.local;

import io.kledger.event.avro.Event;
import io.kledger.log.Cursor;
import io.kledger.log.LogException;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Reads segments one after another. Finds its place when the first event is asked for. */
final class LocalCursor implements Cursor {

  private static final long FIRST_PAUSE = 500_000;
  private static final long LONGEST_PAUSE = 4_000_000;

  private final MachineFiles files;
  private final Visible visible;
  private final BatchReader batches;
  private final PrefixCache prefixes;
  private final Runnable onClose;
  private Segment segment;
  private long offset;
  private long next;
  private long end;
  private boolean closed;

  LocalCursor(
      MachineFiles files,
      Visible visible,
      SchemaStore schemas,
      PrefixCache prefixes,
      long from,
      Runnable onClose) {
    this.files = files;
    this.visible = visible;
    this.batches = new BatchReader(schemas);
    this.prefixes = prefixes;
    this.next = from;
    this.onClose = onClose;
  }

  @Override
  public Event next() {
    if (!batches.hasNext() && !load()) {
      return null;
    }
    var event = batches.next();
    next++;
    return event;
  }

  @Override
  public Event await(Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    long pause = FIRST_PAUSE;
    while (true) {
      var event = next();
      long left = deadline - System.nanoTime();
      if (event != null || left <= 0 || Thread.currentThread().isInterrupted()) {
        return event;
      }
      LockSupport.parkNanos(Math.min(pause, left));
      if (Thread.currentThread().isInterrupted()) {
        return null;
      }
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    }
  }

  @Override
  public long position() {
    return next;
  }

  /** Makes the batch with the next event current; false if that is not acknowledged. */
  private boolean load() {
    if (closed) {
      throw new IllegalStateException("cursor is closed");
    }
    try {
      if (next > end) {
        end = visible.end();
        if (next > end) {
          return false;
        }
      }
      if (segment == null) {
        seek();
      }
      while (!batches.hasNext()) {
        loadBatch();
      }
      while (batches.position() < next) {
        batches.skip();
      }
      return true;
    } catch (IOException e) {
      throw Disk.failed("read", segment == null ? files.directory() : segment.path(), e);
    }
  }

  private void seek() throws IOException {
    var segments = files.segments();
    int index = MachineFiles.floor(segments, next);
    if (index < 0) {
      throw new LogException.Damaged(
          files.directory().toString(),
          0,
          next,
          "the segment with this position is missing; restore it from a copy");
    }
    segment = Segment.open(files, segments[index]);
    offset = OffsetIndex.seek(files.index(segments[index]), segment, next);
    if (offset == segment.dataOffset() && index < segments.length - 1) {
      restoreIndex(segments[index]);
    }
    for (var batch = segment.batchAt(offset);
        batch != null && batch.next() <= next;
        batch = segment.batchAt(offset)) {
      offset += batch.totalLength();
    }
  }

  /** A finished segment without its index gets it back; if that fails, reading is only slower. */
  private void restoreIndex(long base) throws IOException {
    if (!Files.exists(files.index(base))) {
      OffsetIndex.restore(files.index(base), segment);
      offset = OffsetIndex.seek(files.index(base), segment, next);
    }
  }

  private void loadBatch() throws IOException {
    long size = segment.size();
    if (offset >= size) {
      nextSegment();
    }
    var batch = segment.batchAt(offset);
    long inside = batch == null ? 0 : next - batch.base();
    var body =
        batch == null
                || inside < 0
                || inside > batch.count()
                || inside == batch.count() && inside > 0
            ? null
            : segment.body(batch, offset);
    if (body == null) {
      throw Recovery.damaged(segment, new SegmentWalk.Stop(offset, next, size));
    }
    batches.load(batch, body, prefixes.of(segment), segment.path().toString(), offset);
    offset += batch.totalLength();
  }

  private void nextSegment() throws IOException {
    if (!Files.exists(files.segment(next))) {
      throw new LogException.Damaged(
          segment.path().toString(),
          offset,
          next,
          "the segment ends here, and there is none that begins with "
              + next
              + ", although event "
              + end
              + " was acknowledged; restore the missing part from a copy");
    }
    segment.close();
    segment = Segment.open(files, next);
    offset = segment.dataOffset();
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      if (segment != null) {
        segment.close();
      }
      batches.close();
      onClose.run();
    }
  }
}
