package io.kledger.log.kafka;

import io.kledger.event.MachineId;
import io.kledger.event.avro.Event;
import io.kledger.log.Appender;
import io.kledger.log.LedgerUri;
import io.kledger.log.LogException;
import io.kledger.log.SourceProgress;
import io.kledger.log.codec.ProgressCodec;
import io.kledger.log.codec.WireException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.utils.Utils;

/**
 * Writes a machine's events in transactions: the events, where they end, and how far the sources
 * were read. A commit ends one; so does every {@value #MOST_EVENTS} events, because an open
 * transaction keeps readers of the partition waiting.
 */
final class KafkaAppender implements Appender {

  /** Events after which they are committed unasked. */
  private static final int MOST_EVENTS = 20_000;

  private static final long MOST_BYTES = 8L << 20;

  /** Events between two places at which the log can be entered. */
  private static final long ENTRY_DISTANCE = 4_096;

  /**
   * Where a machine's events go.
   *
   * @param partitions of the events' topic: what a new machine's partition is chosen from
   */
  record Place(
      LedgerUri.Kafka uri, Topics topics, MachineId machine, int partitions, Framing framing) {}

  private record Entry(long position, Future<RecordMetadata> where) {}

  private final Place place;
  private final KafkaProducer<byte[], byte[]> producer;
  private final Runnable onClose;
  private final int partition;
  private final TreeMap<Integer, SourceProgress> sources = new TreeMap<>();
  private final TreeMap<Integer, SourceProgress> noted = new TreeMap<>();
  private final List<ProducerRecord<byte[], byte[]>> waiting = new ArrayList<>();
  private long waitingBytes;
  private ProducerRecord<byte[], byte[]> schema;
  private long next;
  private long committed;
  private long lastEntry;
  private boolean isNew;
  private Supplier<SourceProgress> progressSource;
  private LogException failure;
  private boolean closed;

  private KafkaAppender(
      Place place,
      KafkaProducer<byte[], byte[]> producer,
      MachineTable table,
      ProducerRecord<byte[], byte[]> schema,
      Runnable onClose) {
    this.place = place;
    this.producer = producer;
    this.schema = schema;
    this.onClose = onClose;
    int known = table.partition(place.machine());
    isNew = known < 0;
    partition = isNew ? choose(place) : known;
    committed = table.end(place.machine());
    next = committed + 1;
    var entry = table.entry(place.machine(), Long.MAX_VALUE);
    lastEntry = entry == null || entry.offset() < 0 ? -ENTRY_DISTANCE : entry.position();
    table.sources(place.machine()).forEach(source -> sources.put(source.number(), source));
  }

  /** As Kafka's own partitioner does; it is written down, so that more partitions do no harm. */
  private static int choose(Place place) {
    return Utils.toPositive(Utils.murmur2(EventRecords.key(place.machine()))) % place.partitions();
  }

  /** Fences whoever was writing, and goes on after the last transaction. */
  static KafkaAppender open(
      Place place,
      KafkaClients clients,
      MachineTable table,
      KafkaSchemas schemas,
      Runnable onClose) {
    var doing = "write to machine " + place.machine();
    KafkaProducer<byte[], byte[]> producer = null;
    try {
      producer = clients.producer(place.uri().prefix() + ".events." + place.machine());
      producer.initTransactions();
      table.refresh();
      var appender = new KafkaAppender(place, producer, table, schemas.missing(), onClose);
      if (appender.isNew) {
        appender.flush();
      }
      return appender;
    } catch (RuntimeException e) {
      if (producer != null) {
        producer.close(Duration.ZERO);
      }
      throw KafkaErrors.of(place.uri(), doing, e);
    }
  }

  @Override
  public MachineId machine() {
    return place.machine();
  }

  @Override
  public long next() {
    return next;
  }

  @Override
  public long committed() {
    return committed;
  }

  @Override
  public List<SourceProgress> sources() {
    return List.copyOf(sources.values());
  }

