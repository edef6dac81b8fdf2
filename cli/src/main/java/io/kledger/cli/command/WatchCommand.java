package io.kledger.cli.command;

import io.kledger.cli.render.Format;
import io.kledger.cli.render.Json;
import io.kledger.cli.render.Plain;
import io.kledger.engine.Engine;
import io.kledger.event.avro.Event;
import io.kledger.filter.EventFields;
import io.kledger.filter.Filter;
import io.kledger.ingest.strace.EventRenderer;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.task.Task;
import io.kledger.log.Cursor;
import io.kledger.replay.AsOf;
import io.kledger.replay.FeedCursor;
import io.kledger.replay.Ledger;
import io.kledger.view.Cgroups;
import io.kledger.view.Locks;
import io.kledger.view.MountInfo;
import io.kledger.view.Note;
import io.kledger.view.Notes;
import io.kledger.view.Tasks;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The change feed. */
@Command(
    name = "watch",
    mixinStandardHelpOptions = true,
    description = {
      "Prints changes by their kernel names, each with its cursor and the causing event.",
      "WHAT: mounts, locks, cgroups, tasks, fds, namespaces; default: mounts locks cgroups. What"
          + " follows is a filter, as of kledger log, with note.type and note.path too."
    })
public final class WatchCommand implements Callable<Integer> {
  private static final List<String> COLUMNS =
      List.of("CURSOR", "POSITION", "TYPE", "KEYS", "EVENT");

  @Spec private CommandSpec spec;

  @Mixin private LedgerMixin ledger;

  @Parameters(arity = "0..*", paramLabel = "WHAT|FILTER")
  private List<String> words = List.of();

  @Option(
      names = "--initial",
      description = "The state first, then the changes since, under one cursor.")
  private boolean initial;

  @Option(
      names = "--after-cursor",
      paramLabel = "CURSOR",
      description = "Only what came after; the cursor is printed with each change.")
  private String after;

  @Option(
      names = {"-f", "--follow"},
      description = "Go on as events are appended.")
  private boolean follow;

