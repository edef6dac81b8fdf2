package io.kledger.ingest.strace;

import io.kledger.abi.Errno;
import io.kledger.abi.NameTable;
import io.kledger.event.avro.Outcome;
import io.kledger.ingest.strace.TextCursor.Mismatch;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Parses what follows the closing parenthesis of a call: {@code = 3</dev/null> <0.000042>}. */
final class OutcomeParser {
  private static final byte[] TRACER = ValueParser.ascii(" in strace's PID NS");
  private static final byte[] ERRNO = ValueParser.ascii("(errno ");
  private static final byte[] DELETED = ValueParser.ascii("(deleted)");

  private static final byte[][] TEXTS = new byte[600][];
  private static final NameTable<Integer> ERRORS;

  static {
    Map<String, Integer> numbers = new HashMap<>();
    for (int number = 1; number < TEXTS.length; number++) {
      String text = Errno.text(number);
      if (!text.isEmpty()) {
        TEXTS[number] = (" (" + text + ")").getBytes(StandardCharsets.US_ASCII);
        numbers.put(Errno.name(number), number);
      }
    }
    for (String alias : new String[] {"EWOULDBLOCK", "ENOTSUP", "EDEADLOCK"}) {
      numbers.put(alias, Errno.number(alias));
    }
    ERRORS = new NameTable<>(numbers);
  }

  private byte[] s;
  private int end;
  private int i;
  private long duration;
  private int resultFrom;
  private int resultTo;

  private long value;
  private int error;
  private boolean unknown;
  private ByteBuffer target;
  private Long tracerPid;
  private ByteBuffer detail;

  /** Time in the call in nanoseconds, -1 if not printed. */
  long duration() {
    return duration;
  }

  int resultFrom() {
    return resultFrom;
  }

  int resultTo() {
    return resultTo;
  }

  Outcome parse(byte[] source, int from, int to) throws Mismatch {
    s = source;
    i = from;
    end = to;
    value = 0;
    error = 0;
    unknown = false;
    target = null;
    tracerPid = null;
    detail = null;
    skipBlanks();
    if (i == end || s[i] != '=') {
      throw new Mismatch(i, "expected ` = ` and the result");
    }
    i++;
    skipBlanks();
    comment();
    duration = -1;
    takeDuration();
    resultFrom = i;
    resultTo = end;
    if (i == end) {
      throw new Mismatch(i, "expected a result");
    }
    value();
    tail();
    return new Outcome(value, error, unknown, target, tracerPid, detail);
  }

  /** A scenario's comment: two blanks and a number sign behind the result. */
  private void comment() {
    int quotes = 0;
    for (int j = i; j + 2 < end; j++) {
      if (s[j] == '"') {
        quotes++;
      } else if (s[j] == ' ' && s[j + 1] == ' ' && s[j + 2] == '#' && (quotes & 1) == 0) {
        end = j;
        break;
      }
    }
    while (end > i && s[end - 1] == ' ') {
      end--;
    }
  }

  /** {@code <0.000042>} at the end. */
  private void takeDuration() {
    if (end - i < 5 || s[end - 1] != '>') {
      return;
    }
    int j = end - 2;
    int dot = -1;
    while (j > i && (s[j] >= '0' && s[j] <= '9' || s[j] == '.')) {
      if (s[j] == '.') {
        dot = j;
      }
      j--;
    }
    if (dot < 0 || j <= i || s[j] != '<' || s[j - 1] != ' ' || dot == j + 1) {
      return;
    }
    long seconds = 0;
    for (int k = j + 1; k < dot; k++) {
      seconds = seconds * 10 + s[k] - '0';
    }
    long nanos = 0;
    int digits = 0;
    for (int k = dot + 1; k < end - 1 && digits < 9; k++, digits++) {
      nanos = nanos * 10 + s[k] - '0';
    }
    for (; digits < 9; digits++) {
      nanos *= 10;
    }
    duration = seconds * 1_000_000_000L + nanos;
    end = j - 1;
  }

