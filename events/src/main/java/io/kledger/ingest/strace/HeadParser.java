package io.kledger.ingest.strace;

import io.kledger.event.Bytes;
import io.kledger.ingest.strace.TextCursor.Mismatch;

/** Parses what precedes the call: {@code 5<sh> 15:38:59.293814 [ 21] [00431167] }. */
final class HeadParser {
  private static final byte[] PID = ValueParser.ascii("[pid ");
  private static final byte[] PERSONALITY = ValueParser.ascii("[ Process PID=");
  private static final long SECOND = 1_000_000_000L;

  /** Seconds that cannot be those of {@code -r}: a trace is no older than 1973. */
  private static final long FIRST_EPOCH = 100_000_000L;

  private static final int LONGEST_COMM = 64;

  private byte[] s;
  private int end;
  private int i;

  private int tid;
  private LineHead.Time time;
  private long nanos;
  private int prefixFrom;
  private int prefixTo;
  private Bytes comm;

  /** Index after the head. */
  int position() {
    return i;
  }

  LineHead parse(byte[] source, int from, int to) throws Mismatch {
    s = source;
    i = from;
    end = to;
    tid = 0;
    time = LineHead.Time.NONE;
    nanos = 0;
    comm = Bytes.EMPTY;
    prefixFrom = prefixTo = 0;
    pid();
    skipBlanks();
    time();
    groups();
    Bytes prefix = comm;
    if (prefixTo > prefixFrom) {
      Bytes groups = Bytes.of(s, prefixFrom, prefixTo);
      prefix = comm.isEmpty() ? groups : comm.plus(Bytes.of(" ")).plus(groups);
    }
    return new LineHead(tid, time, nanos, prefix);
  }

  private void pid() throws Mismatch {
    boolean bracket = at(PID);
    int start = i;
    if (bracket) {
      i += PID.length;
      skipBlanks();
    }
    int digits = i;
    long n = 0;
    while (i < end && digit(s[i]) && i - digits < 10) {
      n = n * 10 + s[i++] - '0';
    }
    if (i == digits || n > Integer.MAX_VALUE) {
      i = start;
      return;
    }
    if (i < end && s[i] == '<') {
      comm(bracket);
    }
    if (bracket) {
      if (i == end || s[i] != ']') {
        throw new Mismatch(i, "expected `]`");
      }
      i++;
    } else if (i < end && s[i] != ' ') {
      // Not a pid but the time of a trace without pids.
      i = start;
      return;
    }
    tid = (int) n;
  }

  /**
   * A command name, which may hold anything: it ends at the first {@code >} behind which a line can
   * go on.
   */
  private void comm(boolean bracket) throws Mismatch {
    int start = i;
    for (int j = i + 1; j < end && j - start <= LONGEST_COMM; j++) {
      if (s[j] == '>' && j + 1 < end && (bracket ? s[j + 1] == ']' : continues(j + 1))) {
        comm = Bytes.of(s, start, j + 1);
        i = j + 1;
        return;
      }
    }
    throw new Mismatch(start, "expected the `>` of a command name");
  }

  /** Whether a time stamp or a body can begin after the blanks here. */
  private boolean continues(int at) {
    int j = at;
    while (j < end && s[j] == ' ') {
      j++;
    }
    if (j == at || j == end) {
      return false;
    }
    if (digit(s[j]) || s[j] == '[' || s[j] == '+' || s[j] == '-' || s[j] == '<' || s[j] == '?') {
      return true;
    }
    int word = j;
    while (j < end && ValueParser.wordByte(s[j])) {
      j++;
    }
    return j > word && j < end && (s[j] == '(' || s[j] == ':');
  }

  private void time() {
    int start = i;
    long first = digits();
    if (i == start || i == end) {
      i = start;
      return;
    }
    if (s[i] == ':') {
      clock(start, first);
    } else if (s[i] == '.') {
      long fraction = fraction();
      if (!stamped()) {
        i = start;
        return;
      }
      time = first >= FIRST_EPOCH ? LineHead.Time.EPOCH : LineHead.Time.RELATIVE;
      nanos = first * SECOND + fraction;
    } else if (s[i] == ' ' && first >= FIRST_EPOCH && i - start <= 10) {
      // --absolute-timestamps=format:unix,precision:s
      i++;
      time = LineHead.Time.EPOCH;
      nanos = first * SECOND;
    } else {
      i = start;
    }
    plus();
  }

  private void clock(int start, long hours) {
    i++;
    long minutes = digits();
    if (i < end && s[i] == ':') {
      i++;
      long seconds = digits();
      long fraction = i < end && s[i] == '.' ? fraction() : 0;
      if (stamped() && hours < 24 && minutes < 60 && seconds < 61) {
        time = LineHead.Time.CLOCK;
        nanos = ((hours * 60 + minutes) * 60 + seconds) * SECOND + fraction;
        return;
      }
    }
    i = start;
  }

  /** {@code (+ 0.000034) }: -r beside an absolute time, which tells the same. */
  private void plus() {
    if (i + 2 < end && s[i] == '(' && s[i + 1] == '+') {
      int j = i;
      while (j < end && s[j] != ')') {
        j++;
      }
      if (j + 1 < end && s[j + 1] == ' ') {
        i = j + 2;
      }
    }
  }

  private boolean stamped() {
    if (i < end && s[i] == ' ') {
      i++;
      return true;
    }
    return false;
  }

  private long digits() {
    long n = 0;
    int start = i;
    while (i < end && digit(s[i]) && i - start < 12) {
      n = n * 10 + s[i++] - '0';
    }
    return n;
  }

  private long fraction() {
    i++;
    long n = 0;
    int count = 0;
    while (i < end && digit(s[i])) {
      if (count++ < 9) {
        n = n * 10 + s[i] - '0';
      }
      i++;
    }
    for (; count < 9; count++) {
      n *= 10;
    }
    return n;
  }

  private void groups() throws Mismatch {
    skipBlanks();
    if (i == end || s[i] != '[' || at(PERSONALITY)) {
      return;
    }
    prefixFrom = i;
    while (i < end && s[i] == '[') {
      while (i < end && s[i] != ']') {
        i++;
      }
      if (i == end) {
        throw new Mismatch(prefixFrom, "expected `]`");
      }
      prefixTo = ++i;
      skipBlanks();
    }
  }

  private boolean at(byte[] text) {
    return i + text.length <= end
        && java.util.Arrays.equals(s, i, i + text.length, text, 0, text.length);
  }

  private void skipBlanks() {
    while (i < end && s[i] == ' ') {
      i++;
    }
  }

  private static boolean digit(byte c) {
    return c >= '0' && c <= '9';
  }
}
