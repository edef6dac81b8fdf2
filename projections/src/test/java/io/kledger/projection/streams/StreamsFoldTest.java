package io.kledger.projection.streams;

import static org.assertj.core.api.Assertions.assertThat;

import io.kledger.event.MachineId;
import io.kledger.event.avro.Event;
import io.kledger.log.LedgerUri;
import io.kledger.log.LogOptions;
import io.kledger.log.kafka.KafkaClients;
import io.kledger.log.kafka.KafkaEventLog;
import io.kledger.log.kafka.TestBroker;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The fold on Kafka Streams against the fold of each machine on its own. */
class StreamsFoldTest {
  private static final int PARTITIONS = 3;
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static TestBroker broker;

  @TempDir private Path directory;
  private final LedgerUri.Kafka uri =
      (LedgerUri.Kafka) LedgerUri.parse(broker.ledger(TestBroker.unique("fold")));

  @BeforeAll
  static void start() {
    broker = TestBroker.start();
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  private KafkaEventLog log() {
    return KafkaEventLog.open(
        uri, LogOptions.DEFAULTS.withKafka(Map.of(KafkaClients.PARTITIONS, "" + PARTITIONS)));
  }

  private StreamsFold fold(KafkaEventLog log, String name, String server) {
    return new StreamsFold(
        log,
        new StreamsFold.Options(
            directory.resolve(name), 1, 1, server, FoldFixture.impatient(), System.err::println));
  }

  @Test
  void digestsAndChangesAreThoseOfTheFoldOfEachMachineAlone() throws Exception {
    Map<MachineId, FoldFixture.Expected> expected = new TreeMap<>();
    try (KafkaEventLog log = log()) {
      write(log, 8, expected);
      try (StreamsFold fold = fold(log, "a", "127.0.0.1:1")) {
        fold.start();
        assertSame(log, List.of(fold), expected);
      }
      assertPublished(expected);
    }
  }

  @Test
  void anInstanceTakesOverWhatAnotherLeaves() throws Exception {
    Map<MachineId, FoldFixture.Expected> expected = new TreeMap<>();
    try (KafkaEventLog log = log()) {
      write(log, 6, expected);
      try (StreamsFold second = fold(log, "b", "127.0.0.1:2")) {
        try (StreamsFold first = fold(log, "a", "127.0.0.1:1")) {
          first.start();
          assertSame(log, List.of(first), expected);
          second.start();
          FoldFixture.await(
              "both to have machines",
              PATIENCE,
              () ->
                  log.machines().stream()
                          .map(second::owner)
                          .distinct()
                          .filter(owner -> owner != null)
                          .count()
                      == 2);
          assertSame(log, List.of(first, second), expected);
        }
        assertSame(log, List.of(second), expected);
      }
      assertPublished(expected);
    }
  }

  private static void write(
      KafkaEventLog log, int machines, Map<MachineId, FoldFixture.Expected> expected)
      throws IOException {
    int number = 0;
    for (List<Event> events : FoldFixture.recordings(machines, 60_000)) {
      MachineId machine = new MachineId("m" + number++);
      expected.put(machine, FoldFixture.fold(machine, events));
      FoldFixture.append(log, machine, events);
    }
  }

  /** Each machine is at the end of its log on one of the instances, with the expected digest. */
  private static void assertSame(
      KafkaEventLog log, List<StreamsFold> folds, Map<MachineId, FoldFixture.Expected> expected)
      throws InterruptedException {
    for (MachineId machine : expected.keySet()) {
      long end = log.end(machine);
      List<String> digests = new ArrayList<>();
      FoldFixture.await(
          machine + " to be folded",
          PATIENCE,
          () -> {
            for (StreamsFold fold : folds) {
              var store = fold.store(machine);
              if (store != null && store.position() == end) {
                digests.add(FoldFixture.digest(store));
                return true;
              }
            }
            return false;
          });
      assertThat(digests.getLast()).as(machine.name()).isEqualTo(expected.get(machine).digest());
    }
  }

  private void assertPublished(Map<MachineId, FoldFixture.Expected> expected) {
    var published = FoldFixture.published(uri, PARTITIONS);
    expected.forEach(
        (machine, one) ->
            assertThat(published.getOrDefault(machine.name(), List.of()))
                .as("changes of " + machine)
                .isEqualTo(one.changes()));
    assertThat(expected.values().stream().mapToInt(one -> one.changes().size()).sum())
        .isGreaterThan(100);
  }
}
