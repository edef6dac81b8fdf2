package io.kledger.ingest.strace;

import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.concurrent.TimeUnit;

/**
 * How a trace is read.
 *
 * @param name the trace in error messages
 * @param source number for the events' {@code source}
 * @param defaultTid the task of lines without a thread id, in traces of a single process; 0: found
 *     out from {@code [pid N]} of later lines, else 1
 * @param startOfDay midnight (UTC, nanoseconds since 1970) before the first line, for {@code -t}
 *     and {@code -tt}
 * @param salvage a line that cannot be read becomes a Gap event instead of an exception
 * @param maxLine bytes in a line
 * @param maxDepth nesting of structures and arrays
 * @param maxPending calls that are entered and not returned at the same time
 */
public record StraceOptions(
    String name,
    int source,
    int defaultTid,
    long startOfDay,
    boolean salvage,
    int maxLine,
    int maxDepth,
    int maxPending) {
  /** Limits that no sane trace reaches. */
  public static StraceOptions of(String name) {
    return new StraceOptions(name, 0, 0, 0, false, 16 << 20, 64, 1 << 16);
  }

  /** With that number in the events' {@code source}. */
  public StraceOptions withSource(int number) {
    return new StraceOptions(
        name, number, defaultTid, startOfDay, salvage, maxLine, maxDepth, maxPending);
  }

  /** With that task for lines without a thread id. */
  public StraceOptions withDefaultTid(int tid) {
    return new StraceOptions(name, source, tid, startOfDay, salvage, maxLine, maxDepth, maxPending);
  }

  /** With the day (UTC) on which a trace of {@code -t} or {@code -tt} began. */
  public StraceOptions withDate(LocalDate date) {
    long nanos = TimeUnit.SECONDS.toNanos(date.atStartOfDay(ZoneOffset.UTC).toEpochSecond());
    return new StraceOptions(
        name, source, defaultTid, nanos, salvage, maxLine, maxDepth, maxPending);
  }

  /** With Gap events for lines that cannot be read. */
  public StraceOptions withSalvage(boolean on) {
    return new StraceOptions(
        name, source, defaultTid, startOfDay, on, maxLine, maxDepth, maxPending);
  }

  /** With other limits. */
  public StraceOptions withLimits(int line, int depth, int pending) {
    return new StraceOptions(name, source, defaultTid, startOfDay, salvage, line, depth, pending);
  }
}
