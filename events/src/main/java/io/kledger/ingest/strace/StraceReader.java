package io.kledger.ingest.strace;

import io.kledger.event.Bytes;
import io.kledger.event.avro.Event;
import io.kledger.event.avro.Gap;
import io.kledger.event.avro.Outcome;
import io.kledger.event.avro.Phase;
import io.kledger.event.avro.SignalDelivered;
import io.kledger.event.avro.Syscall;
import io.kledger.event.avro.TaskDied;
import io.kledger.event.avro.TaskSuperseded;
import io.kledger.event.avro.TracerMessage;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Reads a whole trace as events, in constant memory. Each line becomes one event, none is dropped:
 * what has no record stays as text.
 */
public final class StraceReader implements Closeable {
  private static final int SHOWN = 4096;
  private static final Bytes SUMMARY = Bytes.wrap(StraceLineParser.SUMMARY);
  private static final byte[] ATTACHED = ValueParser.ascii(" attached");
  private static final byte[] MESSAGE = ValueParser.ascii("strace: Process ");

  private final InputStream in;
  private final StraceOptions options;
  private final StraceLineParser parser;
  private final LineSplitter lines;
  private final TraceClock clock;
  private final PendingCalls pending;
  private long lineNumber;
  private long events;
  private ThreadNumbers threads;

  /** The line before, if it began a call. */
  private StraceLine.Unfinished last;

  /** The trace has ended, what follows is the table of -C. */
  private boolean summary;

  /** The beginning of a line that a message of strace interrupted. */
  private byte[] carried;

  private StraceReader(InputStream in, StraceOptions options) {
    this.in = in;
    this.options = options;
    parser = new StraceLineParser(options);
    lines = new LineSplitter(in, options.maxLine());
    clock = new TraceClock(options.startOfDay());
    pending = new PendingCalls(options.maxPending());
  }

  /** A reader of that stream, which closes it. */
  public static StraceReader open(InputStream in, StraceOptions options) {
    return new StraceReader(in, options);
  }

  /** Lines read so far. */
  public long lines() {
    return lineNumber;
  }

  /** Events given to the sink so far. */
  public long events() {
    return events;
  }

  /**
   * Reads to the end of the stream.
   *
   * @throws StraceSyntaxException at the first line that cannot be read, unless salvaging
   */
  public void read(EventSink sink) throws IOException {
    int there = lines.prefetch();
    threads = new ThreadNumbers(options.defaultTid(), lines.buffer(), 0, there);
    while (lines.advance()) {
      lineNumber++;
      if (lines.from() == lines.to()) {
        continue;
      }
      try {
        line(sink);
      } catch (StraceSyntaxException e) {
        if (continued(sink)) {
          continue;
        }
        if (!options.salvage()) {
          throw e;
        }
        int shown = Math.min(lines.to(), lines.from() + SHOWN);
        ByteBuffer text = ByteBuffer.wrap(Arrays.copyOfRange(lines.buffer(), lines.from(), shown));
        gap(sink, e.problem(), text, e.column());
      }
    }
    if (carried != null) {
      gap(sink, "the trace ends within a line", ByteBuffer.wrap(carried), 0);
      carried = null;
    }
  }

  private void line(EventSink sink) throws IOException {
    if (lines.tooLong()) {
      throw error(options.maxLine(), "the line is longer than " + options.maxLine() + " bytes");
    }
    byte[] s = lines.buffer();
    int from = lines.from();
    int to = lines.to();
    if (interrupted(sink, s, from, to)) {
      return;
    }
    if (carried != null) {
      s = Bytes.wrap(carried).plus(Bytes.of(s, from, to)).toArray();
      carried = null;
      from = 0;
      to = s.length;
    }
    if (summary) {
      tracerMessage(sink, Bytes.of(s, from, to));
      return;
    }
    emit(sink, parser.parse(s, from, to, lineNumber));
  }

  /**
   * With -z strace leaves out the beginning of the line that ends a call, if the line before was
   * the one that began it.
   */
  private boolean continued(EventSink sink) throws IOException {
    PendingCalls.Pending call = last == null ? null : pending.remove(tid(last));
    if (call == null) {
      return false;
    }
    Bytes rest = Bytes.of(lines.buffer(), lines.from(), lines.to());
    StraceLine.Resumed line =
        new StraceLine.Resumed(call.begun().head(), call.begun().name(), rest);
    try {
      StraceLine.Call joined = parser.join(call.begun(), line, lineNumber);
      last = null;
      syscall(sink, joined, Phase.RETURNED, call.position());
      return true;
    } catch (StraceSyntaxException e) {
      pending.put(tid(last), call);
      return false;
    }
  }

  /**
   * With strace's output on a terminal, its own messages fall into the middle of a line: {@code
   * clone(flags=SIGCHLDstrace: Process 6 attached}. The line goes on after the message.
   */
  private boolean interrupted(EventSink sink, byte[] s, int from, int to) throws IOException {
    if (s[to - 1] != 'd' || !endsWith(s, from, to, ATTACHED)) {
      return false;
    }
    int at = to - ATTACHED.length;
    while (at > from && s[at - 1] >= '0' && s[at - 1] <= '9') {
      at--;
    }
    at -= MESSAGE.length;
    if (at <= from || !Arrays.equals(s, at, at + MESSAGE.length, MESSAGE, 0, MESSAGE.length)) {
      return false;
    }
    Bytes before = Bytes.of(s, from, at);
    carried = (carried == null ? before : Bytes.wrap(carried).plus(before)).toArray();
    if (carried.length > options.maxLine()) {
      throw error(1, "the line is longer than " + options.maxLine() + " bytes");
    }
    tracerMessage(sink, Bytes.of(s, at, to));
    return true;
  }

