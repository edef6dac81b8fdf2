package io.kledger.projection.streams;

import static org.assertj.core.api.Assertions.assertThat;

import io.kledger.engine.Engines;
import io.kledger.event.MachineId;
import io.kledger.event.avro.Event;
import io.kledger.log.LedgerUri;
import io.kledger.log.LogOptions;
import io.kledger.log.kafka.KafkaClients;
import io.kledger.log.kafka.KafkaEventLog;
import io.kledger.log.kafka.TestBroker;
import io.kledger.projection.ledger.Elsewhere;
import io.kledger.projection.ledger.ServedLedger;
import io.kledger.projection.ledger.Unavailable;
import io.kledger.replay.LedgerOptions;
import io.kledger.replay.When;
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
          FoldFixture.await(
              "each to keep copies of the other's",
              PATIENCE,
              () -> log.machines().stream().allMatch(machine -> second.copies(machine) == 1));
        }
        assertSame(log, List.of(second), expected);
      }
      assertPublished(expected);
    }
  }

  @Test
  void questionsAreAnsweredOrSentToTheInstanceThatCan() throws Exception {
    Map<MachineId, FoldFixture.Expected> expected = new TreeMap<>();
    try (KafkaEventLog log = log()) {
      write(log, 8, expected);
    }
    try (ServedLedger a = served("a", "127.0.0.1:1");
        ServedLedger b = served("b", "127.0.0.1:2")) {
      FoldFixture.await(
          "both to know all",
          PATIENCE,
          () -> ready(a, expected.size()) && ready(b, expected.size()));
      Map<String, ServedLedger> servers = Map.of("127.0.0.1:1", a, "127.0.0.1:2", b);
      for (MachineId machine : expected.keySet()) {
        for (ServedLedger asked : List.of(a, b)) {
          FoldFixture.await(
              machine.name(),
              PATIENCE,
              () -> expected.get(machine).digest().equals(ask(asked, servers, machine)));
        }
      }
    }
  }

  private ServedLedger served(String name, String server) {
    LogOptions logging = LogOptions.DEFAULTS.withCreate(false);
    return new ServedLedger(
        uri,
        LedgerOptions.of(Engines::create, Engines.MODEL_VERSION).withLog(logging),
        new StreamsFold.Options(
            directory.resolve(name), 1, 0, server, FoldFixture.impatient(), System.err::println));
  }

  private static boolean ready(ServedLedger ledger, int machines) {
    try {
      List<ServedLedger.Status> all = ledger.machines();
      return all.size() == machines && all.stream().allMatch(ServedLedger.Status::ready);
    } catch (Unavailable e) {
      return false;
    }
  }

  /**
   * The digest at the end of the log, asked here, and where it is said to be; null if in motion.
   */
  private static String ask(
      ServedLedger asked, Map<String, ServedLedger> servers, MachineId machine) {
    try {
      return asked.ask(machine, When.END, it -> it.ledger().digest(it.state()));
    } catch (Elsewhere elsewhere) {
      ServedLedger other = servers.get(elsewhere.server());
      assertThat(other).isNotSameAs(asked);
      try {
        return other.ask(machine, When.END, it -> it.ledger().digest(it.state()));
      } catch (Elsewhere | Unavailable e) {
        return null;
      }
    } catch (Unavailable e) {
      return null;
    }
  }

  @Test
  void whatIsNotTheNextEventIsRejectedAndChangesNothing() throws Exception {
    List<Event> events = FoldFixture.recordings(1, 60_000).getFirst();
    MachineId machine = new MachineId("web");
    FoldFixture.Expected expected = FoldFixture.fold(machine, events);
    int half = events.size() / 2;
    try (KafkaEventLog log = log()) {
      FoldFixture.append(log, machine, events.subList(0, half));
      // A producer that is not ours: what was there, what is late, what leaves a gap, no event.
      FoldFixture.foreign(uri, machine, FoldFixture.value(events.get(half - 1)));
      FoldFixture.foreign(uri, machine, FoldFixture.value(events.get(3)));
      FoldFixture.foreign(uri, machine, FoldFixture.value(events.get(half + 2)));
      FoldFixture.foreign(uri, machine, new byte[] {1, 2, 3});
      FoldFixture.append(log, machine, events.subList(half, events.size()));
      try (StreamsFold fold = fold(log, "a", null)) {
        fold.start();
        assertSame(log, List.of(fold), Map.of(machine, expected));
      }
      assertPublished(Map.of(machine, expected));
      assertThat(FoldFixture.rejected(uri))
          .hasSize(4)
          .satisfies(all -> assertThat(all.get(0)).contains("is there already, or late"))
          .satisfies(all -> assertThat(all.get(1)).contains("event @4 is there already, or late"))
          .satisfies(all -> assertThat(all.get(2)).contains("those between are missing"))
          .satisfies(all -> assertThat(all.get(3)).contains("not an event"));
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
