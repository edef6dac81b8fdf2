package io.kledger.ingest.strace;

import io.kledger.abi.Constants;
import io.kledger.event.Bytes;
import io.kledger.event.avro.OpaqueCall;
import io.kledger.event.avro.Outcome;
import io.kledger.ingest.strace.TextCursor.Mismatch;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Parses single lines of a trace. It has no state between lines: times are as printed, and the
 * halves of a call are joined only by {@link #join}.
 */
public final class StraceLineParser {
  /** A line of a stack trace, -k. */
  private static final byte[] FRAME = ValueParser.ascii(" > ");

  /** The first line of the table that -C prints at the end. */
  static final byte[] SUMMARY = ValueParser.ascii("% time ");

  private static final byte[] STRACE = ValueParser.ascii("strace: ");
  private static final byte[] PERSONALITY = ValueParser.ascii("[ Process PID=");
  private static final byte[] UNFINISHED = ValueParser.ascii("<unfinished ...>");
  private static final byte[] DETACHED = ValueParser.ascii("<detached ...>");
  private static final byte[] RESUMED_START = ValueParser.ascii("<... ");
  private static final byte[] RESUMED_END = ValueParser.ascii(" resumed>");
  private static final byte[] EXITED = ValueParser.ascii("+++ exited with ");
  private static final byte[] KILLED = ValueParser.ascii("+++ killed by ");
  private static final byte[] SUPERSEDED = ValueParser.ascii("+++ superseded by execve in pid ");
  private static final byte[] PLUSES = ValueParser.ascii(" +++");
  private static final byte[] DUMPED = ValueParser.ascii(" (core dumped) +++");
  private static final byte[] STOPPED = ValueParser.ascii("--- stopped by ");
  private static final byte[] SIGNAL = ValueParser.ascii("--- ");
  private static final byte[] DASHES = ValueParser.ascii(" ---");

  /** Why an entered call is opaque although its record is known. */
  static final String INCOMPLETE = "not all arguments are printed at entry";

  private final StraceOptions options;
  private final HeadParser heads = new HeadParser();
  private final ValueParser values;
  private final OutcomeParser outcomes = new OutcomeParser();
  private final CallBinder binder = new CallBinder();

  /** A parser of lines of one trace. */
  public StraceLineParser(StraceOptions options) {
    this.options = options;
    values = new ValueParser(options.maxDepth());
  }

  /** Parses a line given as text. */
  public StraceLine parse(String line) throws StraceSyntaxException {
    byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
    return parse(bytes, 0, bytes.length, 1);
  }

  /**
   * Parses the line {@code s[from, to)}, without its line end. The result refers to the array.
   *
   * @param number the line's number, for error messages
   */
  public StraceLine parse(byte[] s, int from, int to, long number) throws StraceSyntaxException {
    try {
      return line(s, from, to);
    } catch (Mismatch e) {
      throw new StraceSyntaxException(options.name(), number, e.at - from + 1, e.getMessage());
    }
  }

  /** Puts the halves of a call together, as if nothing had stood between them. */
  public StraceLine.Call join(StraceLine.Unfinished begun, StraceLine.Resumed resumed, long number)
      throws StraceSyntaxException {
    byte[] s = begun.begun().plus(resumed.rest()).toArray();
    try {
      return call(resumed.head(), s, 0, s.length);
    } catch (Mismatch e) {
      throw new StraceSyntaxException(
          options.name(), number, e.at + 1, e.getMessage() + ", in the call put together");
    }
  }

  /** What can be said of a call whose beginning is not in the trace. */
  StraceLine.Call joinUnknown(StraceLine.Resumed resumed) {
    byte[] s = resumed.rest().toArray();
    int close = s.length;
    Outcome outcome = null;
    while (outcome == null && close > 0) {
      close--;
      if (s[close] == ')') {
        try {
          outcome = outcomes.parse(s, close + 1, s.length);
        } catch (Mismatch e) {
          continue;
        }
      }
    }
    boolean found = outcome != null;
    OpaqueCall call =
        new OpaqueCall(
            resumed.name(),
            ByteBuffer.wrap(found ? Arrays.copyOf(s, close) : s),
            "the beginning of the call is not in the trace");
    return new StraceLine.Call(
        resumed.head(),
        resumed.name(),
        List.of(),
        call,
        found ? outcome : new Outcome(0L, 0, true, null, null, null),
        found ? outcomes.duration() : -1,
        new StraceLine.Place(
            s,
            0,
            found ? close : s.length,
            found ? outcomes.resultFrom() : s.length,
            found ? outcomes.resultTo() : s.length));
  }

  private StraceLine line(byte[] s, int from, int to) throws Mismatch {
    if (at(s, from, to, STRACE) || at(s, from, to, FRAME) || at(s, from, to, SUMMARY)) {
      return new StraceLine.Message(
          new LineHead(0, LineHead.Time.NONE, 0, Bytes.EMPTY), Bytes.of(s, from, to));
    }
    LineHead head = heads.parse(s, from, to);
    int i = heads.position();
    if (i == to) {
      throw new Mismatch(i, "expected a call, a signal or an exit");
    }
    return switch (s[i]) {
      case '<' -> resumed(head, s, i, to);
      case '+' -> death(head, s, i, to);
      case '-' -> signal(head, s, i, to);
      default -> {
        if (at(s, i, to, STRACE) || at(s, i, to, PERSONALITY)) {
          yield new StraceLine.Message(head, Bytes.of(s, i, to));
        }
        if (endsWith(s, i, to, UNFINISHED)) {
          yield unfinished(head, s, i, to - UNFINISHED.length, false);
        }
        if (endsWith(s, i, to, DETACHED)) {
          yield unfinished(head, s, i, to - DETACHED.length, true);
        }
        yield call(head, s, i, to);
      }
    };
  }

  private static int nameEnd(byte[] s, int from, int to) throws Mismatch {
    int i = from;
    while (i < to && (ValueParser.wordByte(s[i]) || s[i] == '?')) {
      i++;
    }
    if (i == from || i == to || s[i] != '(') {
      throw new Mismatch(i, "expected a call, a signal or an exit");
    }
    return i;
  }

  private StraceLine.Call call(LineHead head, byte[] s, int from, int to) throws Mismatch {
    int paren = nameEnd(s, from, to);
    List<Value> arguments = values.arguments(s, paren + 1, to, false);
    int close = values.position();
    boolean ended = values.unfinished();
    Outcome outcome = outcomes.parse(s, close, to);
    boolean raw = false;
    CallTable.Entry entry = CallTable.find(s, from, paren);
    if (entry == null) {
      entry = CallTable.findRaw(s, from, paren);
      raw = entry != null;
    }
    String name = entry == null ? latin1(s, from, paren) : entry.name();
    boolean effective = outcome.getError() == 0 && !ended;
    Object call = bind(entry, name, arguments, raw, effective, ended, s, paren + 1, close - 1);
    return new StraceLine.Call(
        head,
        name,
        arguments,
        call,
        outcome,
        outcomes.duration(),
        new StraceLine.Place(s, paren + 1, close - 1, outcomes.resultFrom(), outcomes.resultTo()));
  }

  private Object bind(
      CallTable.Entry entry,
      String name,
      List<Value> arguments,
      boolean raw,
      boolean effective,
      boolean incomplete,
      byte[] s,
      int from,
      int to) {
    String reason = "";
    if (entry != null && entry.plan() != null) {
      try {
        return binder.bind(entry.plan(), arguments, raw, effective);
      } catch (BindException e) {
        reason = incomplete ? INCOMPLETE : e.getMessage();
      }
    }
    return new OpaqueCall(name, ByteBuffer.wrap(Arrays.copyOfRange(s, from, to)), reason);
  }

  private StraceLine unfinished(LineHead head, byte[] s, int from, int to, boolean detached)
      throws Mismatch {
    int paren = nameEnd(s, from, to);
    int end = to > paren + 1 && s[to - 1] == ' ' ? to - 1 : to;
    CallTable.Entry entry = CallTable.find(s, from, paren);
    if (entry == null) {
      entry = CallTable.findRaw(s, from, paren);
    }
    String name = entry == null ? latin1(s, from, paren) : entry.name();
    Object call;
    try {
      List<Value> arguments = values.arguments(s, paren + 1, end, true);
      call = bind(entry, name, arguments, false, true, true, s, paren + 1, end);
    } catch (Mismatch e) {
      // It stops within an argument.
      ByteBuffer text = ByteBuffer.wrap(Arrays.copyOfRange(s, paren + 1, end));
      call = new OpaqueCall(name, text, INCOMPLETE);
    }
    return new StraceLine.Unfinished(head, name, call, Bytes.of(s, from, end), detached);
  }

  private static StraceLine resumed(LineHead head, byte[] s, int from, int to) throws Mismatch {
    if (!at(s, from, to, RESUMED_START)) {
      throw new Mismatch(from, "expected a call, a signal or an exit");
    }
    int name = from + RESUMED_START.length;
    int i = name;
    while (i < to && s[i] != ' ') {
      i++;
    }
    if (!at(s, i, to, RESUMED_END)) {
      throw new Mismatch(i, "expected ` resumed>`");
    }
    CallTable.Entry entry = CallTable.find(s, name, i);
    if (entry == null) {
      entry = CallTable.findRaw(s, name, i);
    }
    return new StraceLine.Resumed(
        head,
        entry == null ? latin1(s, name, i) : entry.name(),
        Bytes.of(s, i + RESUMED_END.length, to));
  }

  private static StraceLine death(LineHead head, byte[] s, int from, int to) throws Mismatch {
    if (at(s, from, to, EXITED) && endsWith(s, from, to, PLUSES)) {
      int status = integer(s, from + EXITED.length, to - PLUSES.length);
      return new StraceLine.Death(head, status, 0, false);
    }
    if (at(s, from, to, KILLED)) {
      boolean dumped = endsWith(s, from, to, DUMPED);
      int end = to - (dumped ? DUMPED.length : PLUSES.length);
      if (dumped || endsWith(s, from, to, PLUSES)) {
        return new StraceLine.Death(head, 0, signalNumber(s, from + KILLED.length, end), dumped);
      }
    }
    if (at(s, from, to, SUPERSEDED) && endsWith(s, from, to, PLUSES)) {
      int by = integer(s, from + SUPERSEDED.length, to - PLUSES.length);
      return new StraceLine.Superseded(head, by);
    }
    throw new Mismatch(from, "expected `+++ exited with`, `+++ killed by` or `+++ superseded by`");
  }

  private static StraceLine signal(LineHead head, byte[] s, int from, int to) throws Mismatch {
    if (!at(s, from, to, SIGNAL) || !endsWith(s, from, to, DASHES) || to - from < 8) {
      throw new Mismatch(from, "expected `--- SIGNAL ... ---`");
    }
    int end = to - DASHES.length;
    if (at(s, from, to, STOPPED)) {
      int number = signalNumber(s, from + STOPPED.length, end);
      return new StraceLine.Signal(head, number, Bytes.EMPTY, true);
    }
    int name = from + SIGNAL.length;
    int i = name;
    while (i < end && s[i] != ' ') {
      i++;
    }
    // With -X verbose the number comes first: --- 17 /* SIGCHLD */ {...} ---
    int nameEnd = i;
    if (i + 2 < end && s[i + 1] == '/' && s[i + 2] == '*') {
      while (i < end && s[i] != '{') {
        i++;
      }
      i = Math.max(nameEnd, i - 1);
    }
    int number = signalNumber(s, name, nameEnd);
    return new StraceLine.Signal(head, number, Bytes.of(s, Math.min(end, i + 1), end), false);
  }

  private static int signalNumber(byte[] s, int from, int to) throws Mismatch {
    if (from < to && s[from] >= '0' && s[from] <= '9') {
      int i = from;
      while (i < to && s[i] != ' ') {
        i++;
      }
      return integer(s, from, i);
    }
    Long number = Constants.group("signal").value(s, from, to);
    if (number == null) {
      throw new Mismatch(from, "expected the name of a signal");
    }
    return number.intValue();
  }

  private static int integer(byte[] s, int from, int to) throws Mismatch {
    long n = 0;
    int i = from;
    while (i < to && i - from < 10 && s[i] >= '0' && s[i] <= '9') {
      n = n * 10 + s[i++] - '0';
    }
    if (i == from || i != to || n > Integer.MAX_VALUE) {
      throw new Mismatch(i, "expected a number");
    }
    return (int) n;
  }

  private static String latin1(byte[] s, int from, int to) {
    return new String(s, from, to - from, StandardCharsets.ISO_8859_1);
  }

  private static boolean at(byte[] s, int i, int to, byte[] text) {
    return i + text.length <= to && Arrays.equals(s, i, i + text.length, text, 0, text.length);
  }

  private static boolean endsWith(byte[] s, int from, int to, byte[] text) {
    return to - from >= text.length && Arrays.equals(s, to - text.length, to, text, 0, text.length);
  }
}
