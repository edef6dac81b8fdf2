package io.kledger.ingest.strace;

/** Turns the time stamps of the lines into times: adds up relative ones, notices midnight. */
final class TraceClock {
  private static final long DAY = 86_400_000_000_000L;

  private long midnight;
  private long clock = -1;
  private long elapsed;

  TraceClock(long startOfDay) {
    midnight = startOfDay;
  }

  /** Nanoseconds since 1970, 0 if the line does not say. */
  long realtime(LineHead head) {
    return switch (head.time()) {
      case EPOCH -> head.nanos();
      case CLOCK -> {
        // Lines of several tasks may be a little out of order; half a day back is midnight.
        if (clock - head.nanos() > DAY / 2) {
          midnight += DAY;
        } else if (clock >= 0 && head.nanos() - clock > DAY / 2) {
          yield midnight - DAY + head.nanos();
        }
        clock = head.nanos();
        yield midnight + head.nanos();
      }
      case NONE, RELATIVE -> 0;
    };
  }

  /** Nanoseconds since the first line, -1 if the line does not say. */
  long monotonic(LineHead head) {
    if (head.time() != LineHead.Time.RELATIVE) {
      return -1;
    }
    elapsed += head.nanos();
    return elapsed;
  }
}