  @Option(
      names = {"-n", "--lines"},
      paramLabel = "N",
      description = "Stop after N changes.")
  private long limit = Long.MAX_VALUE;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}.")
  private Format format;

  private final TreeSet<String> families = new TreeSet<>();
  private Filter filter;
  private PrintWriter out;
  private long shown;

  @Override
  public Integer call() {
    arguments();
    out = spec.commandLine().getOut();
    try (Ledger opened = ledger.open()) {
      long end = opened.end();
      long from = initial ? end : 0;
      if (after != null) {
        from = FeedCursor.parse(after, opened.log(), opened.machine()).position();
      }
      try (AsOf state = opened.stateAt(from)) {
        if (initial && after == null) {
          initial(opened, state.state(), from);
        }
        changes(opened, state.engine(), from);
      }
    }
    if (format == Format.json) {
      out.println(shown == 0 ? "[]" : "\n]");
    }
    return shown == 0 ? ExitCode.NOTHING : ExitCode.SHOWN;
  }

  private void arguments() {
    List<String> rest = new ArrayList<>();
    for (String word : words) {
      String family = rest.isEmpty() ? family(word) : null;
      if (family == null) {
        rest.add(word);
      } else {
        families.add(family);
      }
    }
    if (families.isEmpty()) {
      families.addAll(List.of("mount", "sb", "lock", "cgroup"));
    }
    if (families.contains("mount")) {
      families.add("sb");
    }
    filter = Filter.parse(String.join(" ", rest));
  }

  private static String family(String word) {
    return switch (word) {
      case "mounts" -> "mount";
      case "locks" -> "lock";
      case "cgroups" -> "cgroup";
      case "tasks" -> "task";
      case "fds" -> "fd";
      case "namespaces" -> "ns";
      default -> null;
    };
  }

  private void changes(Ledger opened, Engine engine, long from) {
    Notes notes = new Notes();
    engine.listener(notes);
    try (Cursor cursor = opened.events(from + 1)) {
      while (shown < limit && !out.checkError()) {
        Event event = follow ? cursor.await(Duration.ofSeconds(1)) : cursor.next();
        if (event == null) {
          if (!follow || Thread.currentThread().isInterrupted()) {
            return;
          }
          continue;
        }
        notes.begin();
        try {
          engine.fold(event);
        } catch (RuntimeException e) {
          spec.commandLine()
              .getErr()
              .println("kledger: event @" + event.getPosition() + " could not be folded: " + e);
          continue;
        }
        for (Note note : notes.notes()) {
          if (families.contains(note.family()) && matches(event, note, engine.state())) {
            print(opened, event, note);
          }
        }
        if (follow) {
          out.flush();
        }
      }
    }
  }

  private boolean matches(Event event, Note note, KernelState state) {
    EventFields fields = new EventFields(event, state);
    return filter.matches(
        field ->
            switch (field) {
              case "note.type" -> note.type();
              case "note.path" -> String.join(" ", note.keys().getOrDefault("path", List.of()));
              default -> fields.apply(field);
            });
  }

  private void print(Ledger opened, Event event, Note note) {
    if (shown == limit) {
      return;
    }
    String cursor = cursor(opened, event.getPosition());
    if (format == Format.text) {
      out.println(cursor + " " + Plain.safe(Texts.bytes(note.toString())));
      out.println("  @" + event.getPosition() + " " + Plain.safe(EventRenderer.line(event)));
    } else {
      List<Object> keys = new ArrayList<>();
      note.keys().forEach((name, values) -> keys.add(name + "=" + values.getFirst()));
      json(
          Arrays.asList(cursor, event.getPosition(), note.type(), keys, EventRenderer.line(event)));
    }
    shown++;
  }

  private static String cursor(Ledger opened, long position) {
    return new FeedCursor(opened.log().id(), opened.machine().name(), position).toString();
  }

  private void json(List<Object> row) {
    String object = Json.object(COLUMNS, row);
    out.print(format == Format.jsonl ? object + "\n" : (shown == 0 ? "[\n" : ",\n") + object);
  }

  private void initial(Ledger opened, KernelState state, long position) {
    String cursor = cursor(opened, position);
    if (families.contains("mount")) {
      for (List<String> lines : mountTables(state)) {
        lines.forEach(line -> state(cursor, position, "mount", line));
      }
    }
    if (families.contains("lock")) {
      Locks.proc(state).forEach(line -> state(cursor, position, "lock", line));
    }
    if (families.contains("cgroup")) {
      Cgroups.text(state, null).forEach(line -> state(cursor, position, "cgroup", line));
    }
    if (families.contains("task")) {
      for (Task task : Tasks.all(state)) {
        state(cursor, position, "task", task.tid() + " " + task.comm().latin1());
      }
    }
  }

  /**
   * What each namespace's oldest task sees; where all are gone, what is in the oldest namespace.
   */
  private static List<List<String>> mountTables(KernelState state) {
    TreeMap<Long, Task> viewers = new TreeMap<>();
    for (Task task : state.tasks.rows()) {
      if (task.alive() && task.namespaces().mount() != 0) {
        viewers.putIfAbsent(task.namespaces().mount(), task);
      }
    }
    if (viewers.isEmpty() && state.mounts.size() > 0) {
      MountViewer outside = MountViewer.of(state, null, null);
      return List.of(MountInfo.lines(state, outside.namespace(), outside.root()));
    }
    return viewers.values().stream().map(task -> MountInfo.lines(state, task)).toList();
  }

  private void state(String cursor, long position, String family, String line) {
    if (format == Format.text) {
      out.println(cursor + " " + family + ".state " + Plain.safe(Texts.bytes(line)));
    } else {
      json(Arrays.asList(cursor, position, family + ".state", List.of(Texts.bytes(line)), null));
    }
    shown++;
  }
}
