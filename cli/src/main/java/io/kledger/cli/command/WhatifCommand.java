package io.kledger.cli.command;

import io.kledger.cli.render.Format;
import io.kledger.engine.Engine;
import io.kledger.engine.Engines;
import io.kledger.engine.KernelFeature;
import io.kledger.event.avro.Event;
import io.kledger.event.avro.Syscall;
import io.kledger.ingest.recording.RecordingFiles;
import io.kledger.ingest.strace.LineHead;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Machine;
import io.kledger.log.Cursor;
import io.kledger.replay.AsOf;
import io.kledger.replay.Ledger;
import io.kledger.replay.WhatIf;
import io.kledger.replay.When;
import io.kledger.scenario.Scenario;
import io.kledger.scenario.ScenarioException;
import io.kledger.scenario.ScenarioRunner;
import io.kledger.scenario.Statement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Folds the same calls twice, once with something changed, and shows where the two part. */
@Command(
    name = "whatif",
    mixinStandardHelpOptions = true,
    description = {
      "Folds the same calls twice, as they are (-) and with something changed (+), and prints each"
          + " event at which results, notifications or the state part, then what differs at the"
          + " end. FILE is a scenario, a trace or a recording; without it, the ledger is read.",
      "Results that the kernel gave hold in the changed fold too, until the engine predicts another"
          + " one there. Exit status 1 if nothing differs."
    })
