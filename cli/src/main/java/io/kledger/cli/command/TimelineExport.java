package io.kledger.cli.command;

import io.kledger.cli.render.Json;
import io.kledger.cli.render.Plain;
import io.kledger.engine.Engine;
import io.kledger.engine.Engines;
import io.kledger.event.Bytes;
import io.kledger.event.avro.Event;
import io.kledger.event.avro.FcntlCall;
import io.kledger.event.avro.FlockCall;
import io.kledger.event.avro.Gap;
import io.kledger.event.avro.Marker;
import io.kledger.event.avro.Syscall;
import io.kledger.event.avro.TaskDied;
import io.kledger.ingest.strace.CallRenderer;
import io.kledger.ingest.strace.EventRenderer;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.task.Task;
import io.kledger.kernel.task.ThreadGroup;
import io.kledger.log.Cursor;
import java.io.PrintWriter;
import java.util.Map;
import java.util.TreeMap;

/**
 * Events on a time line, in Chrome's trace format, which ui.perfetto.dev and chrome://tracing open:
 * calls, those that waited for a lock apart, lives of tasks, gaps and markers.
 */
final class TimelineExport {
  private static final int MAX_OPEN = 1 << 16;

  private final PrintWriter out;
  private final Engine engine = Engines.create(new KernelState());
  private final Map<Long, Event> entered = new TreeMap<>();
  private final Map<Integer, Life> lives = new TreeMap<>();
  private String separator = "\n";
  private long latest;

  /** A task that was seen. */
  private record Life(long since, int process, Bytes name) {}

  TimelineExport(PrintWriter out) {
    this.out = out;
  }

  /** Writes the events from {@code from} to {@code last}; the cursor begins at the first. */
  void write(Cursor cursor, long from, long last) {
    out.print("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[");
    for (Event event = cursor.next();
        event != null && event.getPosition() <= last;
        event = cursor.next()) {
      try {
        engine.fold(event);
      } catch (RuntimeException e) {
        // A defect of the engine; the events are shown all the same.
      }
      if (event.getPosition() >= from && event.getRealtime() != 0) {
        latest = Math.max(latest, event.getRealtime());
        event(event);
      }
    }
    lives.forEach((tid, life) -> life(tid, life, latest));
    out.println("\n]}");
    out.flush();
  }

  private void event(Event event) {
    if (event.getTid() != 0) {
      Life known = lives.get(event.getTid());
      Life now = life(event, known == null ? event.getRealtime() : known.since());
      lives.put(event.getTid(), now);
    }
    switch (event.getBody()) {
      case Syscall call -> syscall(event, call);
      case TaskDied death -> {
        Life life = lives.remove(event.getTid());
        if (life != null) {
          life(event.getTid(), life, event.getRealtime());
        }
      }
      case Gap gap -> instant(event, "gap: " + gap.getReason());
      case Marker marker -> instant(event, "mark: " + marker.getName());
      default -> {}
    }
  }

  private Life life(Event event, long since) {
    KernelState state = engine.state();
    Task task = state.task(event.getTid());
    ThreadGroup group = task == null ? null : state.groups.get(task.group());
    return new Life(
        since,
        group == null ? event.getTid() : group.tgid(),
        task == null ? Bytes.EMPTY : task.comm());
  }

  private void syscall(Event event, Syscall call) {
    switch (call.getPhase()) {
      case ENTERED -> {
        if (entered.size() < MAX_OPEN) {
          entered.put(event.getPosition(), event);
        }
      }
      case WHOLE ->
          slice(
              event,
              call,
              event.getRealtime(),
              call.getDuration() == null ? 0 : call.getDuration(),
              false);
      case RETURNED -> {
        Event begun = entered.remove(call.getEntered());
        long from = begun == null ? event.getRealtime() : begun.getRealtime();
        slice(event, call, from, event.getRealtime() - from, begun != null);
      }
    }
  }

  private void slice(Event event, Syscall call, long from, long nanos, boolean waited) {
    String name = CallRenderer.name(call.getCall());
    boolean lock = call.getCall() instanceof FlockCall || call.getCall() instanceof FcntlCall;
    boolean wait = waited && lock;
    object(
        "\"ph\":\"X\",\"name\":%s,\"cat\":\"%s\",%s,\"dur\":%s,\"args\":{\"position\":%d,\"text\":%s}"
            .formatted(
                Json.quote(wait ? "waits for a lock: " + name : name),
                wait ? "lock" : "syscall",
                where(event.getTid(), from),
                micros(Math.max(0, nanos)),
                event.getPosition(),
                Json.quote(Plain.safe(EventRenderer.line(event)))));
  }

  private void life(int tid, Life life, long until) {
    String name = Json.quote(Plain.safe(life.name().isEmpty() ? Bytes.of("task") : life.name()));
    object(
        "\"ph\":\"X\",\"name\":%s,\"cat\":\"task\",\"pid\":%d,\"tid\":%d,\"ts\":%s,\"dur\":%s"
            .formatted(
                name, life.process(), tid, micros(life.since()), micros(until - life.since())));
    object(
        "\"ph\":\"M\",\"name\":\"thread_name\",\"pid\":%d,\"tid\":%d,\"args\":{\"name\":%s}"
            .formatted(life.process(), tid, name));
  }

  private void instant(Event event, String text) {
    object(
        "\"ph\":\"i\",\"s\":\"g\",\"name\":%s,%s,\"args\":{\"position\":%d}"
            .formatted(
                Json.quote(text), where(event.getTid(), event.getRealtime()), event.getPosition()));
  }

  private String where(int tid, long nanos) {
    Life life = lives.get(tid);
    int process = life == null ? tid : life.process();
    return "\"pid\":%d,\"tid\":%d,\"ts\":%s".formatted(process, tid, micros(nanos));
  }

  private static String micros(long nanos) {
    return nanos / 1000 + "." + "%03d".formatted(nanos % 1000);
  }

  private void object(String members) {
    out.print(separator + "{" + members + "}");
    separator = ",\n";
  }
}
