package io.kledger.log.kafka;

import io.kledger.event.MachineId;
import io.kledger.log.EventLog;
import io.kledger.log.LedgerUri;
import io.kledger.log.LogException;
import io.kledger.log.SourceProgress;
import io.kledger.log.codec.ProgressCodec;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/**
 * What the compacted topic of machines says: where each machine's log ends, offsets at which it can
 * be entered, how far its sources were read. Its records are written in the transaction of the
 * events that they tell of. Used by several threads.
 *
 * <p>Keys and values are text, but for the notes on sources:
 *
 * <pre>
 * machine/web-1        3 120000      partition, last position
 * at/web-1/8193        3 77120       partition, offset of the event with this position
 * source/web-1/1       (binary)
 * </pre>
 */
final class MachineTable implements AutoCloseable {

  private static final String MACHINE = "machine/";
  private static final String ENTRY = "at/";
  private static final String SOURCE = "source/";
  private static final Duration POLL = Duration.ofMillis(100);

  /** What is known of a machine. */
  private static final class Known {
    int partition;
    long end;
    final TreeMap<Long, Long> entries = new TreeMap<>();
    final TreeMap<Integer, SourceProgress> sources = new TreeMap<>();
  }

  /**
   * A place from which a machine's events can be read.
   *
   * @param partition of the events' topic
   * @param position of the event there
   * @param offset in the partition; -1: from its beginning
   */
  record Entry(int partition, long position, long offset) {}

  private final LedgerUri.Kafka uri;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final TopicPartition partition;
  private final Duration patience;
  private final Map<MachineId, Known> machines = new TreeMap<>();

  MachineTable(LedgerUri.Kafka uri, KafkaClients clients) {
    this.uri = uri;
    patience = Duration.ofMillis(clients.connectTimeout());
    partition = new TopicPartition(new Topics(uri.prefix()).machines(), 0);
    consumer = clients.consumer();
    consumer.assign(List.of(partition));
    consumer.seekToBeginning(List.of(partition));
  }

  static byte[] machineKey(MachineId machine) {
    return bytes(MACHINE + machine);
  }

  static byte[] entryKey(MachineId machine, long position) {
    return bytes(ENTRY + machine + "/" + position);
  }

  static byte[] sourceKey(MachineId machine, int number) {
    return bytes(SOURCE + machine + "/" + number);
  }

  static byte[] numbers(long first, long second) {
    return bytes(first + " " + second);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Reads what has been committed since. A commit is among it when the broker has written its
   * marker, which may be a moment after the commit returned; an appender opened later waits for
   * that (initTransactions).
   */
  synchronized void refresh() {
    try {
      long end = consumer.endOffsets(List.of(partition), patience).get(partition);
      long giveUp = System.nanoTime() + patience.toNanos();
      while (consumer.position(partition, patience) < end) {
        var records = consumer.poll(POLL);
        records.forEach(this::take);
        if (!records.isEmpty()) {
          giveUp = System.nanoTime() + patience.toNanos();
        } else if (System.nanoTime() > giveUp) {
          throw new LogException.Failed(
              "no answer from Kafka at " + uri.bootstrap() + " while reading " + partition.topic(),
              null);
        }
      }
    } catch (RuntimeException e) {
      throw KafkaErrors.of(uri, "read the machines", e);
    }
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    var key = new String(record.key(), StandardCharsets.UTF_8);
    var value = record.value();
    try {
      if (value == null) {
        return;
      }
      if (key.startsWith(MACHINE)) {
        var known = known(key.substring(MACHINE.length()));
        long[] numbers = parse(value);
        known.partition = (int) numbers[0];
        known.end = numbers[1];
      } else if (key.startsWith(ENTRY)) {
        int slash = key.lastIndexOf('/');
        var known = known(key.substring(ENTRY.length(), slash));
        known.entries.put(Long.parseLong(key.substring(slash + 1)), parse(value)[1]);
      } else if (key.startsWith(SOURCE)) {
        var known = known(key.substring(SOURCE.length(), key.lastIndexOf('/')));
        ProgressCodec.decode(ByteBuffer.wrap(value))
            .forEach(source -> known.sources.put(source.number(), source));
      }
    } catch (IllegalArgumentException e) {
      throw new LogException.Damaged(
          partition.topic(), record.offset(), 0, "cannot be understood: " + e.getMessage(), e);
    }
  }

  private static long[] parse(byte[] value) {
    var words = new String(value, StandardCharsets.UTF_8).split(" ");
    return new long[] {Long.parseLong(words[0]), Long.parseLong(words[1])};
  }

  private Known known(String machine) {
    return machines.computeIfAbsent(new MachineId(machine), id -> new Known());
  }

  synchronized List<MachineId> machines() {
    return new ArrayList<>(machines.keySet());
  }

  /** As of the last {@link #refresh}. */
  synchronized List<EventLog.Summary> summaries() {
    List<EventLog.Summary> all = new ArrayList<>();
    machines.forEach(
        (machine, known) ->
            all.add(new EventLog.Summary(machine, known.end, List.copyOf(known.sources.values()))));
    return all;
  }

  /** As of the last {@link #refresh}; 0 if there is no such machine. */
  synchronized long end(MachineId machine) {
    var known = machines.get(machine);
    return known == null ? 0 : known.end;
  }

  /** The partition of a machine's events; -1 if there is no such machine. */
  synchronized int partition(MachineId machine) {
    var known = machines.get(machine);
    return known == null ? -1 : known.partition;
  }

  synchronized List<SourceProgress> sources(MachineId machine) {
    var known = machines.get(machine);
    return known == null ? List.of() : List.copyOf(known.sources.values());
  }

  /** Where to begin reading for a position; null if there is no such machine. */
  synchronized Entry entry(MachineId machine, long position) {
    var known = machines.get(machine);
    if (known == null) {
      return null;
    }
    var found = known.entries.floorEntry(position);
    return found == null
        ? new Entry(known.partition, 1, -1)
        : new Entry(known.partition, found.getKey(), found.getValue());
  }

  @Override
  public synchronized void close() {
    consumer.close();
  }
}
