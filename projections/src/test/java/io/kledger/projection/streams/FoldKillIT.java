package io.kledger.projection.streams;

import static org.assertj.core.api.Assertions.assertThat;

import io.kledger.event.MachineId;
import io.kledger.event.avro.Event;
import io.kledger.log.Appender;
import io.kledger.log.LedgerUri;
import io.kledger.log.LogOptions;
import io.kledger.log.kafka.KafkaClients;
import io.kledger.log.kafka.KafkaEventLog;
import io.kledger.log.kafka.TestBroker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Instances of the fold, each a process, are killed (-9) and started at random moments while events
 * arrive. What a read_committed subscriber got, and the state in the end, are those of the fold of
 * each machine alone: nothing lost, nothing twice.
 *
 * <p>{@code -Dkledger.kills=N} says how often, {@code -Dkledger.seed=N} repeats a run.
 */
class FoldKillIT {
  private static final int PARTITIONS = 3;
  private static final int INSTANCES = 2;
  private static final int MACHINES = 9;
  private static final Duration PATIENCE = Duration.ofSeconds(120);

  private final int kills = Integer.getInteger("kledger.kills", 20);
  private final long seed = Long.getLong("kledger.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final Map<MachineId, List<Event>> events = new TreeMap<>();
  private final Map<MachineId, FoldFixture.Expected> expected = new TreeMap<>();
  private final List<FoldProcess> running = new ArrayList<>();
  private final List<Path> states = new ArrayList<>();
  private Path left;
  private int started;

  @TempDir private Path directory;

  @Test
  void killedInstancesLoseNothingAndDoubleNothing() throws Exception {
    try (TestBroker broker = TestBroker.start()) {
      LedgerUri.Kafka uri = (LedgerUri.Kafka) LedgerUri.parse(broker.ledger("kill"));
      LogOptions options =
          LogOptions.DEFAULTS.withKafka(Map.of(KafkaClients.PARTITIONS, "" + PARTITIONS));
      try (KafkaEventLog log = KafkaEventLog.open(uri, options)) {
        load();
        for (int i = 0; i < INSTANCES; i++) {
          running.add(start(uri));
        }
        running.getFirst().awaitFolding();
        for (int kill = 1; kill <= kills; kill++) {
          append(log, kill);
          Thread.sleep(random.nextInt(900));
          replaceOne(uri);
        }
        assertSame(log, uri);
      } finally {
        for (FoldProcess process : running) {
          process.kill();
        }
      }
    }
  }

  private void load() throws Exception {
    int number = 0;
    for (List<Event> recording : FoldFixture.recordings(MACHINES, 100_000)) {
      MachineId machine = new MachineId("m" + number++);
      expected.put(machine, FoldFixture.fold(machine, recording));
      events.put(machine, recording);
    }
  }

  private FoldProcess start(LedgerUri uri) throws Exception {
    // Some find the state that the last one killed has left, some are new.
    Path state =
        left != null && random.nextBoolean() ? left : directory.resolve("state" + started++);
    left = null;
    states.add(state);
    return FoldProcess.start(uri, state, FoldFixture.impatient());
  }

  /** Kills one at whatever it is doing, and starts another. */
  private void replaceOne(LedgerUri uri) throws Exception {
    int chosen = random.nextInt(running.size());
    FoldProcess victim = running.remove(chosen);
    left = states.remove(chosen);
    assertThat(victim.alive()).as("ended by itself (seed %d): %s", seed, victim.output()).isTrue();
    victim.kill();
    running.add(start(uri));
    if (random.nextInt(3) == 0) {
      running.getFirst().awaitFolding();
    }
  }

  /** The share of each machine's events that arrives before this kill. */
  private void append(KafkaEventLog log, int kill) {
    for (MachineId machine : events.keySet()) {
      List<Event> all = events.get(machine);
      long to = (long) all.size() * kill / kills;
      try (Appender appender = log.appender(machine)) {
        while (appender.next() <= to) {
          appender.append(all.get((int) appender.next() - 1));
        }
        appender.commit();
      }
    }
  }

  private void assertSame(KafkaEventLog log, LedgerUri.Kafka uri) throws Exception {
    StreamsFold.Options options =
        new StreamsFold.Options(
            directory.resolve("last"), 1, 0, null, FoldFixture.impatient(), notice -> {});
    for (FoldProcess process : running) {
      process.kill();
    }
    try (StreamsFold last = new StreamsFold(log, options)) {
      last.start();
      for (MachineId machine : expected.keySet()) {
        FoldFixture.await(
            machine + " to be folded, seed " + seed,
            PATIENCE,
            () -> {
              var store = last.store(machine);
              return store != null && store.position() == events.get(machine).size();
            });
        assertThat(FoldFixture.digest(last.store(machine)))
            .as("state of %s, seed %d", machine, seed)
            .isEqualTo(expected.get(machine).digest());
      }
    }
    var published = FoldFixture.published(uri, PARTITIONS);
    expected.forEach(
        (machine, one) ->
            assertThat(published.getOrDefault(machine.name(), List.of()))
                .as("changes of %s, seed %d", machine, seed)
                .isEqualTo(one.changes()));
  }
}
