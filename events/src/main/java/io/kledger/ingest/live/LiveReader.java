package io.kledger.ingest.live;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kledger.event.EventClasses;
import io.kledger.event.avro.Event;
import io.kledger.event.avro.Gap;
import io.kledger.event.avro.Outcome;
import io.kledger.event.avro.Phase;
import io.kledger.event.avro.Syscall;
import io.kledger.event.avro.TaskDied;
import io.kledger.event.avro.TaskObserved;
import io.kledger.ingest.strace.EventSink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * Reads what {@link LiveProgram} prints as events, in the order of time. Processors print side by
 * side, so a record is held until one that is {@link #WINDOW} nanoseconds younger is there. A call
 * is given when it ends; one that makes a task when the task is made, so that it comes before what
 * the task does.
 */
public final class LiveReader {
  static final long WINDOW = 500_000_000L;
  private static final int MAX_WAITING = 1 << 20;
  private static final String CONCLUDED = "[bpftrace: a thread of that process]";

  /** CLONE_VM, FS, FILES, SIGHAND, THREAD and SYSVSEM: what threads share. */
  private static final long THREAD = 0x50f00;

  private static final ObjectMapper JSON = new ObjectMapper();

  static {
    EventClasses.trust();
  }

  private sealed interface Item {
    long nanos();
  }

  private record Entry(
      int tid,
      long nanos,
      int pid,
      String name,
      long[] words,
      Map<Integer, String> strings,
      long[] flags,
      boolean[] given)
      implements Item {}

  private record Exit(int tid, long nanos, String name, long result) implements Item {}

  private record Fork(int tid, long nanos, int child) implements Item {}

  private record Death(int tid, long nanos, int code) implements Item {}

  private record Numbered(long number, Item item) {}

  private final LiveCalls calls = new LiveCalls();
  private final PriorityQueue<Numbered> waiting =
      new PriorityQueue<>(
          Comparator.<Numbered>comparingLong(n -> n.item().nanos())
              .thenComparingLong(Numbered::number));
  private final Map<Integer, Entry> arriving = new HashMap<>();
  private final Map<Integer, Entry> open = new HashMap<>();
  private final Set<Integer> known = new HashSet<>();
  private long scanBegan = Long.MAX_VALUE;
  private long scanEnded = Long.MAX_VALUE;
  private long realtime;
  private long newest;
  private long line;
  private long lost;
  private boolean begun;

  /** Whether the program runs: what happens from now on is seen. */
  public boolean begun() {
    return begun;
  }

  /** Records that bpftrace could not print so far. */
  public long lost() {
    return lost;
  }

  /** Tells the time: what is added to the program's nanoseconds to have those since 1970. */
  public void realtime(long offset) {
    realtime = offset;
  }

  /**
   * What /proc showed: events that ended before are in it and are passed over; forks and deaths
   * during the scan are given only if it does not show them.
   *
   * @param began the program's nanoseconds before the scan, {@code ended} after it
   * @param tasks that were found
   */
  public void snapshot(long began, long ended, List<Integer> tasks) {
    scanBegan = began;
    scanEnded = ended;
    known.clear();
    known.addAll(tasks);
  }

  /** Calls between two times, among those that came so far, that a scan must not overlap. */
  public long sensitive(long from, long to) {
    return waiting.stream()
        .filter(
            n ->
                n.item() instanceof Exit exit
                    && exit.nanos() >= from
                    && exit.nanos() <= to
                    && exit.result() >= 0
                    && LiveCalls.sensitive(exit.name()))
        .count();
  }

  /**
   * Takes one line of bpftrace's output.
   *
   * @throws IOException if it is none, with its number
   */
  public void add(String text) throws IOException {
    line++;
    if (text.isBlank()) {
      return;
    }
    JsonNode record;
    try {
      record = JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IOException("bpftrace, line " + line + ": " + e.getOriginalMessage(), e);
    }
    switch (record.path("type").asText()) {
      case "printf" -> {
        if (!printed(record.path("data").asText())) {
          throw new IOException("bpftrace, line " + line + ": no record of kledger's program");
        }
      }
      case "lost_events" -> lost += Math.max(1, record.path("data").path("events").asLong());
      default -> {}
    }
  }

  private boolean printed(String data) {
    String[] f = data.split(" ", data.startsWith("S ") ? 4 : -1);
    try {
      switch (f[0]) {
        case "B" -> begun = true;
        case "E" -> entered(f);
        case "S" -> string(Integer.parseInt(f[1]), Integer.parseInt(f[2]), f[3]);
        case "W" -> {
          Entry entry = arriving.get(Integer.parseInt(f[1]));
          if (entry != null) {
            entry.flags()[0] = Long.parseUnsignedLong(f[2], 16);
          }
        }
        case "X" -> {
          String name = LiveCalls.name(Long.parseLong(f[3]));
          if (name != null) {
            wait(
                new Exit(Integer.parseInt(f[1]), Long.parseLong(f[2]), name, Long.parseLong(f[4])));
          }
        }
        case "F" ->
            wait(new Fork(Integer.parseInt(f[1]), Long.parseLong(f[2]), Integer.parseInt(f[3])));
        case "D" ->
            wait(new Death(Integer.parseInt(f[1]), Long.parseLong(f[2]), Integer.parseInt(f[3])));
        default -> {
          return false;
        }
      }
      return true;
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
      return false;
    }
  }

  private void entered(String[] f) {
    String name = LiveCalls.name(Long.parseLong(f[4]));
    if (name == null) {
      return;
    }
    long[] words = new long[5];
    for (int i = 0; i < words.length; i++) {
      words[i] = Long.parseUnsignedLong(f[5 + i], 16);
    }
    int tid = Integer.parseInt(f[1]);
    Entry entry =
        new Entry(
            tid,
            Long.parseLong(f[2]),
            Integer.parseInt(f[3]),
            name,
            words,
            new HashMap<>(),
            new long[1],
            new boolean[1]);
    arriving.put(tid, entry);
    wait(entry);
  }

  /** What may have been cut, and null pointers, which read as empty strings, stay words. */
  private void string(int tid, int index, String text) {
    Entry entry = arriving.get(tid);
    if (entry != null
        && text.length() < LiveCalls.STRING_LIMIT
        && index >= 0
        && index < entry.words().length
        && entry.words()[index] != 0) {
      entry.strings().put(index, text);
    }
  }

  private void wait(Item item) {
    newest = Math.max(newest, item.nanos());
    waiting.add(new Numbered(line, item));
  }

  /** Gives the events that are due. */
  public void drain(EventSink sink) throws IOException {
    while (!waiting.isEmpty()
        && (waiting.peek().item().nanos() < newest - WINDOW || waiting.size() > MAX_WAITING)) {
      give(waiting.poll().item(), sink);
    }
  }

  /** Gives all events: nothing more comes. */
  public void finish(EventSink sink) throws IOException {
    while (!waiting.isEmpty()) {
      give(waiting.poll().item(), sink);
    }
  }

  private void give(Item item, EventSink sink) throws IOException {
    boolean before = item.nanos() < scanBegan && scanBegan != Long.MAX_VALUE;
    boolean during = !before && item.nanos() <= scanEnded && scanEnded != Long.MAX_VALUE;
    switch (item) {
      case Entry entry -> open.put(entry.tid(), entry);
      case Exit exit -> {
        Entry entry = open.remove(exit.tid());
        if (entry != null && !before && entry.name().equals(exit.name()) && !entry.given()[0]) {
          call(entry, exit.nanos(), exit.result(), 0, sink);
        }
      }
      case Fork fork -> {
        Entry entry = open.get(fork.tid());
        boolean shown = known.contains(fork.child());
        if (entry != null && LiveCalls.forks(entry.name())) {
          entry.given()[0] = true;
          if (!before && !(during && shown)) {
            call(entry, fork.nanos(), result(fork), fork.child(), sink);
          }
        }
        known.add(fork.child());
      }
      case Death death -> {
        boolean there = known.remove(death.tid());
        open.remove(death.tid());
        arriving.remove(death.tid());
        if (!before && there) {
          TaskDied died = new TaskDied(death.code() >> 8 & 0xff, death.code() & 0x7f, false);
          send(sink, death.tid(), death.nanos(), died);
        }
      }
    }
  }

  /** In an inner pid namespace the call returns another number than the one seen from outside. */
  private long result(Fork fork) {
    for (Numbered n : waiting) {
      if (n.item() instanceof Exit exit
          && exit.tid() == fork.tid()
          && LiveCalls.forks(exit.name())
          && exit.nanos() > fork.nanos()
          && exit.result() > 0) {
        return exit.result();
      }
    }
    return fork.child();
  }

  private void call(Entry entry, long nanos, long result, int child, EventSink sink)
      throws IOException {
    if (known.add(entry.tid())) {
      thread(entry, nanos, sink);
    }
    boolean failed = result < 0 && result >= -4095;
    boolean other = child != 0 && result != child;
    Outcome outcome =
        failed
            ? new Outcome(-1L, (int) -result, false, null, null, null)
            : new Outcome(result, 0, false, null, other ? (long) child : null, null);
    Object call = calls.call(entry.name(), entry.words(), entry.strings(), entry.flags()[0]);
    send(sink, entry.tid(), nanos, new Syscall(Phase.WHOLE, call, outcome, false, 0L, null, null));
  }

  /** A task that the scan, which looks at processes, did not show: a thread of one, as a rule. */
  private void thread(Entry entry, long nanos, EventSink sink) throws IOException {
    if (entry.tid() != entry.pid() && known.contains(entry.pid())) {
      ByteBuffer prefix = ByteBuffer.wrap(CONCLUDED.getBytes(StandardCharsets.US_ASCII));
      long[] words = {THREAD, 0, 0, 0, 0};
      Object call = calls.call("clone", words, Map.of(), 0);
      Outcome outcome = new Outcome((long) entry.tid(), 0, false, null, null, null);
      Syscall made = new Syscall(Phase.WHOLE, call, outcome, false, 0L, null, prefix);
      send(sink, entry.pid(), nanos, made);
      return;
    }
    TaskObserved task =
        TaskObserved.newBuilder()
            .setTid(entry.tid())
            .setTgid(entry.pid())
            .setPpid(0)
            .setComm(ByteBuffer.allocate(0))
            .setUids(List.of(0L, 0L, 0L, 0L))
            .setGids(List.of(0L, 0L, 0L, 0L))
            .build();
    send(sink, 0, nanos, task);
  }

  /** A gap of records that were lost. */
  public static Gap gap(long records) {
    return new Gap("bpftrace lost records", records, null, 0L, 0);
  }

  private void send(EventSink sink, int tid, long nanos, Object body) throws IOException {
    sink.accept(new Event(0L, nanos + realtime, nanos, tid, 0, line, body));
  }
}
