package io.kledger.projection.streams;

import static org.assertj.core.api.Assertions.assertThat;

import io.kledger.event.MachineId;
import io.kledger.event.avro.Event;
import io.kledger.ingest.proc.SnapshotReader;
import io.kledger.ingest.recording.RecordingArchive;
import io.kledger.ingest.strace.StraceOptions;
import io.kledger.ingest.strace.StraceReader;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.log.EventLog;
import io.kledger.log.LedgerUri;
import io.kledger.log.codec.EventCodec;
import io.kledger.log.kafka.KafkaClients;
import io.kledger.log.kafka.Topics;
import io.kledger.store.RecordCodecs;
import io.kledger.store.StateDigest;
import io.kledger.store.Store;
import io.kledger.store.StoreView;
import io.kledger.view.Note;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * What tests of the fold share: recordings, the fold of a single machine, the published changes.
 */
final class FoldFixture {
  private static final RecordCodecs CODECS = new RecordCodecs(Tables.ALL);

  private FoldFixture() {}

  /** What the fold of one machine comes to. */
  record Expected(String digest, List<String> changes) {}

  /** Events of recordings of real kernels that are shipped with the project, the first N. */
  static List<List<Event>> recordings(int count, long bytes) throws IOException {
    Path corpus = Path.of(System.getProperty("kledger.home"), "corpus");
    List<Path> files;
    try (var tree = Files.walk(corpus)) {
      files =
          tree.filter(path -> path.toString().endsWith(".tar.gz"))
              .filter(path -> !path.getParent().endsWith("audit"))
              .filter(path -> path.toFile().length() < bytes)
              .sorted()
              .toList();
    }
    assertThat(files).hasSizeGreaterThanOrEqualTo(count);
    List<List<Event>> recordings = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      recordings.add(events(files.get(i * files.size() / count)));
    }
    return recordings;
  }

  private static List<Event> events(Path file) throws IOException {
    RecordingArchive archive = RecordingArchive.open(file);
    List<Event> events = new ArrayList<>();
    if (!archive.snapshots().isEmpty()) {
      events.addAll(SnapshotReader.events(archive.recorder(), archive.snapshots().getFirst(), 1));
    }
    try (InputStream in = archive.trace();
        StraceReader reader =
            StraceReader.open(in, StraceOptions.of(file.toString()).withSalvage(true))) {
      reader.read(
          event -> {
            events.add(event);
            return events.size();
          });
    }
    return events;
  }

  /** Appends them, and waits until they are acknowledged. */
  static void append(EventLog log, MachineId machine, List<Event> events) {
    try (var appender = log.appender(machine)) {
      events.forEach(appender::append);
      appender.commit();
    }
  }

  /** Folds events on their own, in this thread. */
  static Expected fold(MachineId machine, List<Event> events) {
    MachineFold fold = new MachineFold(new NoStore(), new ChangeRecords("x", machine));
    List<String> changes = new ArrayList<>();
    KernelState state = fold.state();
    long position = 0;
    for (Event event : events) {
      event.put(0, ++position);
      int index = 0;
      fold.changes().begin(event);
      for (Note note : fold.fold(event)) {
        changes.add(
            machine.name()
                + "/"
                + position
                + "/"
                + index++
                + " io.kledger."
                + note.type()
                + " "
                + new String(fold.changes().value(note), StandardCharsets.UTF_8));
      }
    }
    return new Expected(StateDigest.of(state.tables(), CODECS), changes);
  }

  /** The digest of what a store holds. */
  static String digest(Store store) {
    KernelState state = new KernelState();
    try (StoreView view = store.current()) {
      state.attach(view);
      return StateDigest.of(state.tables(), CODECS);
    }
  }

  /** What a read_committed subscriber gets, in order, by machine; all there is now. */
  static Map<String, List<String>> published(LedgerUri.Kafka uri, int partitions) {
    Map<String, List<String>> found = new TreeMap<>();
    List<TopicPartition> all = new ArrayList<>();
    for (int p = 0; p < partitions; p++) {
      all.add(new TopicPartition(new Topics(uri.prefix()).changes(), p));
    }
    try (var consumer = new KafkaClients(uri, Map.of()).consumer()) {
      consumer.assign(all);
      consumer.seekToBeginning(all);
      var ends = consumer.endOffsets(all);
      while (all.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
        for (var record : consumer.poll(Duration.ofMillis(100))) {
          var id = header(record.headers().lastHeader("ce_id").value());
          var type = header(record.headers().lastHeader("ce_type").value());
          found
              .computeIfAbsent(header(record.key()), machine -> new ArrayList<>())
              .add(id + " " + type + " " + header(record.value()));
        }
      }
    }
    return found;
  }

  /** An event as a foreign producer may write it. */
  static byte[] value(Event event) {
    return EventCodec.encodeSingleObject(event);
  }

  /** Writes a record past the appender, into the machine's partition. */
  static void foreign(LedgerUri.Kafka uri, MachineId machine, byte[] value) {
    try (var producer = new KafkaClients(uri, Map.of()).producer("foreign")) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(
          new ProducerRecord<>(
              new Topics(uri.prefix()).events(),
              machine.name().getBytes(StandardCharsets.UTF_8),
              value));
      producer.commitTransaction();
    }
  }

  /** The reasons in the topic of rejected records. */
  static List<String> rejected(LedgerUri.Kafka uri) {
    var partition = new TopicPartition(new Topics(uri.prefix()).rejected(), 0);
    List<String> reasons = new ArrayList<>();
    try (var consumer = new KafkaClients(uri, Map.of()).consumer()) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long end = consumer.endOffsets(List.of(partition)).get(partition);
      while (consumer.position(partition) < end) {
        for (var record : consumer.poll(Duration.ofMillis(100))) {
          reasons.add(header(record.headers().lastHeader("reason").value()));
        }
      }
    }
    return reasons;
  }

  private static String header(byte[] value) {
    return new String(value, StandardCharsets.UTF_8);
  }

  /** Client properties that do not wait long for what was killed. */
  static Map<String, String> impatient() {
    Map<String, String> properties = new HashMap<>();
    properties.put("session.timeout.ms", "2000");
    properties.put("heartbeat.interval.ms", "300");
    properties.put("producer.transaction.timeout.ms", "3000");
    properties.put("metadata.max.age.ms", "2000");
    properties.put(KafkaClients.CONNECT_TIMEOUT, "60000");
    return properties;
  }

  static void await(String what, Duration patience, BooleanSupplier condition)
      throws InterruptedException {
    long giveUp = System.nanoTime() + patience.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waiting for " + what).isLessThan(giveUp);
      Thread.sleep(50);
    }
  }
}