  private void value() throws Mismatch {
    byte c = s[i];
    if (c == '?' || c == '_' || c == '$') {
      // The latter two are a scenario's: any result.
      unknown = true;
      while (i < end && s[i] != ' ') {
        i++;
      }
      return;
    }
    int start = i;
    boolean negative = c == '-';
    if (negative) {
      i++;
    }
    int digits = i;
    number();
    if (i == digits) {
      throw new Mismatch(start, "expected a result");
    }
    if (negative) {
      value = -value;
    }
    if (i < end && s[i] == '$') {
      // 0x$name
      unknown = true;
      value = 0;
      while (i < end && s[i] != ' ') {
        i++;
      }
    } else if (i < end && s[i] == '<') {
      target();
    }
  }

  private void number() {
    if (i + 1 < end && s[i] == '0' && s[i + 1] == 'x') {
      i += 2;
      while (i < end && Escapes.hex(s[i]) >= 0) {
        value = value << 4 | Escapes.hex(s[i++]);
      }
      return;
    }
    int base = i < end && s[i] == '0' ? 8 : 10;
    while (i < end && s[i] >= '0' && s[i] <= '9') {
      value = value * base + s[i++] - '0';
    }
  }

  /** The annotation of a returned fd: everything to its last bracket. */
  private void target() throws Mismatch {
    int from = i + 1;
    int to = new AnnotationScanner(s, end).end(i);
    i = to + 1;
    if (i + DELETED.length <= end
        && Arrays.equals(s, i, i + DELETED.length, DELETED, 0, DELETED.length)) {
      i += DELETED.length;
      to = i;
    }
    target = ByteBuffer.wrap(Arrays.copyOfRange(s, from, to));
  }

  /** Error name and text, the pid in the tracer's namespace, decoded flags. */
  private void tail() {
    skipBlanks();
    if (i == end) {
      return;
    }
    if (s[i] == '/' && tracerPid()) {
      skipBlanks();
    }
    if (i < end && s[i] == 'E') {
      errorName();
      skipBlanks();
    } else if (i < end && s[i] == '(' && value == -1) {
      errorNumber();
    }
    if (i < end) {
      detail = ByteBuffer.wrap(Arrays.copyOfRange(s, i, end));
    }
  }

  private boolean tracerPid() {
    int j = i + 3;
    long pid = 0;
    int digits = j;
    while (j < end && s[j] >= '0' && s[j] <= '9') {
      pid = pid * 10 + s[j++] - '0';
    }
    if (j == digits
        || j + TRACER.length + 3 > end
        || !Arrays.equals(s, j, j + TRACER.length, TRACER, 0, TRACER.length)) {
      return false;
    }
    tracerPid = pid;
    i = j + TRACER.length + 3;
    return true;
  }

  /** {@code (errno 600)}: strace knows no name. */
  private void errorNumber() {
    if (end - i < ERRNO.length + 2
        || !Arrays.equals(s, i, i + ERRNO.length, ERRNO, 0, ERRNO.length)) {
      return;
    }
    int number = 0;
    int j = i + ERRNO.length;
    while (j < end && number < 100_000 && s[j] >= '0' && s[j] <= '9') {
      number = number * 10 + s[j++] - '0';
    }
    if (j < end && s[j] == ')' && number > 0) {
      error = number;
      i = j + 1;
      skipBlanks();
    }
  }

  private void errorName() {
    int to = i;
    while (to < end && ValueParser.wordByte(s[to])) {
      to++;
    }
    Integer number = ERRORS.get(s, i, to);
    if (number == null) {
      return;
    }
    error = number;
    i = to;
    if (unknown) {
      // = ? ERESTARTSYS (...): the call did return, with a code that the program will not see.
      unknown = false;
      value = -1;
    }
    byte[] text = TEXTS[number];
    if (text != null
        && i + text.length <= end
        && Arrays.equals(s, i, i + text.length, text, 0, text.length)) {
      i += text.length;
    }
  }

  private void skipBlanks() {
    while (i < end && s[i] == ' ') {
      i++;
    }
  }
}
