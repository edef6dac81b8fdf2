package io.kledger.ingest.audit;

import io.kledger.event.EventClasses;
import io.kledger.event.avro.Event;
import io.kledger.event.avro.ForkCall;
import io.kledger.event.avro.Gap;
import io.kledger.event.avro.MountsObserved;
import io.kledger.event.avro.Outcome;
import io.kledger.event.avro.Phase;
import io.kledger.event.avro.PlaceObserved;
import io.kledger.event.avro.Syscall;
import io.kledger.event.avro.TaskDied;
import io.kledger.event.avro.TaskObserved;
import io.kledger.event.avro.TracerMessage;
import io.kledger.ingest.strace.EventSink;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.Set;
import java.util.TreeSet;

/**
 * Reads an audit log as events, in constant memory, in the order of the events' ids. The same bytes
 * give the same events. Nothing is dropped: a record that is no part of a call stays as text, ids
 * that are not in the log and counters of lost records become gaps.
 */
public final class AuditReader implements Closeable {
  private static final int SHOWN = 4096;
  private static final int MAX_TASKS = 1 << 16;
  private static final int MAX_NODES = 4096;
  private static final String UNKNOWN_ROOT = "1 1 0:0 / / rw - ? ? rw";

  static {
    EventClasses.trust();
  }

  private final InputStream in;
  private final AuditOptions options;
  private final RecordSource records;
  private final EventQueue queue = new EventQueue();
  private final AuditCalls calls = new AuditCalls();

