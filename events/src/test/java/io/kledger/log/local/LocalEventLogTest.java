package io.kledger.log.local;

import static io.kledger.log.local.LogFixture.M;
import static io.kledger.log.local.LogFixture.SMALL;
import static io.kledger.log.local.LogFixture.append;
import static io.kledger.log.local.LogFixture.assertHolds;
import static io.kledger.log.local.LogFixture.at;
import static io.kledger.log.local.LogFixture.open;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kledger.event.MachineId;
import io.kledger.event.avro.Event;
import io.kledger.event.avro.Syscall;
import io.kledger.log.EventLog;
import io.kledger.log.LedgerUri;
import io.kledger.log.LogException;
import io.kledger.log.LogOptions;
import io.kledger.log.SampleEvents;
import io.kledger.log.SourceProgress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalEventLogTest {

  @TempDir Path directory;

  @Test
  void whatWasCommittedIsReadBackByAnother() {
    try (var log = open(directory, LogOptions.DEFAULTS)) {
      append(log, 1000);
      assertHolds(log, 1000);
    }
    try (var log = EventLog.open(LedgerUri.parse(directory.toString()))) {
      assertHolds((LocalEventLog) log, 1000);
      assertThat(log.machines()).containsExactly(M);
    }
  }

  @Test
  void positionsGoOnWhereTheyEnded() {
    for (int round = 1; round <= 20; round++) {
      try (var log = open(directory, SMALL.withSegmentBytes(3000))) {
        append(log, round * 37);
        assertHolds(log, round * 37);
      }
    }
    assertThat(LogFixture.files(directory).segments().length).isGreaterThan(5);
  }

  @Test
  void everyPositionCanBeSoughtAlsoWithoutIndexes() throws Exception {
    try (var log = open(directory, SMALL.withSegmentBytes(3000))) {
      append(log, 300);
      everyPosition(log, 300);
      for (long base : LogFixture.files(directory).segments()) {
        Files.delete(LogFixture.files(directory).index(base));
      }
      everyPosition(log, 300);
    }
    var first = LogFixture.files(directory).index(1);
    assertThat(first).exists();
    Files.write(first, new byte[160]);
    try (var log = open(directory, SMALL)) {
      everyPosition(log, 300);
    }
  }

  private static void everyPosition(LocalEventLog log, long end) {
    for (long from = 1; from <= end; from++) {
      try (var cursor = log.read(M, from)) {
        assertThat(cursor.position()).isEqualTo(from);
        assertThat(cursor.next()).isEqualTo(at(from));
        assertThat(cursor.position()).isEqualTo(from + 1);
      }
    }
  }

  @Test
  void readersSeeNothingBeforeTheCommitAndAllOfItAfter() {
    try (var log = open(directory, SMALL);
        var other = open(directory, SMALL);
        var appender = log.appender(M);
        var cursor = other.read(M, 1)) {
      for (long n = 1; n <= 500; n++) {
        appender.append(SampleEvents.nth(n));
      }
      assertThat(cursor.next()).isNull();
      assertThat(other.end(M)).isZero();
      assertThat(appender.commit()).isEqualTo(500);
      assertThat(other.end(M)).isEqualTo(500);
      for (long n = 1; n <= 500; n++) {
        assertThat(cursor.next()).isEqualTo(at(n));
      }
      assertThat(cursor.next()).isNull();
    }
  }

  @Test
  void closingWithoutCommitDropsWhatWasAppended() {
    try (var log = open(directory, SMALL)) {
      append(log, 50);
      try (var appender = log.appender(M)) {
        for (long n = 0; n < 100; n++) {
          appender.append(SampleEvents.nth(n));
        }
      }
      assertHolds(log, 50);
      append(log, 60);
      assertHolds(log, 60);
    }
  }

  @Test
  void aCursorWaitsForTheWriter() throws Exception {
    try (var log = open(directory, SMALL.withSegmentBytes(5000));
        var appender = log.appender(M)) {
      var reader =
          CompletableFuture.supplyAsync(
              () -> {
                try (var other = open(directory, SMALL);
                    var cursor = other.read(M, 1)) {
                  for (long n = 1; n <= 2000; n++) {
                    var event = cursor.await(Duration.ofSeconds(20));
                    if (!at(n).equals(event)) {
                      throw new AssertionError("at " + n + ": " + event);
                    }
                  }
                  return cursor.position();
                }
              });
      for (long n = 1; n <= 2000; n++) {
        appender.append(SampleEvents.nth(n));
        if (n % 7 == 0 || n == 2000) {
          appender.commit();
        }
      }
      assertThat(reader.get()).isEqualTo(2001);
      try (var cursor = log.read(M, 2001)) {
        assertThat(cursor.await(Duration.ofMillis(20))).isNull();
      }
    }
  }

  @Test
  void aSecondWriterIsRefusedInThisProcess() {
    try (var log = open(directory, SMALL);
        var other = open(directory, SMALL);
        var first = log.appender(M)) {
      var pid = ProcessHandle.current().pid();
      assertThatThrownBy(() -> other.appender(M))
          .isInstanceOf(LogException.Locked.class)
          .hasMessageContaining("this process (" + pid + ")");
      first.append(SampleEvents.nth(1));
      first.commit();
      assertThatThrownBy(() -> log.appender(M)).isInstanceOf(LogException.Locked.class);
      try (var another = other.appender(MachineId.of("another"))) {
        assertThat(another.next()).isEqualTo(1);
      }
    }
    try (var log = open(directory, SMALL)) {
      log.appender(M).close();
      log.appender(M).close();
    }
  }

  @Test
  void progressAndEventsAreCommittedTogether() {
    var first =
        new SourceProgress(1, 1, "a.strace", "strace", 10, 100, new byte[32], new byte[32], false);
    var second = new SourceProgress(2, 20, "bé", "audit", 3, 4, new byte[32], new byte[32], true);
    try (var log = open(directory, SMALL.withSegmentBytes(2000))) {
      try (var appender = log.appender(M)) {
        appender.append(SampleEvents.nth(1));
        appender.progress(first);
        assertThat(appender.sources()).containsExactly(first);
        assertThat(log.sources(M)).isEmpty();
        appender.commit();
        appender.progress(second);
      }
      assertThat(log.sources(M)).containsExactly(first);
      append(log, 200);
      try (var appender = log.appender(M)) {
        appender.progress(second);
        appender.commit();
      }
      append(log, 400);
      assertThat(log.sources(M)).containsExactly(first, second);
      assertHolds(log, 400);
    }
    try (var log = open(directory, SMALL);
        var appender = log.appender(M)) {
      assertThat(appender.sources()).containsExactly(first, second);
    }
  }

  @Test
  void anEventThatLacksAValueIsRefusedAndTheLogGoesOn() {
    try (var log = open(directory, SMALL)) {
      append(log, 10);
      try (var appender = log.appender(M)) {
        var incomplete = new Event(0L, 0L, -1L, 0, 0, 0L, new Syscall());
        assertThatThrownBy(() -> appender.append(incomplete))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("Syscall.phase");
        assertThat(appender.append(SampleEvents.nth(11))).isEqualTo(11);
        appender.commit();
      }
      assertHolds(log, 11);
    }
  }

  @Test
  void whatIsNoLedgerIsSaidSo() throws Exception {
    Files.writeString(directory.resolve("letter.txt"), "dear");
    assertThatThrownBy(() -> open(directory, SMALL))
        .isInstanceOf(LogException.BadUri.class)
        .hasMessageContaining("letter.txt");
    var none = directory.resolve("none");
    assertThatThrownBy(() -> open(none, SMALL.withCreate(false)))
        .isInstanceOf(LogException.NoLedger.class);
    assertThat(none).doesNotExist();
    assertThatThrownBy(() -> open(directory.resolve("letter.txt"), SMALL))
        .isInstanceOf(LogException.class);
    try (var log = open(none, SMALL)) {
      assertThat(log.machines()).isEqualTo(List.of());
      assertThat(log.end(M)).isZero();
      assertThat(log.sources(M)).isEmpty();
      assertThatThrownBy(() -> log.read(M, 1)).isInstanceOf(LogException.UnknownMachine.class);
      assertThat(log.id()).hasSize(36);
      try (var again = open(none, SMALL)) {
        assertThat(again.id()).isEqualTo(log.id());
      }
    }
  }
}
