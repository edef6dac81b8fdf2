package io.kledger.cli.command;

import io.kledger.cli.render.Format;
import io.kledger.cli.render.Json;
import io.kledger.cli.render.Plain;
import io.kledger.engine.Engine;
import io.kledger.engine.Engines;
import io.kledger.event.Bytes;
import io.kledger.event.MachineId;
import io.kledger.event.Position;
import io.kledger.event.avro.Event;
import io.kledger.filter.EventFields;
import io.kledger.filter.Filter;
import io.kledger.ingest.strace.EventRenderer;
import io.kledger.kernel.KernelState;
import io.kledger.log.Cursor;
import io.kledger.log.EventLog;
import io.kledger.replay.Ledger;
import io.kledger.replay.When;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The events, one line each. */
@Command(
    name = "log",
    mixinStandardHelpOptions = true,
    description = {
      "Prints events, one strace-like line each, after their position.",
      "A filter is as in sysdig: evt.type in (mount,umount2) and proc.name=systemd; fields:"
          + " evt.num evt.type evt.time evt.failed evt.res evt.args evt.line proc.pid proc.tid"
          + " proc.name fd.num fd.name; operators: = != < <= > >= in contains startswith exists and"
          + " or not."
    })
public final class LogCommand implements Callable<Integer> {
  private static final List<String> COLUMNS =
      List.of("POSITION", "TIME", "TID", "TYPE", "SOURCE", "LINE", "TEXT");

  @Spec private CommandSpec spec;

  @Mixin private LedgerMixin ledger;

  @Parameters(arity = "0..*", paramLabel = "FILTER", description = "Which events; default: all.")
  private List<String> filter = List.of();

  @Option(
      names = {"-n", "--lines"},
      paramLabel = "N",
      description = "Only the last N.")
  private Integer last;

  @Option(names = "--from", paramLabel = "N", description = "From this position on.")
  private long from = 1;

  @Option(names = "--to", paramLabel = "N", description = "Up to this position.")
  private long to = Long.MAX_VALUE;

  @Option(
      names = "--object",
      paramLabel = "OBJECT",
      description = {
        "Only events that changed it: mount:PATH, task:PID, fd:PID:FD or cgroup:PATH; may be given"
            + " again for another."
      })
  private List<String> objects = List.of();

  @Option(
      names = "--around",
      paramLabel = "WHEN",
      description = "Only the events about this moment: @N, a time, -5min, end, a marker's name.")
  private String around;

  @Option(
      names = {"-C", "--context"},
      paramLabel = "N",
      defaultValue = "10",
      description = "With --around: so many events before and after; default ${DEFAULT-VALUE}.")
  private long context;

  @Option(
      names = {"-f", "--follow"},
      description = "Go on as events are appended.")
  private boolean follow;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}.")
  private Format format;

  private Filter wanted;
  private Set<Long> changing;
  private Engine engine;
  private PrintWriter out;
  private long shown;

  @Override
  public Integer call() {
    wanted = Filter.parse(String.join(" ", filter));
    out = spec.commandLine().getOut();
    boolean folding = wanted.uses("proc.name") || wanted.uses("proc.pid");
    engine = folding ? Engines.create(new KernelState()) : null;
    if (around != null || !objects.isEmpty()) {
      if (follow) {
        throw new IllegalArgumentException("--follow goes with neither --around nor --object");
      }
      select();
    }
    try (EventLog log = EventLog.open(ledger.uri(), ledger.log().withCreate(false))) {
      MachineId machine = Machines.choose(log, ledger);
      try (Cursor cursor = log.read(machine, folding ? Position.FIRST : Math.max(1, from))) {
        events(cursor);
      }
    }
    if (format == Format.json) {
      out.println(shown == 0 ? "[]" : "\n]");
    }
    return shown == 0 ? ExitCode.NOTHING : ExitCode.SHOWN;
  }

  /** Finds the positions that --around and --object mean. */
  private void select() {
    List<ObjectTrail.Named> named = objects.stream().map(ObjectTrail.Named::parse).toList();
    try (Ledger opened = ledger.open()) {
      if (around != null) {
        long middle = opened.position(When.parse(around));
        from = Math.max(from, middle - context);
        to = Math.min(to, Math.addExact(middle, context));
      }
      if (!named.isEmpty()) {
        long start = Math.max(0, from - 1);
        changing = new TreeSet<>();
        ObjectTrail.of(opened, named, start, Math.min(to, opened.end()))
            .forEach(entry -> changing.add(entry.event().getPosition()));
      }
    }
  }

  private void events(Cursor cursor) {
    ArrayDeque<Event> tail = new ArrayDeque<>();
    boolean end = false;
    while (!out.checkError()) {
      Event event = end && follow ? cursor.await(Duration.ofSeconds(1)) : cursor.next();
      if (event == null) {
        if (!end) {
          tail.forEach(this::print);
          tail.clear();
          out.flush();
          end = true;
        }
        if (!follow || Thread.currentThread().isInterrupted()) {
          return;
        }
        continue;
      }
      if (event.getPosition() > to) {
        tail.forEach(this::print);
        return;
      }
      if (!matches(event)) {
        continue;
      }
      if (last == null || end) {
        print(event);
        if (end) {
          out.flush();
        }
      } else {
        tail.add(event);
        if (tail.size() > last) {
          tail.removeFirst();
        }
      }
    }
  }

  private boolean matches(Event event) {
    KernelState state = engine == null ? null : engine.state();
    boolean chosen = changing == null || changing.contains(event.getPosition());
    boolean matches =
        chosen && event.getPosition() >= from && wanted.matches(new EventFields(event, state));
    if (engine != null) {
      try {
        engine.fold(event);
      } catch (RuntimeException e) {
        // A defect of the engine; the log is shown all the same.
        return matches;
      }
    }
    return matches;
  }

  private void print(Event event) {
    Bytes line = EventRenderer.line(event);
    if (format == Format.text) {
      out.println("@" + event.getPosition() + " " + Plain.safe(line));
    } else {
      String object =
          Json.object(
              COLUMNS,
              Arrays.asList(
                  event.getPosition(),
                  event.getRealtime() == 0 ? null : EventFields.time(event.getRealtime()),
                  event.getTid(),
                  EventFields.type(event),
                  event.getSource(),
                  event.getLine(),
                  line));
      out.print(format == Format.jsonl ? object + "\n" : (shown == 0 ? "[\n" : ",\n") + object);
    }
    shown++;
  }
}
