package io.kledger.projection.ledger;

import io.kledger.engine.Engines;
import io.kledger.log.LedgerUri;
import io.kledger.log.kafka.ClientProperties;
import io.kledger.projection.streams.StreamsFold;
import io.kledger.replay.LedgerOptions;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/** Makes the ledger that the configuration names, and opens it when the service starts. */
@ApplicationScoped
public class LedgerBean {
  private static final Logger LOG = Logger.getLogger("io.kledger.ledger");

  /** A directory, or kafka://host:port/prefix; environment: KLEDGER_LEDGER. */
  @ConfigProperty(name = "kledger.ledger")
  Optional<String> ledger;

  /** Where folded state is kept; if not said, in the ledger's directory. */
  @ConfigProperty(name = "kledger.state")
  Optional<Path> state;

  /** Properties for Kafka's clients, a file; environment: KLEDGER_KAFKA_CONFIG. */
  @ConfigProperty(name = "kledger.kafka.config")
  Optional<Path> kafkaConfig;

  /** Whether an empty ledger is made where there is none. */
  @ConfigProperty(name = "kledger.create", defaultValue = "false")
  boolean create;

  /** {@code streams}: folded by Kafka Streams, with the other instances of this service. */
  @ConfigProperty(name = "kledger.fold")
  Optional<String> fold;

  /** Partitions that are folded at once by this instance. */
  @ConfigProperty(name = "kledger.fold.threads", defaultValue = "1")
  int threads;

  /** Other instances that keep a copy of each state. */
  @ConfigProperty(name = "kledger.fold.standbys", defaultValue = "0")
  int standbys;

  /** {@code host:port} at which clients reach this instance; others send them there. */
  @ConfigProperty(name = "kledger.fold.server")
  Optional<String> server;

  @ConfigProperty(name = "quarkus.http.port")
  int port;

  @Produces
  @Singleton
  ServedLedger ledger() {
    LedgerOptions options =
        LedgerOptions.of(Engines::create, Engines.MODEL_VERSION).withNotices(LOG::warn);
    Map<String, String> kafka = kafkaConfig.map(ClientProperties::load).orElse(Map.of());
    options =
        options.withLog(
            options.log().withCreate(create).withNotices(options.notices()).withKafka(kafka));
    LedgerUri uri =
        LedgerUri.parse(
            ledger.orElseGet(() -> System.getProperty("user.home") + "/.local/share/kledger"));
    return new ServedLedger(
        uri,
        state.map(options::withState).orElse(options),
        fold.filter(how -> how.equals("streams")).map(how -> streams(kafka)).orElse(null));
  }

  private StreamsFold.Options streams(Map<String, String> kafka) {
    Path directory =
        state.orElse(Path.of(System.getProperty("user.home"), ".cache", "kledger", "streams"));
    return new StreamsFold.Options(
        directory, threads, standbys, server.orElse("127.0.0.1:" + port), kafka, LOG::warn);
  }

  void close(@Disposes ServedLedger served) {
    served.close();
  }

  void start(@Observes StartupEvent event, ServedLedger served) {
    try {
      LOG.infof("ledger %s with %d machines", served.uri(), served.machines().size());
    } catch (Unavailable e) {
      LOG.warnf("not ready: %s", e.getMessage());
    }
  }
}
