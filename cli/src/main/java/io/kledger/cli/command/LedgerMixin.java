package io.kledger.cli.command;

import io.kledger.engine.Engines;
import io.kledger.event.MachineId;
import io.kledger.log.LedgerUri;
import io.kledger.log.LogOptions;
import io.kledger.log.kafka.ClientProperties;
import io.kledger.replay.Ledger;
import io.kledger.replay.LedgerOptions;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options that say which ledger and which machine. */
final class LedgerMixin {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--ledger",
      paramLabel = "URI",
      description = {
        "A directory, or kafka://host:port/prefix. Default: $KLEDGER_LEDGER, else"
            + " ~/.local/share/kledger."
      })
  private String ledger;

  @Option(
      names = "--machine",
      paramLabel = "ID",
      description = "The machine; needed only where the ledger has several.")
  private String machine;

  @Option(
      names = "--kafka-config",
      paramLabel = "FILE",
      description = {
        "Properties for Kafka's clients (security, timeouts, compression), for a ledger in Kafka."
            + " Default: $KLEDGER_KAFKA_CONFIG."
      })
  private Path kafkaConfig;

  /** The address of the ledger. */
  LedgerUri uri() {
    if (ledger != null) {
      return LedgerUri.parse(ledger);
    }
    String environment = System.getenv("KLEDGER_LEDGER");
    return environment != null && !environment.isEmpty()
        ? LedgerUri.parse(environment)
        : new LedgerUri.Directory(
            Path.of(System.getProperty("user.home"), ".local", "share", "kledger"));
  }

  /** Whether the user said which machine. */
  boolean machineNamed() {
    return machine != null;
  }

  /** The machine that the user named, or the given one. */
  MachineId machineOr(MachineId otherwise) {
    return machine == null ? otherwise : new MachineId(machine);
  }

  /** Opens an existing ledger and brings its state up to the log. */
  Ledger open() {
    return open(uri());
  }

  /** Opens the ledger of a machine that was chosen before. */
  Ledger open(MachineId chosen) {
    return open(uri(), chosen);
  }

  Ledger open(LedgerUri uri) {
    return open(uri, machineOr(null));
  }

  private Ledger open(LedgerUri uri, MachineId chosen) {
    Ledger ledger = Ledger.open(uri, chosen, options());
    try {
      ledger.catchUp();
      return ledger;
    } catch (RuntimeException e) {
      ledger.close();
      throw e;
    }
  }

  /** Notices go to standard error. */
  LedgerOptions options() {
    PrintWriter err = spec.commandLine().getErr();
    return LedgerOptions.of(Engines::create, Engines.MODEL_VERSION)
        .withNotices(notice -> err.println("kledger: " + notice))
        .withState(state())
        .withLog(log().withCreate(false));
  }

  /** Where folded state is kept: beside the log, and in the user's cache for a log in Kafka. */
  private Path state() {
    if (!(uri() instanceof LedgerUri.Kafka kafka)) {
      return null;
    }
    String cache = System.getenv("XDG_CACHE_HOME");
    Path directory =
        cache != null && !cache.isEmpty()
            ? Path.of(cache)
            : Path.of(System.getProperty("user.home"), ".cache");
    return directory
        .resolve("kledger")
        .resolve(kafka.bootstrap().replaceAll("[^A-Za-z0-9._-]", "_"))
        .resolve(kafka.prefix());
  }

  /** Options for the log alone. */
  LogOptions log() {
    PrintWriter err = spec.commandLine().getErr();
    return LogOptions.DEFAULTS
        .withNotices(notice -> err.println("kledger: " + notice))
        .withKafka(kafkaProperties());
  }

  /** The file of Kafka's client properties; null if the user names none. */
  Path kafkaConfig() {
    String environment = System.getenv("KLEDGER_KAFKA_CONFIG");
    return kafkaConfig == null && environment != null && !environment.isEmpty()
        ? Path.of(environment)
        : kafkaConfig;
  }

  /** What Kafka's clients are told; nothing if the user says nothing. */
  Map<String, String> kafkaProperties() {
    Path file = kafkaConfig();
    return file == null ? Map.of() : ClientProperties.load(file);
  }
}
