package io.kledger.projection.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kledger.engine.Engines;
import io.kledger.event.MachineId;
import io.kledger.event.avro.Event;
import io.kledger.ingest.strace.StraceOptions;
import io.kledger.ingest.strace.StraceReader;
import io.kledger.log.LedgerUri;
import io.kledger.log.LogOptions;
import io.kledger.log.kafka.KafkaClients;
import io.kledger.log.kafka.KafkaEventLog;
import io.kledger.log.kafka.TestBroker;
import io.kledger.log.kafka.Topics;
import io.kledger.store.Store;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A full disk, no broker, a slow subscriber, another model, very many machines. */
class FoldTroubleIT {
  private static final MachineId M = new MachineId("web");
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static TestBroker broker;

  @TempDir private Path directory;
  private final Queue<String> notices = new ConcurrentLinkedQueue<>();
  private final LedgerUri.Kafka uri =
      (LedgerUri.Kafka) LedgerUri.parse(broker.ledger(TestBroker.unique("trouble")));

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
        uri, LogOptions.DEFAULTS.withKafka(Map.of(KafkaClients.PARTITIONS, "1")));
  }

  private StreamsFold fold(KafkaEventLog log, Path state, int modelVersion) {
    return new StreamsFold(
        log,
        new StreamsFold.Options(state, 1, 0, null, FoldFixture.impatient(), notices::add),
        modelVersion);
  }

  private static long position(StreamsFold fold, MachineId machine) {
    Store store = fold.store(machine);
    return store == null ? 0 : store.position();
  }

  private static void awaitEnd(StreamsFold fold, MachineId machine, long end)
      throws InterruptedException {
    FoldFixture.await("@" + end, PATIENCE, () -> position(fold, machine) == end);
  }

  @Test
  void aFullStateDirectoryIsSaidAndTheFoldGoesOnWhenThereIsRoom() throws Exception {
    Path state = Files.createDirectory(directory.resolve("small"));
    assumeTrue(run("mount", "-t", "tmpfs", "-o", "size=6m", "small", state.toString()));
    try (KafkaEventLog log = log()) {
      List<Event> events = FoldFixture.recordings(1, 200_000).getFirst();
      FoldFixture.Expected expected = FoldFixture.fold(M, events);
      FoldFixture.append(log, M, events);
      try (StreamsFold fold = fold(log, state, Engines.MODEL_VERSION)) {
        Path filler = state.resolve("filler");
        fill(filler);
        fold.start();
        FoldFixture.await(
            "the notice",
            PATIENCE,
            () -> notices.stream().anyMatch(notice -> notice.contains("No space left")));
        Files.delete(filler);
        awaitEnd(fold, M, events.size());
        assertThat(FoldFixture.digest(fold.store(M))).isEqualTo(expected.digest());
      }
      assertThat(FoldFixture.published(uri, 1).get(M.name())).isEqualTo(expected.changes());
    } finally {
      assertThat(run("umount", state.toString())).isTrue();
    }
  }

  private static void fill(Path file) throws IOException {
    try (var out = Files.newOutputStream(file)) {
      byte[] block = new byte[4096];
      while (true) {
        out.write(block);
      }
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("No space left");
    }
  }

  private static boolean run(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor() == 0;
  }

  @Test
  void anotherModelTakesOverWhereTheOldOneEnds() throws Exception {
    List<Event> events = FoldFixture.recordings(1, 60_000).getFirst();
    FoldFixture.Expected expected = FoldFixture.fold(M, events);
    int third = events.size() / 3;
    try (KafkaEventLog log = log()) {
      FoldFixture.append(log, M, events.subList(0, third));
      try (StreamsFold later = fold(log, directory.resolve("later"), 1001)) {
        try (StreamsFold old = fold(log, directory.resolve("old"), 1000)) {
          old.start();
          awaitEnd(old, M, third);
          later.start();
          awaitEnd(later, M, third);
          FoldFixture.append(log, M, events.subList(third, 2 * third));
          awaitEnd(old, M, 2 * third);
          awaitEnd(later, M, 2 * third);
        }
        FoldFixture.append(log, M, events.subList(2 * third, events.size()));
        awaitEnd(later, M, events.size());
        assertThat(FoldFixture.digest(later.store(M))).isEqualTo(expected.digest());
      }
    }
    assertThat(FoldFixture.published(uri, 1).get(M.name())).isEqualTo(expected.changes());
  }

  @Test
  void aSlowSubscriberGetsEverythingOnce() throws Exception {
    List<Event> events = FoldFixture.recordings(1, 60_000).getFirst();
    FoldFixture.Expected expected = FoldFixture.fold(M, events);
    TopicPartition changes = new TopicPartition(new Topics(uri.prefix()).changes(), 0);
    List<String> got = new ArrayList<>();
    Map<String, String> few = new HashMap<>(Map.of("max.poll.records", "7"));
    try (KafkaEventLog log = log();
        StreamsFold fold = fold(log, directory, Engines.MODEL_VERSION);
        var consumer = new KafkaClients(uri, few).consumer()) {
      consumer.assign(List.of(changes));
      consumer.seekToBeginning(List.of(changes));
      fold.start();
      FoldFixture.append(log, M, events);
      awaitEnd(fold, M, events.size());
      long giveUp = System.nanoTime() + PATIENCE.toNanos();
      while (got.size() < expected.changes().size() && System.nanoTime() < giveUp) {
        for (var record : consumer.poll(Duration.ofMillis(100))) {
          got.add(new String(record.value(), StandardCharsets.UTF_8));
        }
        Thread.sleep(1);
      }
      assertThat(consumer.poll(Duration.ofMillis(500))).isEmpty();
    }
    assertThat(got)
        .isEqualTo(
            expected.changes().stream()
                .map(change -> change.substring(change.indexOf('{')))
                .toList());
  }

  @Test
  void anInstanceWithoutABrokerSaysSo() throws Exception {
    int port = TestBroker.freePorts(1)[0];
    FoldProcess alone =
        FoldProcess.start(
            LedgerUri.parse("kafka://127.0.0.1:" + port + "/x"),
            directory.resolve("state"),
            Map.of(KafkaClients.CONNECT_TIMEOUT, "1000"));
    FoldFixture.await("its end", PATIENCE, () -> !alone.alive());
    assertThat(alone.output()).contains("no answer from Kafka at 127.0.0.1:" + port);
  }

  @Test
  void hundredsOfMachinesInOnePartitionAreKeptApart() throws Exception {
    Map<MachineId, FoldFixture.Expected> expected = new TreeMap<>();
    try (KafkaEventLog log = log();
        StreamsFold fold = fold(log, directory, Engines.MODEL_VERSION)) {
      // More than a task holds in memory; the first are then read again.
      int machines = 270;
      for (int m = 0; m < machines; m++) {
        MachineId machine = new MachineId("m" + m);
        List<Event> events = trace(m);
        expected.put(machine, FoldFixture.fold(machine, events));
        FoldFixture.append(log, machine, m < 9 ? events.subList(0, 2) : events);
      }
      fold.start();
      awaitEnd(fold, new MachineId("m" + (machines - 1)), 4);
      for (int m = 0; m < 9; m++) {
        FoldFixture.append(log, new MachineId("m" + m), trace(m).subList(2, 4));
      }
      for (MachineId machine : expected.keySet()) {
        awaitEnd(fold, machine, 4);
        assertThat(FoldFixture.digest(fold.store(machine)))
            .as(machine.name())
            .isEqualTo(expected.get(machine).digest());
      }
    }
    var published = FoldFixture.published(uri, 1);
    expected.forEach(
        (machine, one) -> assertThat(published.get(machine.name())).isEqualTo(one.changes()));
  }

  private static List<Event> trace(int machine) throws IOException {
    String text =
        """
        7 1700000000.000001 execve("/bin/sh", ["sh"], 0x7ffc /* 0 vars */) = 0
        7 1700000000.000002 openat(AT_FDCWD, "/tmp/fNNN", O_RDWR|O_CREAT, 0600) = 3</tmp/fNNN>
        7 1700000000.000003 flock(3</tmp/fNNN>, LOCK_EX) = 0
        7 1700000000.000004 mount("none", "/mnt/NNN", "tmpfs", 0, NULL) = 0
        """
            .replace("NNN", Integer.toString(machine));
    List<Event> events = new ArrayList<>();
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    try (StraceReader reader =
        StraceReader.open(new ByteArrayInputStream(bytes), StraceOptions.of("t"))) {
      reader.read(
          event -> {
            events.add(event);
            return events.size();
          });
    }
    return events;
  }
}
