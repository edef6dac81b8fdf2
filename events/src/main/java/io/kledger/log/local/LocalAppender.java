package io.kledger.log.local;

import io.kledger.event.MachineId;
import io.kledger.event.avro.Event;
import io.kledger.log.Appender;
import io.kledger.log.LogException;
import io.kledger.log.LogOptions;
import io.kledger.log.SourceProgress;
import io.kledger.log.codec.EventCodec;
import io.kledger.log.codec.ProgressCodec;
import io.kledger.log.codec.WireException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Writes batches to the last segment, makes them durable, and then acknowledges them in the {@link
 * EndFile}. A segment that is full is made durable and acknowledged on its own.
 */
final class LocalAppender implements Appender {

  private final MachineFiles files;
  private final LogOptions options;
  private final Disk disk;
  private final Runnable onClose;
  private final WriterLock lock;
  private final BatchBuilder batch;
  private final TreeMap<Integer, SourceProgress> sources;
  private final TreeMap<Integer, SourceProgress> written;
  private final TreeMap<Integer, SourceProgress> noted = new TreeMap<>();
  private OffsetIndex.Entries entries = new OffsetIndex.Entries();
  private FileChannel endFile;
  private FileChannel segment;
  private FileChannel index;
  private long base;
  private long offset;
  private long next;
  private long committed;
  private long committedOffset;
  private Supplier<SourceProgress> progressSource;
  private LogException failure;
  private boolean closed;

  private LocalAppender(
      MachineFiles files,
      LogOptions options,
      Disk disk,
      WriterLock lock,
      Recovery.Tail tail,
      Runnable onClose) {
    this.files = files;
    this.options = options;
    this.disk = disk;
    this.lock = lock;
    this.onClose = onClose;
    batch = new BatchBuilder(options.batchBytes(), options.zstdLevel());
    sources = tail.sources();
    written = new TreeMap<>(sources);
    next = tail.next();
    committed = next - 1;
    base = tail.segment();
    offset = tail.offset();
    committedOffset = offset;
  }

  /** Locks, recovers and opens a machine's log. */
  static LocalAppender open(MachineFiles files, LogOptions options, Disk disk, Runnable onClose)
      throws IOException {
    files.create();
    var lock = WriterLock.take(files);
    LocalAppender appender = null;
    try {
      var tail = Recovery.recover(files, options.notices());
      appender = new LocalAppender(files, options, disk, lock, tail, onClose);
      appender.start();
      return appender;
    } catch (IOException | RuntimeException e) {
      if (appender != null) {
        appender.release();
      } else {
        lock.close();
      }
      throw e;
    }
  }

  private void start() throws IOException {
    endFile =
        disk.open(
            files.end(),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    if (base > 0) {
      try (var written = Segment.open(files, base)) {
        PrefixCache.fill(batch.prefix(), written, offset);
      }
      openSegment();
      segment.force(false);
    }
    acknowledge();
  }

  private void openSegment() throws IOException {
    segment = disk.open(files.segment(base), StandardOpenOption.READ, StandardOpenOption.WRITE);
    index =
        disk.open(
            files.index(base),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
  }

  @Override
  public MachineId machine() {
    return files.machine();
  }

  @Override
  public long next() {
    return next;
  }

  @Override
  public long committed() {
    return committed;
  }

  @Override
  public List<SourceProgress> sources() {
    return List.copyOf(sources.values());
  }

  @Override
  public long append(Event event) {
    requireUsable();
    try {
      batch.add(event);
    } catch (WireException e) {
      throw new IllegalArgumentException("event cannot be encoded: " + e.getMessage(), e);
    }
    long position = next++;
    event.put(0, position);
    if (batch.rawSize() >= options.batchBytes()) {
      guarded(this::flush);
    }
    return position;
  }

  @Override
  public void progress(SourceProgress progress) {
    requireUsable();
    sources.put(progress.number(), progress);
    noted.put(progress.number(), progress);
  }

  @Override
  public void progressFrom(Supplier<SourceProgress> progress) {
    requireUsable();
    progressSource = progress;
  }

  @Override
  public long commit() {
    requireUsable();
    guarded(
        () -> {
          flush();
          sync();
        });
    return committed;
  }

  /** Writes the open batch to the segment; not durable yet. */
  private void flush() throws IOException {
    var current = progressSource == null ? null : progressSource.get();
    if (current != null && !current.equals(sources.get(current.number()))) {
      progress(current);
    }
    if (batch.count() == 0 && noted.isEmpty()) {
      return;
    }
    long first = next - batch.count();
    // A segment without events is gone on with, however long its header: its name is taken.
    if (base == 0 || offset >= options.segmentBytes() && first > base) {
      sync();
      beginSegment(first);
    }
    var bytes = batch.seal(first, ProgressCodec.encode(noted.values()));
    int length = bytes.remaining();
    Disk.writeFully(segment, bytes, offset);
    entries.add(first, offset);
    offset += length;
    written.putAll(noted);
    noted.clear();
  }

  private void sync() throws IOException {
    if (offset == committedOffset) {
      return;
    }
    if (options.sync()) {
      segment.force(false);
    }
    entries.writeTo(index);
    acknowledge();
  }

  /** Everything in the segment is durable: readers may have it. */
  private void acknowledge() throws IOException {
    long position = next - 1 - batch.count();
    EndFile.write(endFile, EndFile.end(position, base, offset));
    committed = position;
    committedOffset = offset;
  }

  /** The segment before, if there is one, is durable. */
  private void beginSegment(long first) throws IOException {
    closeSegment();
    var header =
        SegmentHeader.encode(files.machine(), first, EventCodec.FINGERPRINT, written.values());
    int length = header.remaining();
    var path = files.segment(first);
    segment =
        disk.open(
            path, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
    Disk.writeFully(segment, header, 0);
    index =
        disk.open(
            files.index(first),
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    segment.force(true);
    Disk.syncDirectory(files.directory());
    base = first;
    offset = length;
    batch.prefix().clear();
    entries = new OffsetIndex.Entries();
    acknowledge();
  }

  @FunctionalInterface
  private interface Work {
    void run() throws IOException;
  }

  /** Runs what may fail; afterwards nothing more is written, and what was acknowledged stands. */
  private void guarded(Work work) {
    try {
      work.run();
    } catch (IOException e) {
      Path path = base == 0 ? files.directory() : files.segment(base);
      failure =
          new LogException.Failed(
              Disk.failed("append to", path, e).getMessage()
                  + "; events up to "
                  + committed
                  + " are safe, later ones were not written",
              e);
      dropUnacknowledged();
      throw failure;
    }
  }

  private void requireUsable() {
    if (closed) {
      throw new IllegalStateException("appender is closed");
    }
    if (failure != null) {
      throw failure;
    }
  }

  /** Best effort: what stays behind is recovered or cut back by the next appender. */
  private void dropUnacknowledged() {
    try {
      if (segment != null && segment.isOpen() && segment.size() > committedOffset) {
        segment.truncate(committedOffset);
      }
    } catch (IOException e) {
      options
          .notices()
          .accept(
              "machine "
                  + files.machine()
                  + ": unacknowledged events may remain in "
                  + files.segment(base)
                  + ": "
                  + e.getMessage());
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      dropUnacknowledged();
      release();
      onClose.run();
    }
  }

  private void release() {
    batch.close();
    closeSegment();
    closeQuietly(endFile);
    lock.close();
  }

  private void closeSegment() {
    closeQuietly(segment);
    closeQuietly(index);
    segment = null;
    index = null;
  }

  private static void closeQuietly(FileChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      // What counts was forced before.
    }
  }
}
