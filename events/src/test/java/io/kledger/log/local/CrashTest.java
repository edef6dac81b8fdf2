package io.kledger.log.local;

import static io.kledger.log.local.LogFixture.M;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kledger.event.avro.Event;
import io.kledger.log.LogException;
import io.kledger.log.SourceProgress;
import io.kledger.log.source.LineReader;
import io.kledger.log.source.Source;
import io.kledger.log.source.SourceInput;
import io.kledger.log.source.SourceTracker;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Another process writes and is killed (SIGKILL) at random moments. */
class CrashTest {

  private static final int KILLS = 26;

  @TempDir Path directory;

  @Test
  void everyAcknowledgedEventSurvives() throws Exception {
    var ledger = directory.resolve("ledger");
    long seed = System.nanoTime();
    System.out.println("CrashTest append: seed " + seed);
    var random = new Random(seed);
    long acknowledged = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      var writer = start("append", ledger, random.nextLong(), "");
      long last = killAfter(writer, random.nextInt(150_000_000));
      acknowledged = Math.max(acknowledged, last);
      try (var log = LogFixture.open(ledger, LogFixture.SMALL)) {
        long end = log.end(M);
        assertThat(end).as("seed %d, kill %d", seed, kill).isGreaterThanOrEqualTo(acknowledged);
        LogFixture.assertHolds(log, end);
      }
    }
    assertThat(acknowledged).isGreaterThan(100);
    try (var log = LogFixture.open(ledger, LogFixture.SMALL)) {
      long next = acknowledged + 1;
      try (var appender = log.appender(M)) {
        next = appender.next();
        assertThat(next).isGreaterThan(acknowledged);
      }
      LogFixture.append(log, next + 9);
      LogFixture.assertHolds(log, next + 9);
    }
  }

  @Test
  void anImportThatIsKilledGoesOnWithoutDoublingAnything() throws Exception {
    var ledger = directory.resolve("ledger");
    var file = directory.resolve("trace");
    long seed = System.nanoTime();
    System.out.println("CrashTest import: seed " + seed);
    var random = new Random(seed);
    writeTrace(file, random);
    for (int kill = 0; kill < 10; kill++) {
      killAfter(
          start("import", ledger, random.nextLong(), file.toString()), random.nextInt(100_000_000));
    }
    var expected = new ArrayList<Object>();
    LineReader.read(
        Files.newInputStream(file),
        event -> {
          expected.add(List.of(event.getLine(), event.getBody()));
          return 0;
        });
    try (var log = LogFixture.open(ledger, LogFixture.SMALL)) {
      try (var appender = log.appender(M);
          var tracker =
              SourceTracker.open(
                  log, appender, new Source("end", "lines", ""), SourceInput.file(file))) {
        if (!tracker.upToDate()) {
          LineReader.read(tracker.input(), tracker::accept);
        }
        assertThat(tracker.finish().different()).as("seed %d", seed).isZero();
      }
      int number =
          log.sources(M).stream()
              .filter(SourceProgress::complete)
              .mapToInt(SourceProgress::number)
              .max()
              .orElseThrow();
      var events =
          LogFixture.readAll(log, 1).stream()
              .filter(event -> event.getSource() == number && event.getLine() > 0)
              .toList();
      assertThat(events.stream().map(CrashTest::lineAndBody))
          .as("seed %d", seed)
          .isEqualTo(expected);
    }
  }

  private static Object lineAndBody(Event event) {
    return List.of(event.getLine(), event.getBody());
  }

  @Test
  void aSecondWriterIsRefusedWithThePidOfTheFirst() throws Exception {
    var ledger = directory.resolve("ledger");
    var writer = start("append", ledger, 1, "");
    try (var output = writer.inputReader()) {
      assertThat(output.readLine()).isEqualTo("begin 0");
      try (var log = LogFixture.open(ledger, LogFixture.SMALL)) {
        assertThatThrownBy(() -> log.appender(M))
            .isInstanceOf(LogException.Locked.class)
            .hasMessageContaining("being written by process " + writer.pid());
      }
    } finally {
      writer.destroyForcibly().waitFor();
    }
    try (var log = LogFixture.open(ledger, LogFixture.SMALL)) {
      log.appender(M).close();
    }
  }

  private static void writeTrace(Path file, Random random) throws IOException {
    var text = new StringBuilder();
    for (int i = 0; i < 60_000; i++) {
      text.append("#1112+x".charAt(random.nextInt(7)))
          .append(" line ")
          .append(random.nextInt())
          .append('\n');
    }
    Files.writeString(file, text);
  }

  private static Process start(String what, Path ledger, long seed, String file)
      throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xshare:auto",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            CrashingWriter.class.getName(),
            what,
            ledger.toString(),
            Long.toString(seed),
            file)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  /** Lets the writer begin, waits, kills it; the last position that it said was acknowledged. */
  private static long killAfter(Process writer, int nanos) throws Exception {
    long last = 0;
    try (BufferedReader output = writer.inputReader()) {
      var first = output.readLine();
      assertThat(first).startsWith("begin ");
      last = Long.parseLong(first.substring(6));
      LockSupport.parkNanos(nanos);
      writer.toHandle().destroyForcibly(); // Process would close the pipe with what it holds
      for (var line = output.readLine(); line != null; line = output.readLine()) {
        if (line.matches("ack [0-9]+")) {
          last = Math.max(last, Long.parseLong(line.substring(4)));
        }
      }
    } finally {
      writer.destroyForcibly().waitFor();
    }
    return last;
  }
}
