package io.kledger.scenario;

import io.kledger.engine.environment.DirectiveException;
import java.time.Instant;
import java.time.format.DateTimeParseException;

/** The clocks of the model machine: a microsecond passes with each statement. */
final class ModelClock {
  private static final long SECOND = 1_000_000_000L;
  private static final long STATEMENT = 1_000L;
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private long monotonic = SECOND;
  private long realtime = nanos(START);

  long monotonic() {
    return monotonic;
  }

  long realtime() {
    return realtime;
  }

  void statement() {
    pass(STATEMENT);
  }

  /** A statement of a trace that has the time. */
  void trace(long epochNanos) {
    if (epochNanos > realtime) {
      pass(epochNanos - realtime);
    } else {
      realtime = epochNanos;
    }
  }

  private void pass(long nanos) {
    monotonic += nanos;
    realtime += nanos;
  }

  /** {@code @advance DURATION}. */
  void advance(String duration) {
    pass(duration(duration));
  }

  /** {@code @clock realtime=RFC3339}. */
  void set(String rfc3339) {
    try {
      realtime = nanos(Instant.parse(rfc3339));
    } catch (DateTimeParseException e) {
      throw new DirectiveException("no time: " + rfc3339, e);
    }
  }

  /** clock_settime(2). */
  void set(long seconds, long nanos) {
    realtime = seconds * SECOND + nanos;
  }

  /** {@code 5s}, {@code 1.5s}, {@code 200ms}, {@code 3min}, {@code 2h} as nanoseconds. */
  static long duration(String text) {
    int digits = 0;
    while (digits < text.length()
        && (Character.isDigit(text.charAt(digits)) || text.charAt(digits) == '.')) {
      digits++;
    }
    long unit =
        switch (text.substring(digits)) {
          case "ns" -> 1L;
          case "us" -> 1_000L;
          case "ms" -> 1_000_000L;
          case "s" -> SECOND;
          case "min", "m" -> 60 * SECOND;
          case "h" -> 3600 * SECOND;
          case "d" -> 86_400 * SECOND;
          default -> throw new DirectiveException("no duration: " + text);
        };
    try {
      return new java.math.BigDecimal(text.substring(0, digits))
          .multiply(java.math.BigDecimal.valueOf(unit))
          .longValueExact();
    } catch (ArithmeticException | NumberFormatException e) {
      throw new DirectiveException("no duration: " + text, e);
    }
  }

  private static long nanos(Instant instant) {
    return instant.getEpochSecond() * SECOND + instant.getNano();
  }
}
