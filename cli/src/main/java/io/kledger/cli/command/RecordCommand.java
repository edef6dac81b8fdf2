package io.kledger.cli.command;

import io.kledger.event.MachineId;
import io.kledger.event.avro.Event;
import io.kledger.ingest.load.Boots;
import io.kledger.ingest.proc.ProcReader;
import io.kledger.ingest.strace.StraceOptions;
import io.kledger.ingest.strace.StraceReader;
import io.kledger.log.Appender;
import io.kledger.log.EventLog;
import io.kledger.log.LedgerUri;
import io.kledger.log.source.Source;
import io.kledger.log.source.SourceTracker;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs a command under strace and appends what it does. */
@Command(
    name = "record",
    mixinStandardHelpOptions = true,
    description = {
      "Takes a snapshot of /proc, runs COMMAND under strace and appends its system calls as they"
          + " happen. The exit status is that of COMMAND."
    })
public final class RecordCommand implements Callable<Integer> {
  /** The strace options that lose least; see docs. */
  private static final List<String> STRACE =
      List.of(
          "-f",
          "-ttt",
          "-yy",
          "-v",
          "-s",
          "4096",
          "-X",
          "verbose",
          "--decode-pids=pidns",
          "--strings-in-hex=non-ascii-chars");

  private static final int TRIES = 500;

  @Spec private CommandSpec spec;

  @Mixin private LedgerMixin ledger;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "LEDGER",
      description = "The same as --ledger.")
  private String output;

  @Parameters(arity = "1..*", paramLabel = "COMMAND", description = "What to run, after --.")
  private List<String> command;

  @Override
  public Integer call() throws IOException {
    Path directory = Files.createTempDirectory("kledger-record");
    Path fifo = directory.resolve("trace");
    LedgerUri uri = output == null ? ledger.uri() : LedgerUri.parse(output);
    try (EventLog log = EventLog.open(uri, ledger.log())) {
      run("mkfifo", fifo.toString());
      return record(log, fifo);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return ExitCode.USAGE;
    } finally {
      Files.deleteIfExists(fifo);
      Files.deleteIfExists(directory);
    }
  }

  private int record(EventLog log, Path fifo) throws IOException, InterruptedException {
    MachineId machine = ledger.machineOr(MachineId.sanitized(host()));
    List<String> stopped = new ArrayList<>(List.of("sh", "-c", "kill -STOP $$; exec \"$@\"", "sh"));
    stopped.addAll(command);
    Process target = new ProcessBuilder(stopped).inheritIO().start();
    int pid = (int) target.pid();
    try {
      await(pid, "State:\tT");
      List<Event> start = new ProcReader(Path.of("/proc")).events(List.of(pid));
      Process strace = strace(pid, fifo);
      try (InputStream trace = Files.newInputStream(fifo);
          Appender appender = log.appender(machine);
          SourceTracker tracker =
              SourceTracker.openNew(
                  log,
                  appender,
                  new Source(String.join(" ", command), "strace", String.join(" ", STRACE)),
                  trace)) {
        appender.append(Boots.event(Boots.current()));
        start.forEach(tracker::accept);
        StraceReader reader =
            StraceReader.open(tracker.input(), StraceOptions.of("strace").withSalvage(true));
        boolean[] going = {false};
        reader.read(
            event -> {
              // The first line says that strace has the stopped process: before, it could miss
              // SIGCONT.
              if (!going[0]) {
                going[0] = true;
                new ProcessBuilder("kill", "-CONT", Integer.toString(pid)).start();
              }
              return append(tracker, event);
            });
        SourceTracker.Result result = tracker.finish();
        strace.waitFor();
        spec.commandLine()
            .getErr()
            .printf("kledger: machine %s: %d events recorded%n", machine, result.appended());
      }
      return target.waitFor();
    } finally {
      if (target.isAlive()) {
        run("kill", "-KILL", Integer.toString(pid));
      }
    }
  }

  /** Others see what was recorded so far whenever the traced tasks pause. */
  private static long append(SourceTracker tracker, Event event) throws IOException {
    long position = tracker.accept(event);
    if (tracker.input().available() == 0 || position % 1000 == 0) {
      tracker.commit();
    }
    return position;
  }

  private static Process strace(int pid, Path fifo) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("strace"));
    arguments.addAll(STRACE);
    arguments.addAll(List.of("-o", fifo.toString(), "-p", Integer.toString(pid)));
    return new ProcessBuilder(arguments)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private static void run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).inheritIO().start();
    if (process.waitFor() != 0) {
      throw new IOException(command[0] + " failed");
    }
  }

  private static void await(int pid, String line) throws IOException, InterruptedException {
    Path status = Path.of("/proc/" + pid + "/status");
    for (int i = 0; i < TRIES; i++) {
      String text = Files.readString(status, java.nio.charset.StandardCharsets.ISO_8859_1);
      if (text.contains(line)) {
        return;
      }
      Thread.sleep(10);
    }
    throw new IOException(
        "process "
            + pid
            + " did not get to '"
            + line.replace('\t', ' ')
            + "': is strace installed, and may it trace?");
  }

  private static String host() throws IOException {
    return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
  }
}
