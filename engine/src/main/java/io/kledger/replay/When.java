package io.kledger.replay;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A moment of a log, as people name it. */
public sealed interface When {
  /** After event {@code position}; 0 is before the first. */
  record At(long position) implements When {}

  /** After the last event that is not later than this. */
  record Time(long nanos) implements When {}

  /** So long before the last event. */
  record Before(long nanos) implements When {}

  /** After the last event. */
  record End() implements When {}

  /** After the marker of this name; of several, the last. */
  record Mark(String name) implements When {}

  When END = new End();

  /** {@code @N}, an RFC 3339 time, {@code -5min}, {@code end}, or a marker's name. */
  static When parse(String text) {
    if (text.equals("end")) {
      return END;
    }
    if (text.startsWith("@")) {
      if (!text.matches("@[0-9]{1,18}")) {
        throw new IllegalArgumentException(
            "'" + text + "' is no position: expected @N, such as @1200");
      }
      return new At(Long.parseLong(text.substring(1)));
    }
    Matcher ago = Span.PATTERN.matcher(text);
    if (ago.matches()) {
      return new Before(Span.nanos(ago));
    }
    if (text.startsWith("-") || text.isBlank()) {
      throw new IllegalArgumentException(
          "'"
              + text
              + "' is no moment: expected @N, a time such as 2026-01-31T12:00:00Z, -5min,"
              + " end, or a marker's name");
    }
    if (text.matches("[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ].*")) {
      try {
        Instant time = OffsetDateTime.parse(text.replace(' ', 'T')).toInstant();
        return new Time(
            Math.addExact(
                Math.multiplyExact(time.getEpochSecond(), 1_000_000_000L), time.getNano()));
      } catch (DateTimeException | ArithmeticException e) {
        throw new IllegalArgumentException(
            "'" + text + "' is no RFC 3339 time such as 2026-01-31T12:00:00Z: " + e.getMessage(),
            e);
      }
    }
    return new Mark(text);
  }

  /** Spans of time with a unit. */
  final class Span {
    private static final Pattern PATTERN =
        Pattern.compile("-([0-9]{1,9})(ns|us|ms|s|sec|m|min|h|d)");

    private Span() {}

    private static long nanos(Matcher match) {
      long unit =
          switch (match.group(2)) {
            case "ns" -> 1L;
            case "us" -> 1_000L;
            case "ms" -> 1_000_000L;
            case "s", "sec" -> 1_000_000_000L;
            case "m", "min" -> 60_000_000_000L;
            case "h" -> 3_600_000_000_000L;
            default -> 86_400_000_000_000L;
          };
      try {
        return Math.multiplyExact(Long.parseLong(match.group(1)), unit);
      } catch (ArithmeticException e) {
        throw new IllegalArgumentException("'" + match.group() + "' is too long ago", e);
      }
    }
  }
}
