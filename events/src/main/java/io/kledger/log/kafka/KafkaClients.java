package io.kledger.log.kafka;

import io.kledger.log.LedgerUri;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Makes Kafka's clients: with the user's properties (security, timeouts, compression), and with
 * ours where the ledger's promises depend on them.
 */
public final class KafkaClients {

  /** How long an unreachable broker is waited for when a ledger is opened; milliseconds. */
  public static final String CONNECT_TIMEOUT = "kledger.connect.timeout.ms";

  /** How many partitions a new ledger gets. */
  public static final String PARTITIONS = "kledger.partitions";

  /** How many copies of each partition a new ledger gets; the broker's default if not said. */
  public static final String REPLICATION = "kledger.replication";

  /** {@code true}: write although the topics are set up so that events can get lost. */
  public static final String ACCEPT_LOSS = "kledger.accept.loss";

  private static final String OURS = "kledger.";

  private final LedgerUri.Kafka uri;
  private final Map<String, String> properties;

  /** Clients for a ledger; {@code properties} as they are in {@code LogOptions.kafka()}. */
  public KafkaClients(LedgerUri.Kafka uri, Map<String, String> properties) {
    this.uri = uri;
    this.properties = properties;
  }

  /** One of our own properties. */
  public String own(String name, String otherwise) {
    return properties.getOrDefault(name, otherwise);
  }

  /** See {@link #CONNECT_TIMEOUT}. */
  public int connectTimeout() {
    return Integer.parseInt(own(CONNECT_TIMEOUT, "15000"));
  }

  /** What every client gets: the user's properties without ours, and the address. */
  public Map<String, Object> common() {
    var common = new HashMap<String, Object>();
    properties.forEach(
        (name, value) -> {
          if (!name.startsWith(OURS)) {
            common.put(name, value);
          }
        });
    common.put("bootstrap.servers", uri.bootstrap());
    return common;
  }

  /** For topics and their configuration. */
  public Admin admin() {
    var config = common();
    config.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, connectTimeout());
    config.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, Math.min(10_000, connectTimeout()));
    return Admin.create(config);
  }

  /** The writer of a machine's log: idempotent, transactional, acknowledged by all replicas. */
  public KafkaProducer<byte[], byte[]> producer(String transactionalId) {
    var config = common();
    config.putIfAbsent(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    config.putIfAbsent(ProducerConfig.LINGER_MS_CONFIG, 5);
    config.putIfAbsent(ProducerConfig.BATCH_SIZE_CONFIG, 256 << 10);
    // A transaction right after another is told to try again: that soon passes.
    config.putIfAbsent(ProducerConfig.RETRY_BACKOFF_MS_CONFIG, 10);
    config.putIfAbsent(ProducerConfig.BUFFER_MEMORY_CONFIG, 64L << 20);
    // What a killed writer began holds back what others wrote after it, for as long.
    config.putIfAbsent(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, 30_000);
    config.put(ProducerConfig.ACKS_CONFIG, "all");
    config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    config.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
    config.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    config.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    return new KafkaProducer<>(config);
  }

  /** A reader of what was committed, that is told where to read. */
  public KafkaConsumer<byte[], byte[]> consumer() {
    var config = common();
    config.putIfAbsent(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 5000);
    config.putIfAbsent(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 4 << 20);
    config.remove(ConsumerConfig.GROUP_ID_CONFIG);
    config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    config.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
    config.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
    return new KafkaConsumer<>(config);
  }
}
