package io.kledger.cli.command;

import io.kledger.event.MachineId;
import io.kledger.event.avro.Event;
import io.kledger.event.avro.Gap;
import io.kledger.ingest.live.LiveProgram;
import io.kledger.ingest.live.LiveReader;
import io.kledger.ingest.load.Boots;
import io.kledger.ingest.proc.ProcReader;
import io.kledger.log.Appender;
import io.kledger.log.EventLog;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Records all of a running system through bpftrace: the program runs before /proc is read, so that
 * nothing happens unseen between the two.
 */
final class SystemRecord {
  private static final int SCANS = 5;
  private static final int LINES = 1 << 20;
  private static final long PATIENCE_SECONDS = 30;
  private static final String END = "";

  private final EventLog log;
  private final MachineId machine;
  private final PrintWriter err;
  private final LiveReader reader = new LiveReader();
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>(LINES);
  private final ProcReader proc = new ProcReader(Path.of("/proc"));
  private long offset;
  private long lost;

  SystemRecord(EventLog log, MachineId machine, PrintWriter err) {
    this.log = log;
    this.machine = machine;
    this.err = err;
  }

  /**
   * Records until interrupted, or until a command ends.
   *
   * @param command empty: until interrupted
   * @return exit status
   */
  int run(List<String> command) throws IOException, InterruptedException {
    Path tracing = Path.of("/sys/kernel/tracing/events/raw_syscalls");
    if (!Files.isDirectory(tracing)) {
      throw new IOException(
          "no tracepoints in /sys/kernel/tracing: be root, and if it is empty mount it: mount -t"
              + " tracefs nodev /sys/kernel/tracing");
    }
    Path program = Files.createTempFile("kledger", ".bt");
    Path complaints = Files.createTempFile("kledger", ".bpftrace");
    Files.writeString(program, LiveProgram.text(ProcessHandle.current().pid()));
    Process bpftrace = start(program, complaints);
    CountDownLatch done = new CountDownLatch(1);
    Thread stop = new Thread(() -> stop(bpftrace, done), "stop");
    Runtime.getRuntime().addShutdownHook(stop);
    try (Appender appender = log.appender(machine)) {
      Thread.ofVirtual().start(() -> pump(bpftrace));
      awaitProgram(bpftrace, complaints);
      long before = appender.next();
      appender.append(Boots.event(Boots.current()));
      scan(appender);
      Process child = command.isEmpty() ? null : new ProcessBuilder(command).inheritIO().start();
      if (child != null) {
        child.onExit().thenRun(() -> later(bpftrace));
      }
      follow(appender);
      err.printf(
          "kledger: machine %s: %d events recorded, %d records lost%n",
          machine, appender.next() - before, reader.lost());
      return child == null ? ExitCode.SHOWN : child.waitFor();
    } finally {
      bpftrace.destroy();
      done.countDown();
      try {
        Runtime.getRuntime().removeShutdownHook(stop);
      } catch (IllegalStateException e) {
        // This JVM is about to end, and the hook waits for what stands above.
      }
      Files.deleteIfExists(program);
      Files.deleteIfExists(complaints);
    }
  }

