package io.kledger.log.kafka;

import io.kledger.log.LedgerUri;
import io.kledger.log.LogException;
import io.kledger.log.codec.EventCodec;
import io.kledger.log.codec.ReleasedSchemas;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * The schemas that a ledger's events were written with: a compacted topic, key is the fingerprint
 * in hexadecimal, value the schema as JSON. Used by several threads.
 */
public final class KafkaSchemas {

  private final LedgerUri.Kafka uri;
  private final KafkaClients clients;
  private final TopicPartition partition;
  private Map<Long, Schema> read;

  /** Reads nothing yet. */
  public KafkaSchemas(LedgerUri.Kafka uri, KafkaClients clients) {
    this.uri = uri;
    this.clients = clients;
    partition = new TopicPartition(new Topics(uri.prefix()).schemas(), 0);
  }

  /** The schema with a fingerprint; null if it is neither ours nor in the topic. */
  public synchronized Schema find(long fingerprint) {
    var ours = ReleasedSchemas.find(fingerprint);
    if (ours != null) {
      return ours;
    }
    if (read == null || !read.containsKey(fingerprint)) {
      read = readAll();
    }
    return read.get(fingerprint);
  }

  /** The record that adds this program's schema; null if it is there already. */
  synchronized ProducerRecord<byte[], byte[]> missing() {
    if (read == null) {
      read = readAll();
    }
    if (read.putIfAbsent(EventCodec.FINGERPRINT, EventCodec.SCHEMA) != null) {
      return null;
    }
    return new ProducerRecord<>(
        partition.topic(),
        0,
        EventCodec.hex(EventCodec.FINGERPRINT).getBytes(StandardCharsets.UTF_8),
        EventCodec.json(EventCodec.SCHEMA).getBytes(StandardCharsets.UTF_8));
  }

  private Map<Long, Schema> readAll() {
    var found = new HashMap<Long, Schema>();
    try (var consumer = clients.consumer()) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      var patience = Duration.ofMillis(clients.connectTimeout());
      long end = consumer.endOffsets(List.of(partition), patience).get(partition);
      long giveUp = System.nanoTime() + patience.toNanos();
      while (consumer.position(partition, patience) < end && System.nanoTime() < giveUp) {
        for (var record : consumer.poll(Duration.ofMillis(100))) {
          if (record.value() != null) {
            var schema =
                new Schema.Parser().parse(new String(record.value(), StandardCharsets.UTF_8));
            found.put(EventCodec.fingerprint(schema), schema);
          }
        }
      }
      return found;
    } catch (org.apache.avro.SchemaParseException e) {
      throw new LogException.Schema(
          "topic " + partition.topic() + " holds something that is no schema: " + e.getMessage(),
          e);
    } catch (RuntimeException e) {
      throw KafkaErrors.of(uri, "read the schemas", e);
    }
  }
}
