package io.kledger.cli.command;

import io.kledger.event.MachineId;
import io.kledger.event.avro.Event;
import io.kledger.ingest.load.Importer;
import io.kledger.log.Cursor;
import io.kledger.log.EventLog;
import io.kledger.log.LedgerUri;
import io.kledger.log.LogOptions;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Shows what kledger does, with a recording of systemd-nspawn starting a container. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = {
      "Folds the recording shipped with kledger (systemd-nspawn starts a container on Linux 6.18) into"
          + " a temporary ledger, and shows its mounts, locks, cgroups, changes, and one `why`."
    })
public final class DemoCommand implements Callable<Integer> {
  /** A line of the trace at which the container is up: mounts, locks and cgroups are there. */
  private static final long LINE = 1890;

  private static final String CONTAINER = "19";

  @Spec private CommandSpec spec;

  private PrintWriter out;
  private Path ledger;

  @Override
  public Integer call() throws IOException {
    out = spec.commandLine().getOut();
    Path directory = Files.createTempDirectory("kledger-demo");
    try {
      ledger = directory.resolve("ledger");
      Path recording = directory.resolve("nspawn.tar.gz");
      try (InputStream in = DemoCommand.class.getResourceAsStream("/demo/nspawn.tar.gz")) {
        Files.copy(in, recording);
      }
      out.println("A recording: systemd-nspawn starts a container. Each system call is an event.");
      long events = load(recording);
      long up = position();
      String at = "@" + up;
      out.printf("The ledger holds %d events; the container is up at %s.%n", events, at);
      show("What the container sees.", "mounts", "-N", CONTAINER, "--at", at);
      show("Who holds which lock.", "locks", "--at", at);
      show("Who is in which cgroup.", "cgroups", "--at", at);
      show(
          "The change feed: what happened to mounts, and by which call.",
          "watch",
          "mounts",
          "note.type=mount.move",
          "-n",
          "3");
      show(
          "Why does this mount exist, and what keeps it?",
          "why",
          "mount",
          "/run/host/incoming",
          "-N",
          CONTAINER,
          "--at",
          at);
      out.println();
      out.println("Next: kledger record -- COMMAND, or kledger import TRACE; kledger --help.");
      return ExitCode.SHOWN;
    } finally {
      delete(directory);
    }
  }

  private long load(Path recording) throws IOException {
    try (EventLog log =
        EventLog.open(new LedgerUri.Directory(ledger), LogOptions.DEFAULTS.withSync(false))) {
      new Importer(log, false, null, (bytes, events) -> {})
          .read(new MachineId("demo"), recording.toString());
      return log.end(new MachineId("demo"));
    }
  }

  /** The position of the first event after the line. */
  private long position() {
    try (EventLog log = EventLog.open(new LedgerUri.Directory(ledger));
        Cursor cursor = log.read(new MachineId("demo"), 1)) {
      for (Event event = cursor.next(); event != null; event = cursor.next()) {
        if (event.getLine() >= LINE) {
          return event.getPosition();
        }
      }
    }
    throw new IllegalStateException("the recording has no line " + LINE);
  }

  private void show(String what, String... arguments) {
    out.println();
    out.println("# " + what);
    out.println("$ kledger " + String.join(" ", arguments));
    out.flush();
    List<String> all = new ArrayList<>(Arrays.asList(arguments));
    all.add(1, "--ledger=" + ledger);
    CommandLine verb = spec.root().commandLine().getSubcommands().get(arguments[0]);
    verb.setOut(out).setErr(spec.commandLine().getErr());
    verb.execute(all.subList(1, all.size()).toArray(String[]::new));
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