  private static Process start(Path program, Path complaints) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder("bpftrace", "-q", "-f", "json", "-B", "line", program.toString())
            .redirectError(complaints.toFile());
    builder.environment().put("BPFTRACE_STRLEN", "200");
    try {
      return builder.start();
    } catch (IOException e) {
      throw new IOException(
          "bpftrace cannot be started ("
              + e.getMessage()
              + "); install it: apt-get install"
              + " bpftrace",
          e);
    }
  }

  /** What is printed is read at once: bpftrace must not wait for what is done with it. */
  private void pump(Process bpftrace) {
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(bpftrace.getInputStream(), StandardCharsets.ISO_8859_1))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (!line.isEmpty()) {
          lines.put(line);
        }
      }
    } catch (IOException e) {
      // It has ended.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lines.offer(END);
    }
  }

  private void awaitProgram(Process bpftrace, Path complaints)
      throws IOException, InterruptedException {
    while (!reader.begun()) {
      String line = lines.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (line == null || line.equals(END)) {
        bpftrace.destroy();
        throw new IOException("bpftrace did not begin: " + Files.readString(complaints).strip());
      }
      reader.add(line);
    }
    offset = System.currentTimeMillis() * 1_000_000L - bootNanos();
    reader.realtime(offset);
  }

  /** The clock of the program, with the hundredths of a second that /proc/uptime has. */
  private static long bootNanos() throws IOException {
    String uptime = Files.readString(Path.of("/proc/uptime"));
    return (long) (Double.parseDouble(uptime.substring(0, uptime.indexOf(' '))) * 1e9);
  }

  /** Reads /proc until no mount or namespace changed meanwhile, a few times at most. */
  private void scan(Appender appender) throws IOException, InterruptedException {
    long changed = 0;
    List<Event> events = List.of();
    for (int i = 0; i < SCANS; i++) {
      long began = bootNanos() - 10_000_000L;
      List<Integer> pids = new ArrayList<>();
      events = proc(pids);
      long ended = bootNanos() + 20_000_000L;
      take(600);
      reader.snapshot(began, ended, pids);
      changed = reader.sensitive(began, ended);
      if (changed == 0) {
        break;
      }
    }
    for (Event event : events) {
      append(appender, event);
    }
    if (changed > 0) {
      String reason = "calls while /proc was read: its mounts may show them or not";
      append(appender, new Event(0L, 0L, -1L, 0, 0, 0L, new Gap(reason, changed, null, 0L, 0)));
    }
    appender.commit();
  }

  /** Processes come and go while they are looked at: those that are gone are left out. */
  private List<Event> proc(List<Integer> pids) throws IOException {
    pids.addAll(proc.processes());
    for (int i = 0; ; i++) {
      try {
        return proc.events(pids);
      } catch (IOException | UncheckedIOException e) {
        if (i >= 50) {
          throw e;
        }
        List<Integer> there = proc.processes();
        pids.removeIf(pid -> !there.contains(pid));
      }
    }
  }

  private void take(long millis) throws IOException, InterruptedException {
    long until = System.nanoTime() + millis * 1_000_000L;
    for (long left = until - System.nanoTime(); left > 0; left = until - System.nanoTime()) {
      String line = lines.poll(left, TimeUnit.NANOSECONDS);
      if (line != null && line.equals(END)) {
        lines.offer(END);
        return;
      }
      if (line != null) {
        reader.add(line);
      }
    }
  }

  private void follow(Appender appender) throws IOException, InterruptedException {
    for (String line = lines.take(); !line.equals(END); line = lines.take()) {
      reader.add(line);
      reader.drain(event -> append(appender, event));
      lost(appender);
      if (lines.isEmpty()) {
        appender.commit();
      }
    }
    reader.finish(event -> append(appender, event));
    lost(appender);
    appender.commit();
  }

  private void lost(Appender appender) {
    if (reader.lost() > lost) {
      Gap gap = LiveReader.gap(reader.lost() - lost);
      append(appender, new Event(0L, 0L, -1L, 0, 0, 0L, gap));
      lost = reader.lost();
    }
  }

  private static long append(Appender appender, Event event) {
    return appender.append(event);
  }

  /** Lets the last records come, then ends bpftrace as Ctrl-C does. */
  private static void later(Process bpftrace) {
    try {
      Thread.sleep(1000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    interrupt(bpftrace);
  }

  private static void interrupt(Process bpftrace) {
    try {
      new ProcessBuilder("kill", "-INT", Long.toString(bpftrace.pid())).start().waitFor();
    } catch (IOException e) {
      bpftrace.destroy();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void stop(Process bpftrace, CountDownLatch done) {
    interrupt(bpftrace);
    try {
      done.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