  private void tracerMessage(EventSink sink, Bytes text) throws IOException {
    threads.message(text);
    send(sink, 0, -1, 0, new TracerMessage(text.toBuffer()));
  }

  private void emit(EventSink sink, StraceLine line) throws IOException {
    last = line instanceof StraceLine.Unfinished begun ? begun : null;
    switch (line) {
      case StraceLine.Call call -> {
        lost(sink, pending.isEmpty() ? null : pending.remove(tid(call)));
        syscall(sink, call, Phase.WHOLE, 0);
      }
      case StraceLine.Unfinished begun -> entered(sink, begun);
      case StraceLine.Resumed resumed -> returned(sink, resumed);
      case StraceLine.Signal signal ->
          send(
              sink,
              signal,
              new SignalDelivered(signal.signal(), signal.info().toBuffer(), signal.stopped()));
      case StraceLine.Death death -> {
        pending.remove(tid(death));
        send(sink, death, new TaskDied(death.status(), death.signal(), death.coreDumped()));
        threads.died(tid(death));
      }
      case StraceLine.Superseded superseded -> {
        // From here on the thread that called execve has the leader's number.
        pending.remove(tid(superseded));
        PendingCalls.Pending execve = pending.remove(superseded.by());
        if (execve != null) {
          pending.put(tid(superseded), execve);
        }
        send(sink, superseded, new TaskSuperseded(superseded.by()));
      }
      case StraceLine.Message message -> {
        if (message.head().tid() == 0 && message.head().time() == LineHead.Time.NONE) {
          summary = message.text().startsWith(SUMMARY);
          tracerMessage(sink, message.text());
        } else {
          send(sink, message, new TracerMessage(message.text().toBuffer()));
        }
      }
    }
  }

  private void entered(EventSink sink, StraceLine.Unfinished begun) throws IOException {
    lost(sink, pending.remove(tid(begun)));
    Syscall call = new Syscall(Phase.ENTERED, begun.call(), null, false, 0L, null, prefix(begun));
    long position = send(sink, begun, call);
    if (begun.detached()) {
      return;
    }
    pending.put(tid(begun), new PendingCalls.Pending(begun, position));
    if (pending.overfull()) {
      if (!options.salvage()) {
        throw error(1, "more than " + options.maxPending() + " calls wait for their return");
      }
      lost(sink, pending.removeOldest());
    }
  }

  private void returned(EventSink sink, StraceLine.Resumed resumed) throws IOException {
    PendingCalls.Pending call = pending.remove(tid(resumed));
    if (call == null) {
      syscall(sink, parser.joinUnknown(resumed), Phase.RETURNED, 0);
    } else if (!call.begun().name().equals(resumed.name())) {
      lost(sink, call);
      syscall(sink, parser.joinUnknown(resumed), Phase.RETURNED, 0);
    } else {
      StraceLine.Call joined = parser.join(call.begun(), resumed, lineNumber);
      syscall(sink, joined, Phase.RETURNED, call.position());
    }
  }

  /** A task goes on although its call has not returned: the line that said so is missing. */
  private void lost(EventSink sink, PendingCalls.Pending call) throws IOException {
    if (call != null) {
      gap(sink, "the return of " + call.begun().name() + " is missing", null, 0);
    }
  }

  private void syscall(EventSink sink, StraceLine.Call call, Phase phase, long entered)
      throws IOException {
    Outcome outcome = call.outcome();
    Long duration = call.duration() < 0 ? null : call.duration();
    send(
        sink,
        call,
        new Syscall(phase, call.call(), outcome, false, entered, duration, prefix(call)));
  }

  private static ByteBuffer prefix(StraceLine line) {
    Bytes prefix = line.head().prefix();
    return prefix.isEmpty() ? null : prefix.toBuffer();
  }

  private int tid(StraceLine line) {
    return threads.of(line.head());
  }

  private long send(EventSink sink, StraceLine line, Object body) throws IOException {
    long realtime = clock.realtime(line.head());
    return send(sink, realtime, clock.monotonic(line.head()), tid(line), body);
  }

  private long send(EventSink sink, long realtime, long monotonic, int tid, Object body)
      throws IOException {
    events++;
    return sink.accept(new Event(0L, realtime, monotonic, tid, options.source(), lineNumber, body));
  }

  private void gap(EventSink sink, String reason, ByteBuffer text, int column) throws IOException {
    send(sink, 0, -1, 0, new Gap(reason, 1L, text, lineNumber, column));
  }

  private StraceSyntaxException error(int column, String problem) {
    return new StraceSyntaxException(options.name(), lineNumber, column, problem);
  }

  private static boolean endsWith(byte[] s, int from, int to, byte[] text) {
    return to - from >= text.length && Arrays.equals(s, to - text.length, to, text, 0, text.length);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