public final class WhatifCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private LedgerMixin ledger;

  @Parameters(arity = "0..1", paramLabel = "FILE", description = "A scenario, trace or recording.")
  private Path file;

  @Option(
      names = "--feature",
      paramLabel = "SLUG=on|off",
      description = "A kernel feature is there, or is not; see `kledger coverage features`.")
  private List<String> features = List.of();

  @Option(
      names = "--kernel",
      paramLabel = "PROFILE",
      description = "Another kernel: wishlist, 6.18, 6.6 ...")
  private String kernel;

  @Option(
      names = "--drop",
      paramLabel = "EVENTS",
      description = {
        "Leaves events out: @N, @N-@M, several with commas, or a filter as in `kledger log`"
            + " (evt.type=umount2)."
      })
  private List<String> drop = List.of();

  @Option(
      names = "--insert",
      paramLabel = "FILE",
      description = {
        "Puts the calls of a trace in. One with a result is believed, `= ?` is computed."
      })
  private Path insert;

  @Option(
      names = "--at",
      paramLabel = "WHEN",
      description = {
        "After which event they are put in (default: the last), or from which event on a ledger's"
            + " kernel is another one (default: from the start)."
      })
  private String at;

  @Option(
      names = {"-n", "--lines"},
      paramLabel = "N",
      defaultValue = "20",
      description = "How many events are shown at most; default ${DEFAULT-VALUE}.")
  private int limit;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}.")
  private Format format;

  @Override
  public Integer call() throws IOException {
    Map<KernelFeature, Boolean> wanted = features();
    if (kernel == null && wanted.isEmpty() && drop.isEmpty() && insert == null) {
      throw new ParameterException(
          spec.commandLine(), "what is to be different? --kernel, --feature, --drop or --insert");
    }
    if (kernel != null) {
      io.kledger.engine.KernelProfile.of(
          new Machine(1, kernel, List.of(), List.of(), false, "", 1, List.of()));
    }
    return file == null ? ledger(wanted) : file(wanted);
  }

  private int ledger(Map<KernelFeature, Boolean> wanted) throws IOException {
    try (Ledger opened = ledger.open()) {
      long end = opened.end();
      long moment = at == null ? -1 : opened.position(When.parse(at));
      Dropped dropped = Dropped.parse(drop);
      WhatIf.Change change = change(wanted, dropped, moment);
      long start = end;
      if (kernel != null || !wanted.isEmpty()) {
        start = Math.max(0, moment);
      } else {
        start = Math.min(start, Math.max(0, dropped.first() - 1));
        start = insert == null || moment < 0 ? start : Math.min(start, moment);
      }
      try (AsOf before = opened.stateAt(start);
          AsOf after = opened.stateAt(start);
          Cursor cursor = opened.events(start + 1)) {
        WhatIf whatIf = new WhatIf(before.engine(), after.engine(), start, change, limit);
        for (Event e = cursor.next(); e != null && e.getPosition() <= end; e = cursor.next()) {
          whatIf.event(e);
        }
        return print(whatIf, opened.log().uri() + ", machine " + opened.machine());
      }
    }
  }

  private int file(Map<KernelFeature, Boolean> wanted) throws IOException {
    if (!Files.exists(file) && !file.toString().equals("-")) {
      throw new NoSuchFileException(file.toString());
    }
    List<Event> events = events(file);
    long moment = at == null ? -1 : position(at, events.size());
    WhatIf.Change change = change(wanted, Dropped.parse(drop), moment);
    Engine before = Engines.create(new KernelState());
    Engine after = Engines.create(new KernelState());
    WhatIf whatIf = new WhatIf(before, after, 0, change, limit);
    events.forEach(whatIf::event);
    return print(whatIf, file.toString());
  }

  private static long position(String when, long end) {
    if (when.equals("end")) {
      return end;
    }
    if (!when.matches("@\\d{1,18}") || Long.parseLong(when.substring(1)) > end) {
      throw new IllegalArgumentException(
          "--at " + when + ": in a file, a moment is @0 to @" + end + ", or end");
    }
    return Long.parseLong(when.substring(1));
  }

  private int print(WhatIf whatIf, String source) {
    whatIf.end();
    return new WhatifReport(spec.commandLine().getOut(), whatIf, format).print(source, described());
  }

  /** The change in the words of the command line. */
  private String described() {
    List<String> words = new ArrayList<>();
    if (kernel != null) {
      words.add("--kernel " + kernel);
    }
    features.forEach(feature -> words.add("--feature " + feature));
    drop.forEach(events -> words.add("--drop '" + events + "'"));
    if (insert != null) {
      words.add("--insert " + insert);
    }
    if (at != null) {
      words.add("--at " + at);
    }
    return String.join(" ", words);
  }

  private WhatIf.Change change(Map<KernelFeature, Boolean> wanted, Dropped dropped, long moment)
      throws IOException {
    List<Event> inserted = new ArrayList<>();
    if (insert != null) {
      for (Event e : Workload.eventsOf(insert.toString())) {
        inserted.add(believedOrComputed(e));
      }
    }
    long where = insert == null || moment < 0 ? Long.MAX_VALUE : moment;
    return new WhatIf.Change(kernel, wanted, dropped, inserted, where);
  }

  private static Event believedOrComputed(Event e) {
    if (!(e.getBody() instanceof Syscall call)
        || call.getOutcome() != null && !call.getOutcome().getUnknown()) {
      return e;
    }
    Syscall computed = Syscall.newBuilder(call).setSimulated(true).build();
    return new Event(0L, e.getRealtime(), e.getMonotonic(), e.getTid(), 0, e.getLine(), computed);
  }

  private Map<KernelFeature, Boolean> features() {
    Map<KernelFeature, Boolean> wanted = new LinkedHashMap<>();
    for (String text : features) {
      int equals = text.indexOf('=');
      KernelFeature feature = KernelFeature.ofSlug(equals < 0 ? text : text.substring(0, equals));
      String value = equals < 0 ? "on" : text.substring(equals + 1);
      if (feature == null || !value.equals("on") && !value.equals("off")) {
        throw new ParameterException(
            spec.commandLine(),
            "--feature "
                + text
                + ": expected SLUG=on or SLUG=off; `kledger coverage features`"
                + " lists them");
      }
      wanted.put(feature, value.equals("on"));
    }
    return wanted;
  }

  /** A scenario runs on the model machine; a trace with times, or a recording, is a real one's. */
  private static List<Event> events(Path path) throws IOException {
    if (!RecordingFiles.isRecording(path) && !path.toString().matches(".*\\.(gz|xz|zst)")) {
      try {
        Scenario scenario = SimulateCommand.read(path);
        if (!realTrace(scenario)) {
          return ScenarioRunner.events(scenario, Engines::create);
        }
      } catch (ScenarioException e) {
        if (path.toString().equals("-")) {
          throw e;
        }
        // No scenario: the reader of traces says what is wrong with it, if anything is.
      }
    }
    return Workload.eventsOf(path.toString());
  }

  private static boolean realTrace(Scenario scenario) {
    boolean times = false;
    for (Statement statement : scenario.statements()) {
      if (!(statement instanceof Statement.Traced traced)) {
        return false;
      }
      times |= traced.parsed().head().time() == LineHead.Time.EPOCH;
    }
    return times;
  }
}
