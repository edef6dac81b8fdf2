package io.kledger.log.source;

import io.kledger.event.avro.Event;
import io.kledger.event.avro.SourceOpened;
import io.kledger.log.Appender;
import io.kledger.log.Cursor;
import io.kledger.log.EventLog;
import io.kledger.log.LogException;
import io.kledger.log.SourceProgress;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/**
 * Takes one source into a machine's log so that nothing is there twice.
 *
 * <p>A source is known again by its content: if what is offered begins with the bytes of a source
 * that was taken in before (under whatever name, whole or up to a crash), it is that source, and
 * what it has beyond them is appended. The reader still starts at the first byte, because what it
 * knows (calls that have not returned, tasks) comes from there; {@link #accept} then compares its
 * first events with the stored ones, gives their positions back, and appends only what comes after
 * the last of them. This needs a reader that gives the same events for the same bytes.
 *
 * <pre>{@code
 * try (var tracker = SourceTracker.open(log, appender, source, SourceInput.file(path))) {
 *   if (!tracker.upToDate()) {
 *     reader.read(tracker.input(), tracker::accept);   // calls tracker.commit() now and then
 *   }
 *   var result = tracker.finish();
 * }
 * }</pre>
 *
 * <p>Used by one thread. Does not close the appender.
 */
public final class SourceTracker implements AutoCloseable {

  private static final int SOURCE = Event.getClassSchema().getField("source").pos();
  private static final int POSITION = Event.getClassSchema().getField("position").pos();

  private final Appender appender;
  private final Source source;
  private final CountedInput input;
  private final SourceProgress known;
  private final boolean upToDate;
  private final int number;
  private final long opened;
  private Cursor stored;
  private long appended;
  private long skipped;
  private long different;
  private long firstDifferentLine;

  /**
   * How an import went.
   *
   * @param source number of the source, also of one that was known
   * @param resumed whether it was known, whole or in part
   * @param appended how many events are new
   * @param skipped how many were there already
   * @param different how many of these are not what the reader gives now (another version of it, or
   *     a last line that was incomplete); the stored ones were kept
   * @param firstDifferentLine line of the first of these, 0 if none
   */
  public record Result(
      int source,
      boolean resumed,
      long appended,
      long skipped,
      long different,
      long firstDifferentLine) {}

  private SourceTracker(EventLog log, Appender appender, Source source, PrefixMatch match) {
    this.appender = appender;
    this.source = source;
    input = new CountedInput(match.content());
    known = match.known();
    upToDate = known != null && known.complete() && match.ended();
    if (known != null) {
      number = known.number();
      opened = known.opened();
      stored = upToDate ? null : log.read(appender.machine(), opened + 1);
    } else {
      number = appender.sources().stream().mapToInt(SourceProgress::number).max().orElse(0) + 1;
      opened =
          appender.append(
              new Event(
                  0L,
                  0L,
                  -1L,
                  0,
                  number,
                  0L,
                  new SourceOpened(number, source.name(), source.format(), source.detail())));
    }
    appender.progressFrom(upToDate ? null : this::progress);
  }

  /**
   * Begins taking in a source: looks whether it is known, and appends a SourceOpened event if not.
   * What the appender has not committed yet is committed.
   *
   * @throws LogException.Failed if the source cannot be read
   */
  public static SourceTracker open(
      EventLog log, Appender appender, Source source, SourceInput input) {
    appender.commit();
    return open(log, appender, source, input, appender.sources());
  }

  /** The same for what cannot have been seen before, as a recording that begins now. */
  public static SourceTracker openNew(
      EventLog log, Appender appender, Source source, InputStream input) {
    return open(log, appender, source, SourceInput.stream(input), List.of());
  }

  private static SourceTracker open(
      EventLog log,
      Appender appender,
      Source source,
      SourceInput input,
      List<SourceProgress> sources) {
    try {
      return new SourceTracker(log, appender, source, PrefixMatch.find(input, sources));
    } catch (IOException e) {
      throw new LogException.Failed("cannot read " + source.name() + ": " + e.getMessage(), e);
    }
  }

  /** Whether the source was taken in to its end before, and has nothing new: no need to read it. */
  public boolean upToDate() {
    return upToDate;
  }

  /** What was known of the source; null if nothing. */
  public SourceProgress known() {
    return known;
  }

  /** Number of the source: the {@code source} of its events. */
  public int number() {
    return number;
  }

  /** Position of its SourceOpened event. */
  public long opened() {
    return opened;
  }

  /** The source from its first byte, uncompressed. */
  public InputStream input() {
    return input;
  }

  /**
   * Takes the reader's next event, and sets its source and position.
   *
   * @return its position: of the stored event if it is there already, else the next one
   */
  public long accept(Event event) {
    event.put(SOURCE, number);
    var before = nextStored();
    if (before != null) {
      event.put(POSITION, before.getPosition());
      if (!event.equals(before) && different++ == 0) {
        firstDifferentLine = event.getLine();
      }
      skipped++;
      return before.getPosition();
    }
    appended++;
    return appender.append(event);
  }

  private Event nextStored() {
    if (stored == null) {
      return null;
    }
    for (var event = stored.next(); event != null; event = stored.next()) {
      if (event.getSource() == number) {
        return event;
      }
    }
    stored.close();
    stored = null;
    return null;
  }

  /** How many events {@link #accept} appended. */
  public long appended() {
    return appended;
  }

  /** How many bytes of the source were read. */
  public long bytes() {
    return input.bytes();
  }

  /**
   * Makes what was accepted durable, with the note how far the source was read.
   *
   * @return the last acknowledged position
   */
  public long commit() {
    return appender.commit();
  }

  /** What is written beside each batch: null as long as nothing is read that was not before. */
  private SourceProgress progress() {
    return stored == null && (known == null || input.bytes() > known.bytes())
        ? input.progress(number, opened, source, false)
        : null;
  }

  /**
   * The reader has come to the end of the source: commits, and notes that it is complete.
   *
   * @throws IllegalStateException if the source has bytes that were not read
   */
  public Result finish() {
    if (!upToDate) {
      requireEnd();
      nextStoredIsNone();
      appender.progressFrom(null);
      appender.progress(input.progress(number, opened, source, true));
      appender.commit();
    }
    return new Result(number, known != null, appended, skipped, different, firstDifferentLine);
  }

  private void requireEnd() {
    try {
      if (input.read() >= 0) {
        throw new IllegalStateException(source.name() + " was not read to its end");
      }
    } catch (IOException e) {
      throw new LogException.Failed("cannot read " + source.name() + ": " + e.getMessage(), e);
    }
  }

  /** Events that are stored, but that the reader does not give any more, are different ones. */
  private void nextStoredIsNone() {
    for (var event = nextStored(); event != null; event = nextStored()) {
      if (different++ == 0) {
        firstDifferentLine = event.getLine();
      }
    }
  }

  /** Ends it; what was accepted and not committed is left to the appender. */
  @Override
  public void close() {
    if (stored != null) {
      stored.close();
    }
    try {
      input.close();
    } catch (IOException e) {
      // It was only read.
    }
  }
}
