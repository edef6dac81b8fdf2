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
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs a command under strace and appends what it does. */
@Command(
    name = "record",
    mixinStandardHelpOptions = true,
    description = {
      "Takes a snapshot of /proc, runs COMMAND under strace and appends its system calls as they"
          + " happen. The exit status is that of COMMAND.",
      "With -p, attaches to a running process and its threads, until it ends or Ctrl-C; it is"
          + " stopped (SIGSTOP) while the snapshot is taken, and goes on.",
      "With --system, records all tasks through bpftrace: mounts, namespaces, processes, opened"
          + " files, flock(2), names."
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

  @Option(
      names = {"-p", "--pid"},
      paramLabel = "PID",
      description = "A running process to attach to, instead of a command.")
  private Integer attach;

  @Option(
      names = "--system",
      description = {
        "The whole system, through bpftrace: until Ctrl-C, or until COMMAND ends. Needs root."
      })
  private boolean system;

  @Parameters(arity = "0..*", paramLabel = "COMMAND", description = "What to run, after --.")
  private List<String> command = List.of();

  @Override
  public Integer call() throws IOException {
    if (system) {
      return system();
    }
    if (command.isEmpty() == (attach == null)) {
      throw new ParameterException(
          spec.commandLine(), "say what to record: -- COMMAND..., -p PID, or --system");
    }
    if (attach != null && !Files.exists(Path.of("/proc/" + attach))) {
      throw new IllegalArgumentException("there is no process " + attach);
    }
    Path directory = Files.createTempDirectory("kledger-record");
    Path fifo = directory.resolve("trace");
    Path complaints = directory.resolve("complaints");
    LedgerUri uri = output == null ? ledger.uri() : LedgerUri.parse(output);
    try (EventLog log = EventLog.open(uri, ledger.log())) {
      run("mkfifo", fifo.toString());
      return attach == null ? command(log, fifo, complaints) : attached(log, fifo, complaints);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return ExitCode.USAGE;
    } finally {
      Files.deleteIfExists(fifo);
      Files.deleteIfExists(complaints);
      Files.deleteIfExists(directory);
    }
  }

  private int system() throws IOException {
    if (attach != null) {
      throw new ParameterException(spec.commandLine(), "-p and --system exclude each other");
    }
    LedgerUri uri = output == null ? ledger.uri() : LedgerUri.parse(output);
    try (EventLog log = EventLog.open(uri, ledger.log())) {
      MachineId machine = ledger.machineOr(MachineId.sanitized(host()));
      return new SystemRecord(log, machine, spec.commandLine().getErr()).run(command);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return ExitCode.USAGE;
    }
  }

  /** Starts the command, stopped, and records it. Returns its exit status. */
  private int command(EventLog log, Path fifo, Path complaints)
      throws IOException, InterruptedException {
    List<String> stopped = new ArrayList<>(List.of("sh", "-c", "kill -STOP $$; exec \"$@\"", "sh"));
    stopped.addAll(command);
    Process target = new ProcessBuilder(stopped).inheritIO().start();
    int pid = (int) target.pid();
    try {
      await(pid);
      record(log, pid, true, fifo, complaints, target::destroy);
      return target.waitFor();
    } finally {
      if (target.isAlive()) {
        run("kill", "-KILL", Integer.toString(pid));
      }
    }
  }

  /** Records a running process; one that was stopped before stays so. */
  private int attached(EventLog log, Path fifo, Path complaints)
      throws IOException, InterruptedException {
    boolean running = !stopped(attach);
    if (running) {
      run("kill", "-STOP", attach.toString());
    }
    try {
      await(attach);
      record(log, attach, running, fifo, complaints, null);
      return ExitCode.SHOWN;
    } finally {
      if (running && Files.exists(Path.of("/proc/" + attach)) && stopped(attach)) {
        run("kill", "-CONT", attach.toString());
      }
    }
  }

  /**
   * Records a stopped process until strace ends.
   *
   * @param resume whether to let the process go on once strace has it
   * @param interrupted what to do when this JVM is told to end; null: strace is
   */
  private void record(
      EventLog log, int pid, boolean resume, Path fifo, Path complaints, Runnable interrupted)
      throws IOException, InterruptedException {
    MachineId machine = ledger.machineOr(MachineId.sanitized(host()));
    List<Event> start = new ProcReader(Path.of("/proc")).events(List.of(pid));
    Process strace = strace(pid, fifo, complaints);
    CountDownLatch done = new CountDownLatch(1);
    Thread stop =
        new Thread(() -> stop(interrupted == null ? strace::destroy : interrupted, done), "stop");
    Runtime.getRuntime().addShutdownHook(stop);
    String what = attach == null ? String.join(" ", command) : "-p " + attach;
    try (InputStream trace = Files.newInputStream(fifo);
        Appender appender = log.appender(machine);
        SourceTracker tracker =
            SourceTracker.openNew(
                log, appender, new Source(what, "strace", String.join(" ", STRACE)), trace)) {
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
              if (resume) {
                new ProcessBuilder("kill", "-CONT", Integer.toString(pid)).start();
              }
            }
            return append(tracker, event);
          });
      SourceTracker.Result result = tracker.finish();
      if (strace.waitFor() != 0 && !going[0]) {
        throw new IOException(Files.readString(complaints).strip());
      }
      spec.commandLine()
          .getErr()
          .printf("kledger: machine %s: %d events recorded%n", machine, result.appended());
    } finally {
      done.countDown();
      try {
        Runtime.getRuntime().removeShutdownHook(stop);
      } catch (IllegalStateException e) {
        // This JVM is about to end, and the hook waits for what stands above.
      }
    }
  }

  /** Ends what is recorded, and stays until all of it is in the log. */
  private static void stop(Runnable end, CountDownLatch done) {
    end.run();
    try {
      done.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
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

  private static Process strace(int pid, Path fifo, Path complaints) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("strace"));
    arguments.addAll(STRACE);
    arguments.addAll(List.of("-o", fifo.toString(), "-p", Integer.toString(pid)));
    Process strace;
    try {
      strace =
          new ProcessBuilder(arguments)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(complaints.toFile())
              .start();
    } catch (IOException e) {
      throw new IOException("strace cannot be started; is it installed? " + e.getMessage(), e);
    }
    strace.onExit().thenRun(() -> release(fifo));
    return strace;
  }

  /** Whoever still waits for a writer of the pipe sees its end: strace may have died before. */
  private static void release(Path fifo) {
    if (Files.exists(fifo)) {
      try (RandomAccessFile both = new RandomAccessFile(fifo.toFile(), "rw")) {
        both.getFD();
      } catch (IOException e) {
        // It is gone: nobody waits.
      }
    }
  }

  private static void run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).inheritIO().start();
    if (process.waitFor() != 0) {
      throw new IOException(command[0] + " failed");
    }
  }

  private static void await(int pid) throws IOException, InterruptedException {
    for (int i = 0; i < TRIES; i++) {
      if (stopped(pid)) {
        return;
      }
      Thread.sleep(10);
    }
    throw new IOException("process " + pid + " did not stop; may this user signal it?");
  }

  private static boolean stopped(int pid) throws IOException {
    return Files.readString(Path.of("/proc/" + pid + "/status"), StandardCharsets.ISO_8859_1)
        .contains("State:\tT");
  }

  private static String host() throws IOException {
    return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
  }
}
