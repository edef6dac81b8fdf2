package io.kledger.log.kafka;

import io.kledger.event.MachineId;
import io.kledger.event.avro.Event;
import io.kledger.log.Cursor;
import io.kledger.log.LedgerUri;
import io.kledger.log.LogException;
import io.kledger.log.codec.WireException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;

/**
 * Reads one machine's events out of its partition, from the place before the position at which it
 * can be entered. Events that are there twice (written by a producer that is not ours) are passed
 * over; a gap is damage.
 */
final class KafkaCursor implements Cursor {

  private static final Duration POLL = Duration.ofMillis(50);

  private final KafkaEventLog log;
  private final LedgerUri.Kafka uri;
  private final MachineId machine;
  private final byte[] key;
  private final Runnable onClose;
  private final Framing.Decoder decoder;
  private KafkaConsumer<byte[], byte[]> consumer;
  private TopicPartition partition;
  private Iterator<ConsumerRecord<byte[], byte[]>> fetched = Collections.emptyIterator();
  private long position;
  private boolean closed;

  KafkaCursor(KafkaEventLog log, MachineId machine, long from, Runnable onClose) {
    this.log = log;
    this.machine = machine;
    this.onClose = onClose;
    uri = (LedgerUri.Kafka) log.uri();
    key = EventRecords.key(machine);
    decoder = log.framing().decoder();
    position = from;
  }

  @Override
  public long position() {
    return position;
  }

  @Override
  public Event next() {
    requireOpen();
    try {
      var event = fromFetched();
      if (event != null) {
        return event;
      }
      long end = log.table().end(machine);
      if (position > end) {
        log.table().refresh();
        end = log.table().end(machine);
      }
      long giveUp = System.nanoTime() + log.clients().connectTimeout() * 1_000_000L;
      while (position <= end) {
        long before = offset();
        fetch(POLL);
        event = fromFetched();
        if (event != null) {
          return event;
        }
        if (offset() > before) {
          giveUp = System.nanoTime() + log.clients().connectTimeout() * 1_000_000L;
        } else if (System.nanoTime() > giveUp) {
          throw new LogException.Failed(
              "event @" + position + " of machine " + machine + " does not come from " + uri, null);
        }
      }
      return null;
    } catch (InterruptException e) {
      Thread.currentThread().interrupt();
      return null;
    } catch (RuntimeException e) {
      throw failed(e);
    }
  }

  @Override
  public Event await(Duration timeout) {
    long giveUp = System.nanoTime() + timeout.toNanos();
    var event = next();
    try {
      while (event == null && !Thread.currentThread().isInterrupted()) {
        long left = giveUp - System.nanoTime();
        if (left <= 0) {
          return null;
        }
        fetch(Duration.ofNanos(left));
        event = fromFetched();
      }
      return event;
    } catch (InterruptException e) {
      Thread.currentThread().interrupt();
      return null;
    } catch (RuntimeException e) {
      throw failed(e);
    }
  }

  private long offset() {
    start();
    return consumer.position(partition);
  }

  private void fetch(Duration timeout) {
    start();
    fetched = consumer.poll(timeout).iterator();
  }

  private void start() {
    if (consumer != null) {
      return;
    }
    var entry = log.table().entry(machine, position);
    partition = new TopicPartition(log.topics().events(), entry.partition());
    consumer = log.takeConsumer();
    consumer.assign(List.of(partition));
    if (entry.offset() >= 0) {
      consumer.seek(partition, entry.offset());
    } else {
      consumer.seekToBeginning(List.of(partition));
    }
  }

  private Event fromFetched() {
    while (fetched.hasNext()) {
      var record = fetched.next();
      if (!Arrays.equals(record.key(), key)) {
        continue;
      }
      long said = EventRecords.position(record.headers());
      if (said >= 0 && said < position) {
        continue;
      }
      Event event;
      try {
        event = decoder.decode(record.value());
      } catch (WireException e) {
        throw damaged(record, e.getMessage());
      }
      if (event.getPosition() < position) {
        continue;
      }
      if (event.getPosition() > position) {
        throw damaged(
            record,
            "event @"
                + event.getPosition()
                + " follows; those between are missing: deleted by retention, or written by a"
                + " producer that does not number them");
      }
      position++;
      return event;
    }
    return null;
  }

  private LogException damaged(ConsumerRecord<byte[], byte[]> record, String what) {
    return new LogException.Damaged(
        "partition " + partition + " offset " + record.offset(), -1, position, what);
  }

  private LogException failed(RuntimeException e) {
    if (e instanceof OffsetOutOfRangeException) {
      return new LogException.Damaged(
          "partition " + partition,
          -1,
          position,
          "events of machine " + machine + " are gone from the topic; check its retention",
          e);
    }
    return KafkaErrors.of(uri, "read machine " + machine, e);
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("cursor is closed");
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      if (consumer != null) {
        log.giveBack(consumer);
      }
      onClose.run();
    }
  }
}
