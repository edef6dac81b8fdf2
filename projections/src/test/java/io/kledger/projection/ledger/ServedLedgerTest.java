package io.kledger.projection.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kledger.engine.Engines;
import io.kledger.event.MachineId;
import io.kledger.event.avro.Event;
import io.kledger.event.avro.Marker;
import io.kledger.log.Appender;
import io.kledger.log.EventLog;
import io.kledger.log.LedgerUri;
import io.kledger.log.LogOptions;
import io.kledger.projection.RecordedLedger;
import io.kledger.replay.Ledger;
import io.kledger.replay.LedgerOptions;
import io.kledger.replay.When;
import io.kledger.view.Locks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The service beside commands that use the same ledger. */
class ServedLedgerTest {
  private static final int BATCH = 50;

  @TempDir Path directory;

  private final List<String> notices = Collections.synchronizedList(new ArrayList<>());
  private RecordedLedger recorded;
  private Path path;
  private LedgerOptions options;
  private ServedLedger served;

  @BeforeEach
  void aLedgerToServe() throws IOException {
    recorded = RecordedLedger.read("own/own_flocks.tar.gz");
    path = directory.resolve("ledger");
    options =
        LedgerOptions.of(Engines::create, Engines.MODEL_VERSION)
            .withBatch(BATCH)
            .withNotices(notices::add);
    served = new ServedLedger(new LedgerUri.Directory(path), options);
  }

  @AfterEach
  void close() {
    served.close();
  }

  private long position(When when) {
    return served.ask(recorded.machine(), when, Asked::position);
  }

  private void awaitReady() throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!served.machines().stream().allMatch(ServedLedger.Status::ready)) {
      assertThat(System.nanoTime()).as("not ready: %s", notices).isLessThan(deadline);
      Thread.sleep(10);
    }
  }

  @Test
  void aLedgerThatIsNotThereCanComeLater() throws InterruptedException {
    assertThatThrownBy(served::machines)
        .isInstanceOf(Unavailable.class)
        .hasMessageContaining(path.toString());
    assertThatThrownBy(() -> position(When.END)).isInstanceOf(Unavailable.class);

    recorded.appendTo(path);

    awaitReady();
    assertThat(position(When.END)).isEqualTo(recorded.end());
  }

  @Test
  void anEmptyLedgerIsMadeIfAskedForAndIsReady() {
    served.close();
    LedgerOptions creating = options.withLog(options.log().withCreate(true));
    served = new ServedLedger(new LedgerUri.Directory(path), creating);

    assertThat(served.machines()).isEmpty();
    assertThat(path).isDirectory();
    assertThat(served.<Object>ask(recorded.machine(), When.END, Asked::position)).isNull();
  }

  @Test
  void theStateIsStoredAndTheWritersLockIsFreeAgain() throws InterruptedException {
    recorded.appendTo(path);
    awaitReady();

    assertThat(served.machines())
        .containsExactly(
            new ServedLedger.Status(recorded.machine(), recorded.end(), recorded.end(), true));
    try (Ledger command = Ledger.open(served.uri(), null, options)) {
      assertThat(command.store().writable()).isTrue();
      assertThat(command.store().position()).isEqualTo(recorded.end());
      assertThat(command.digest(70))
          .isEqualTo(
              served.<String>ask(
                  recorded.machine(), new When.At(70), asked -> asked.ledger().digest(70)));
    }
    assertThat(notices).isEmpty();
  }

  @Test
  void anImportGoesOnWhileTheServiceAnswersAndIsSeen() throws InterruptedException {
    recorded.appendTo(path);
    awaitReady();

    try (EventLog log = EventLog.open(served.uri(), LogOptions.DEFAULTS);
        Appender appender = log.appender(recorded.machine())) {
      for (int i = 1; i <= 3 * BATCH; i++) {
        appender.append(marker("m" + i));
        if (i % 10 == 0) {
          appender.commit();
          assertThat(position(When.END)).isEqualTo(recorded.end() + i);
          assertThat(position(new When.Mark("m" + i))).isEqualTo(recorded.end() + i);
        }
      }
    }

    awaitStored(recorded.end() + 2 * BATCH);
  }

  private static Event marker(String name) {
    return Event.newBuilder().setSource(0).setLine(0).setBody(new Marker(name)).build();
  }

  private void awaitStored(long position) throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (served.machines().getFirst().folded() < position) {
      assertThat(System.nanoTime()).as("not stored: %s", notices).isLessThan(deadline);
      Thread.sleep(10);
    }
  }

  @Test
  void whileACommandFoldsTheServiceWaitsForIt() throws InterruptedException {
    recorded.appendTo(path);
    try (Ledger command = Ledger.open(served.uri(), null, options)) {
      assertThatThrownBy(() -> position(When.END))
          .isInstanceOf(Unavailable.class)
          .hasMessageContaining("still being folded");
      assertThat(served.machines().getFirst().ready()).isFalse();
      assertThat(notices.getFirst()).contains("being written by process");

      command.catchUp();

      awaitReady();
      assertThat(position(When.END)).isEqualTo(recorded.end());
    }
  }

  @Test
  void aStateThatCannotBeStoredIsKeptInMemory() throws IOException, InterruptedException {
    recorded.appendTo(path);
    Files.writeString(path.resolve("state"), "not a directory");

    awaitReady();

    long at = recorded.position(recorded.snapshot("two-waiters"));
    assertThat(
            served.<List<String>>ask(
                recorded.machine(), new When.At(at), asked -> Locks.proc(asked.state())))
        .hasSize(5);
    assertThat(notices.getFirst()).contains("folded in memory");
  }

  @Test
  void aMomentThatIsNotThereIsNamed() throws InterruptedException {
    recorded.appendTo(path);
    awaitReady();

    assertThatThrownBy(() -> position(new When.At(recorded.end() + 1)))
        .isInstanceOf(NoSuchMoment.class)
        .hasMessageContaining("ends at @" + recorded.end());
    assertThat(served.<Object>ask(MachineId.of("other"), When.END, Asked::position)).isNull();
  }
}