  @Override
  public long append(Event event) {
    requireUsable();
    long before = event.getPosition();
    event.put(0, next);
    byte[] value;
    try {
      value = place.framing().encode(event);
    } catch (WireException e) {
      event.put(0, before);
      throw new IllegalArgumentException("event cannot be encoded: " + e.getMessage(), e);
    }
    waiting.add(
        EventRecords.event(
            place.topics().events(), partition, place.machine(), value, next, event));
    waitingBytes += value.length + 100;
    var rejected = EventRecords.rejected(place.topics().rejected(), place.machine(), next, event);
    if (rejected != null) {
      waiting.add(rejected);
    }
    next++;
    if (waiting.size() >= MOST_EVENTS || waitingBytes >= MOST_BYTES) {
      guarded();
    }
    return next - 1;
  }

  @Override
  public void progress(SourceProgress progress) {
    requireUsable();
    sources.put(progress.number(), progress);
    noted.put(progress.number(), progress);
  }

  @Override
  public void progressFrom(Supplier<SourceProgress> progress) {
    requireUsable();
    progressSource = progress;
  }

  @Override
  public long commit() {
    requireUsable();
    guarded();
    return committed;
  }

  private void guarded() {
    try {
      flush();
    } catch (RuntimeException e) {
      failure = failed(e);
      abort();
      throw failure;
    }
  }

  /** One transaction with all that waits; nothing if nothing does. */
  private void flush() {
    var current = progressSource == null ? null : progressSource.get();
    if (current != null && !current.equals(sources.get(current.number()))) {
      progress(current);
    }
    if (waiting.isEmpty() && noted.isEmpty() && !isNew) {
      return;
    }
    producer.beginTransaction();
    if (schema != null) {
      producer.send(schema);
    }
    var entries = new ArrayList<Entry>();
    long position = committed;
    for (var record : waiting) {
      var sent = producer.send(record);
      if (!record.topic().equals(place.topics().events())) {
        continue;
      }
      position++;
      if (position - lastEntry >= ENTRY_DISTANCE) {
        entries.add(new Entry(position, sent));
        lastEntry = position;
      }
    }
    if (!entries.isEmpty()) {
      producer.flush();
    }
    for (var entry : entries) {
      table(
          MachineTable.entryKey(place.machine(), entry.position()),
          MachineTable.numbers(partition, offset(entry.where())));
    }
    for (var source : noted.values()) {
      table(
          MachineTable.sourceKey(place.machine(), source.number()),
          ProgressCodec.encode(List.of(source)));
    }
    table(MachineTable.machineKey(place.machine()), MachineTable.numbers(partition, next - 1));
    producer.commitTransaction();
    committed = next - 1;
    waiting.clear();
    waitingBytes = 0;
    noted.clear();
    schema = null;
    isNew = false;
  }

  private void table(byte[] key, byte[] value) {
    producer.send(new ProducerRecord<>(place.topics().machines(), 0, key, value));
  }

  private static long offset(Future<RecordMetadata> sent) {
    try {
      return sent.get().offset();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new org.apache.kafka.common.errors.InterruptException(e);
    }
  }

  private LogException failed(RuntimeException e) {
    var said = KafkaErrors.of(place.uri(), "append to machine " + place.machine(), e);
    return said instanceof LogException.Failed
        ? new LogException.Failed(
            said.getMessage()
                + "; events up to "
                + committed
                + " are safe; run it again: what is there already is not written twice",
            e)
        : said;
  }

  /** So that readers need not wait for the transaction to time out. */
  private void abort() {
    try {
      producer.abortTransaction();
    } catch (RuntimeException e) {
      // The broker does it when the transaction times out, or the next writer comes.
    }
  }

  private void requireUsable() {
    if (closed) {
      throw new IllegalStateException("appender is closed");
    }
    if (failure != null) {
      throw failure;
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      waiting.clear();
      producer.close(failure == null ? Duration.ofSeconds(10) : Duration.ZERO);
      onClose.run();
    }
  }
}
