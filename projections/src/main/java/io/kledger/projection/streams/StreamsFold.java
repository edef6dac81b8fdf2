package io.kledger.projection.streams;

import io.kledger.engine.Engines;
import io.kledger.event.MachineId;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.log.LedgerUri;
import io.kledger.log.LogException;
import io.kledger.log.kafka.KafkaClients;
import io.kledger.log.kafka.KafkaErrors;
import io.kledger.log.kafka.KafkaEventLog;
import io.kledger.log.kafka.Topics;
import io.kledger.store.Fingerprint;
import io.kledger.store.KeyedStore;
import io.kledger.store.RecordCodecs;
import io.kledger.store.Store;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyQueryMetadata;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.state.HostInfo;

/**
 * One instance of the fold: takes its share of the partitions, and answers for the machines there.
 */
public final class StreamsFold implements AutoCloseable {
  private static final long PAUSE_MILLIS = 1_000;
  private static final int ID_LENGTH = 8;

  /**
   * How an instance runs.
   *
   * @param state directory of its state stores
   * @param threads how many partitions are folded at once
   * @param standbys how many other instances keep a copy of each state
   * @param server {@code host:port} at which this instance answers questions; null: it does not
   * @param kafka properties for Kafka's clients and Kafka Streams
   * @param notices receives what an operator should know
   */
  public record Options(
      Path state,
      int threads,
      int standbys,
      String server,
      Map<String, String> kafka,
      Consumer<String> notices) {
    public Options {
      Objects.requireNonNull(state, "state");
      kafka = Map.copyOf(kafka);
    }
  }

  private final KafkaEventLog log;
  private final RecordCodecs codecs = new RecordCodecs(Tables.ALL);
  private final String identity;
  private final Options options;
  private final KafkaStreams streams;
  private volatile boolean closing;

  /**
   * Makes an instance that does not run yet.
   *
   * @param log the events; stays open, and the caller's
   */
  public StreamsFold(KafkaEventLog log, Options options) {
    this(log, options, Engines.MODEL_VERSION);
  }

  StreamsFold(KafkaEventLog log, Options options, int modelVersion) {
    this.log = log;
    this.options = options;
    LedgerUri.Kafka uri = (LedgerUri.Kafka) log.uri();
    String fingerprint = Fingerprint.of(new KernelState().tables(), codecs, modelVersion);
    identity = fingerprint + "-" + log.id().substring(0, ID_LENGTH);
    String applications = uri.prefix() + ".fold.";
    String application = applications + fingerprint.substring(0, ID_LENGTH);
    Topics topics = new Topics(uri.prefix());
    KafkaClients clients = new KafkaClients(uri, options.kafka());
    FoldProcessor.Shared shared =
        new FoldProcessor.Shared(
            codecs,
            identity,
            log.framing(),
            uri.prefix(),
            new SwitchOver(clients, application, applications, topics.events(), options.notices()));
    try {
      streams =
          new KafkaStreams(
              FoldTopology.of(topics, shared), new StreamsConfig(config(clients, application)));
    } catch (RuntimeException e) {
      throw KafkaErrors.of(uri, "fold", e);
    }
    streams.setUncaughtExceptionHandler(this::failed);
  }

  private Map<String, Object> config(KafkaClients clients, String application) {
    Map<String, Object> config = clients.common();
    config.put(StreamsConfig.APPLICATION_ID_CONFIG, application);
    config.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    // A ledger made anew in the place of another has the same topics, and other events.
    config.put(
        StreamsConfig.STATE_DIR_CONFIG,
        options.state().resolve(log.id().substring(0, ID_LENGTH)).toString());
    config.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, options.threads());
    config.put(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, options.standbys());
    config.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0);
    config.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
    config.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
    if (options.server() != null) {
      config.put(StreamsConfig.APPLICATION_SERVER_CONFIG, options.server());
    }
    config.putIfAbsent(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 100);
    consumer(config, ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    consumer(config, ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 2_000);
    consumer(config, ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 4 << 20);
    producer(config, ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    producer(config, ProducerConfig.LINGER_MS_CONFIG, 20);
    producer(config, ProducerConfig.BATCH_SIZE_CONFIG, 128 << 10);
    return config;
  }

  private static void consumer(Map<String, Object> config, String name, Object value) {
    if (!config.containsKey(name)) {
      config.putIfAbsent(StreamsConfig.mainConsumerPrefix(name), value);
    }
  }

  private static void producer(Map<String, Object> config, String name, Object value) {
    if (!config.containsKey(name)) {
      config.putIfAbsent(StreamsConfig.producerPrefix(name), value);
    }
  }

  /**
   * A thread failed: nothing of its transaction counts. What can pass (a full disk, a broker that
   * is away) is tried again; events that this version cannot read will not get better.
   */
  private StreamThreadExceptionResponse failed(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof LogException.Schema || cause instanceof LogException.Damaged) {
        options.notices().accept("the fold stops: " + cause.getMessage());
        return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
      }
    }
    if (closing) {
      return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    }
    options.notices().accept("the fold failed and is tried again: " + innermost(failure));
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return StreamThreadExceptionResponse.REPLACE_THREAD;
  }

  private static String innermost(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause.toString();
  }

  /** Begins; {@link #running} tells when it has its partitions. */
  public void start() {
    streams.start();
  }

  /** Whether it has its partitions, with their state. */
  public boolean running() {
    return streams.state() == KafkaStreams.State.RUNNING;
  }

  /** Whether it has ended by itself: it failed for good. */
  public boolean failed() {
    return streams.state() == KafkaStreams.State.ERROR
        || streams.state() == KafkaStreams.State.NOT_RUNNING;
  }

  /** The events. */
  public KafkaEventLog log() {
    return log;
  }

  /**
   * The state of a machine, if it is here.
   *
   * @return null if another instance has it, or none at this moment; what it shows is as of the
   *     last commit, which may be in the making
   */
  public Store store(MachineId machine) {
    int partition = log.partition(machine);
    if (partition < 0) {
      return null;
    }
    try {
      for (FoldStateStore store :
          streams.store(
              StoreQueryParameters.fromNameAndType(FoldStateStore.NAME, new FoldStoreType())
                  .withPartition(partition))) {
        StreamsValues values = new StreamsValues(store.values(), machine, false);
        return new KeyedStore(values, codecs, identity);
      }
      return null;
    } catch (InvalidStateStoreException e) {
      return null;
    }
  }

  /**
   * The instance that has a machine's state.
   *
   * @return {@code host:port}; null if it is not known at this moment
   */
  public String owner(MachineId machine) {
    KeyQueryMetadata found = metadata(machine);
    HostInfo host = found == null ? null : found.activeHost();
    return host == null || host.equals(HostInfo.unavailable()) || host.port() <= 0
        ? null
        : host.host() + ":" + host.port();
  }

  /** How many other instances keep a copy of a machine's state. */
  public int copies(MachineId machine) {
    KeyQueryMetadata found = metadata(machine);
    return found == null ? 0 : found.standbyHosts().size();
  }

  private KeyQueryMetadata metadata(MachineId machine) {
    int partition = log.partition(machine);
    return partition < 0
        ? null
        : streams.queryMetadataForKey(
            FoldStateStore.NAME,
            machine.name(),
            (topic, key, value, partitions) -> Optional.of(Set.of(partition)));
  }

  /** Leaves its partitions to the others. What is folded and not committed they fold again. */
  @Override
  public void close() {
    closing = true;
    streams.close(Duration.ofSeconds(30));
  }
}