  /** Tasks that events were given of, with the words of their last execve. */
  private final Map<Integer, List<String>> tasks =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, List<String>> eldest) {
          return size() > MAX_TASKS;
        }
      };

  private final AuditThreads threads = new AuditThreads();

  /** Ids of events that were given before their turn. */
  private final TreeSet<Long> taken = new TreeSet<>();

  /** Tasks whose beginning is in this log. */
  private final Set<Integer> born = new TreeSet<>();

  private boolean rootKnown;
  private long lost = -1;
  private long serial;
  private long events;

  private AuditReader(InputStream in, AuditOptions options) {
    this.in = in;
    this.options = options;
    records = new RecordSource(in, options.maxLine());
    rootKnown = options.rootKnown();
  }

  /** A reader of that stream, which closes it. */
  public static AuditReader open(InputStream in, AuditOptions options) {
    return new AuditReader(in, options);
  }

  /**
   * The machines in a log, by their node names in order of appearance; empty for records without.
   * Lines that cannot be read are passed over.
   */
  public static SequencedSet<String> nodes(InputStream in) throws IOException {
    SequencedSet<String> nodes = new LinkedHashSet<>();
    RecordSource source = new RecordSource(in, AuditOptions.of("").maxLine());
    for (var item = source.next(); item != null; item = source.next()) {
      if (item instanceof RecordSource.Found found && nodes.size() < MAX_NODES) {
        nodes.add(found.record().node());
      }
    }
    return nodes;
  }

  /** Whether these first bytes of a file are of an audit log rather than of a trace. */
  public static boolean recognizes(String beginning) {
    String line = beginning.lines().filter(l -> !l.isBlank()).findFirst().orElse("");
    return line.startsWith("__CURSOR=")
        || line.matches("(node=\\S+ )?type=\\S+ (msg=)?audit\\(\\d+\\.\\d+:\\d+\\).*");
  }

  /** Events given to the sink so far. */
  public long events() {
    return events;
  }

  /**
   * Reads to the end of the stream.
   *
   * @throws AuditSyntaxException at the first line that cannot be read, unless salvaging
   */
  public void read(EventSink sink) throws IOException {
    for (var item = records.next(); item != null; item = records.next()) {
      switch (item) {
        case RecordSource.Found found -> {
          if (wanted(found.record().node())) {
            queue.add(found.record());
            drain(sink);
          }
        }
        case RecordSource.Lost some -> lost(sink, some);
        case RecordSource.Bad bad -> bad(sink, bad);
      }
    }
    queue.flush();
    drain(sink);
  }

  private boolean wanted(String node) {
    return options.node() == null || options.node().equals(node);
  }

  private void bad(EventSink sink, RecordSource.Bad bad) throws IOException {
    if (!options.salvage()) {
      throw new AuditSyntaxException(options.name(), bad.line(), bad.column(), bad.problem());
    }
    String shown = bad.text().substring(0, Math.min(SHOWN, bad.text().length()));
    Gap gap = new Gap(bad.problem(), 1L, AuditCalls.bytes(shown), bad.line(), bad.column());
    send(sink, 0, 0, bad.line(), gap);
  }

  /** kernel/audit.c, audit_log_lost(): the counter since boot, now and then. */
  private void lost(EventSink sink, RecordSource.Lost some) throws IOException {
    if (!wanted(some.node())) {
      return;
    }
    long missing = -1;
    if (some.counter() >= 0) {
      missing = lost < 0 || some.counter() < lost ? some.counter() : some.counter() - lost;
      lost = some.counter();
      if (missing == 0) {
        return;
      }
    }
    drain(sink);
    gap(sink, "the kernel lost audit records", missing, 0, some.line());
  }

  private void drain(EventSink sink) throws IOException {
    for (AuditEvent event = queue.poll(); event != null; event = queue.poll()) {
      numbered(sink, event);
      emit(sink, event);
    }
  }

  /** Ids are given without a hole: what is missing was not written here. */
  private void numbered(EventSink sink, AuditEvent event) throws IOException {
    if (AuditTypes.ownSerial(event.records().getFirst().type())) {
      return;
    }
    long given = taken.subSet(serial + 1, Math.max(serial + 1, event.serial)).size();
    taken.headSet(event.serial).clear();
    if (serial > 0 && event.serial > serial + 1 + given) {
      long missing = event.serial - serial - 1 - given;
      String ids = missing == 1 ? "" + (serial + 1) : (serial + 1) + " to " + (event.serial - 1);
      gap(sink, "audit events " + ids + " are not in the log", missing, event.millis, event.line);
    } else if (event.serial < serial && serial - event.serial > EventQueue.WINDOW) {
      lost = -1;
      taken.clear();
      gap(sink, "audit ids begin again: the machine may have booted", -1, event.millis, event.line);
    }
    serial = event.serial;
  }

  private void emit(EventSink sink, AuditEvent event) throws IOException {
    if (event.syscall() != null) {
      syscall(sink, event);
    }
    for (AuditRecord record : event.records()) {
      boolean part = record.type().equals("SYSCALL") || AuditTypes.part(record.type());
      if (!part || event.syscall() == null && !record.type().equals("EOE")) {
        other(sink, record);
      }
    }
  }

  private void other(EventSink sink, AuditRecord record) throws IOException {
    Map<String, String> fields = record.fields();
    long pid = AuditRecord.number(fields.get("pid"), 10, 0);
    if (record.type().equals("ANOM_ABEND") && tasks.containsKey((int) pid)) {
      int signal = (int) AuditRecord.number(fields.get("sig"), 10, 0) & 0x7f;
      TaskDied died = new TaskDied(0, signal, false);
      for (int tid : threads.end((int) pid)) {
        send(sink, tid, record.millis(), record.line(), died);
      }
      send(sink, (int) pid, record.millis(), record.line(), died);
      tasks.remove((int) pid);
    }
    String text = record.type() + " " + record.text();
    String shown = text.substring(0, Math.min(options.maxLine(), text.length()));
    int tid = tasks.containsKey((int) pid) ? (int) pid : 0;
    TracerMessage message =
        new TracerMessage(AuditCalls.bytes(shown.replace(AuditRecord.ENRICHED, ' ')));
    send(sink, tid, record.millis(), record.line(), message);
  }

  private void syscall(EventSink sink, AuditEvent event) throws IOException {
    int pid = event.number("pid");
    if (pid <= 0) {
      gap(sink, "a SYSCALL record without pid", 1, event.millis, event.line);
      return;
    }
    known(sink, event, pid);
    List<String> argv = tasks.get(pid);
    List<String> words = argv == null || argv.isEmpty() ? event.title() : argv;
    String name = AuditCalls.name(event);
    boolean thread = AuditCalls.forks(event) && AuditThreads.made(event, queue);
    if (name.equals("exit") && threads.count(pid) > 0) {
      exit(sink, event, pid);
      return;
    }
    boolean concluded = thread && name.equals("clone3");
    Syscall call = concluded ? calls.thread(event) : calls.call(event, words);
    send(sink, pid, event.millis, event.line, call);
    switch (name) {
      case "execve", "execveat" -> {
        List<String> started = event.failed() ? null : event.argv();
        if (started != null) {
          tasks.put(pid, started);
        }
        if (!event.failed()) {
          threads.end(pid);
        }
      }
      case "exit_group" -> {
        // The record is written while the task goes away.
        long status = AuditRecord.number(event.syscall().get("a0"), 16, 0);
        TaskDied died = new TaskDied((int) status & 0xff, 0, false);
        for (int tid : threads.end(pid)) {
          send(sink, tid, event.millis, event.line, died);
        }
        send(sink, pid, event.millis, event.line, died);
        tasks.remove(pid);
        born.remove(pid);
      }
      default -> {
        if (AuditCalls.forks(event) && event.number("exit") > 0) {
          tasks.putIfAbsent(event.number("exit"), inherited(pid));
          born.add(event.number("exit"));
          if (thread) {
            threads.begin(pid, event.number("exit"));
          }
        }
      }
    }
  }

  /** The record has the number of the process; the thread is concluded. */
  private void exit(EventSink sink, AuditEvent event, int pid) throws IOException {
    int among = threads.count(pid);
    int tid = threads.exit(pid);
    String note = among == 1 ? "tid: the only thread" : "tid: the oldest of " + among + " threads";
    Syscall call = calls.exit(event, note);
    long status = AuditRecord.number(event.syscall().get("a0"), 16, 0);
    send(sink, tid, event.millis, event.line, call);
    send(sink, tid, event.millis, event.line, new TaskDied((int) status & 0xff, 0, false));
    tasks.remove(tid);
    born.remove(tid);
  }

  private List<String> inherited(int pid) {
    List<String> words = tasks.get(pid);
    return words == null ? List.of() : words;
  }

  /**
   * A task is seen for the first time: its parent's call comes first if it is in the log, else what
   * the record says of the task.
   */
  private void known(EventSink sink, AuditEvent event, int pid) throws IOException {
    if (tasks.containsKey(pid)) {
      return;
    }
    int parent = event.number("ppid");
    if (parent > 0 && tasks.containsKey(parent)) {
      AuditEvent fork = queue.takeFork(parent, pid);
      if (fork == null && options.continued() && !born.contains(parent)) {
        // It may be older than this log, and known already.
        send(sink, 0, event.millis, event.line, observed(event, pid, parent));
        tasks.put(pid, List.of());
        return;
      }
      born.add(pid);
      if (fork == null) {
        ByteBuffer prefix =
            AuditCalls.bytes("[audit " + event.serial + "; concluded from its ppid]");
        Outcome outcome = new Outcome((long) pid, 0, false, null, null, null);
        Syscall call = new Syscall(Phase.WHOLE, new ForkCall(), outcome, false, 0L, null, prefix);
        send(sink, parent, event.millis, event.line, call);
      } else {
        taken.add(fork.serial);
        send(sink, parent, fork.millis, fork.line, born(calls.call(fork, tasks.get(parent)), pid));
      }
      tasks.put(pid, inherited(parent));
      return;
    }
    if (!rootKnown) {
      rootKnown = true;
      List<ByteBuffer> lines = List.of(AuditCalls.bytes(UNKNOWN_ROOT));
      send(sink, 0, event.millis, event.line, new MountsObserved(0L, pid, lines));
    }
    send(sink, 0, event.millis, event.line, observed(event, pid, parent));
    tasks.put(pid, List.of());
  }

  /** The caller's own pid namespace may number the child otherwise. */
  private static Syscall born(Syscall call, int pid) {
    Outcome returned = call.getOutcome();
    Outcome outcome =
        returned.getValue() == pid
            ? returned
            : new Outcome(returned.getValue(), 0, false, null, (long) pid, null);
    return new Syscall(call.getPhase(), call.getCall(), outcome, false, 0L, null, call.getPrefix());
  }

  private static TaskObserved observed(AuditEvent event, int pid, int parent) {
    String comm = AuditRecord.decode(event.syscall().get("comm"));
    String exe = AuditRecord.decode(event.syscall().get("exe"));
    String cwd = event.cwd();
    TaskObserved.Builder task =
        TaskObserved.newBuilder()
            .setTid(pid)
            .setTgid(pid)
            .setPpid(Math.max(0, parent))
            .setComm(AuditCalls.bytes(comm == null ? "" : comm))
            .setUids(ids(event, "uid", "euid", "suid", "fsuid"))
            .setGids(ids(event, "gid", "egid", "sgid", "fsgid"))
            .setRoot(PlaceObserved.newBuilder().setPath(AuditCalls.bytes("/")).build());
    if (exe != null) {
      task.setExe(AuditCalls.bytes(exe));
    }
    if (cwd != null && cwd.startsWith("/")) {
      task.setCwd(PlaceObserved.newBuilder().setPath(AuditCalls.bytes(cwd)).build());
    }
    return task.build();
  }

  private static List<Long> ids(AuditEvent event, String... names) {
    List<Long> ids = new ArrayList<>();
    for (String name : names) {
      ids.add(AuditRecord.number(event.syscall().get(name), 10, 0));
    }
    return ids;
  }

  private void gap(EventSink sink, String reason, long missing, long millis, long line)
      throws IOException {
    send(sink, 0, millis, line, new Gap(reason, missing, null, line, 0));
  }

  private void send(EventSink sink, int tid, long millis, long line, Object body)
      throws IOException {
    events++;
    sink.accept(new Event(0L, millis * 1_000_000L, -1L, tid, 0, line, body));
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
