package io.kledger.cli.command;

import io.kledger.cli.Service;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Runs the service. */
@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    description = {
      "Serves a ledger over HTTP, with a page to look at it, until it is stopped; see docs/api.md.",
      "On 127.0.0.1 unless told otherwise: a ledger tells what its machines do."
    })
public final class ServeCommand implements Callable<Integer> {
  private static final int MOST_PORT = 65535;

  @Spec private CommandSpec spec;

  @Option(
      names = "--ledger",
      paramLabel = "URI",
      description = {
        "A directory, or kafka://host:port/prefix. Default: $KLEDGER_LEDGER, else"
            + " ~/.local/share/kledger."
      })
  private String ledger;

  @Option(
      names = "--kafka-config",
      paramLabel = "FILE",
      description = {
        "Properties for Kafka's clients, for a ledger in Kafka. Default: $KLEDGER_KAFKA_CONFIG."
      })
  private Path kafkaConfig;

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      description = {
        "Address to listen on; default 127.0.0.1. Any other needs --tls-cert, --tls-key and --tokens."
      })
  private String host;

  @Option(
      names = "--port",
      paramLabel = "N",
      description = "Port to listen on; default 8080, 0 takes a free one.")
  private Integer port;

  @Option(
      names = "--tls-cert",
      paramLabel = "FILE",
      description = "Certificate, PEM: the service speaks HTTPS only.")
  private Path certificate;

  @Option(names = "--tls-key", paramLabel = "FILE", description = "Its key, PEM.")
  private Path key;

  @Option(
      names = "--tokens",
      paramLabel = "FILE",
      description = {
        "Who may ask: lines of 'read' or 'append' and the SHA-256 of a bearer token, in hexadecimal."
      })
  private Path tokens;

  @Option(
      names = "--append",
      description = "Take events too: POST /api/v1/machines/MACHINE/events.")
  private boolean append;

  @Option(
      names = "--streams",
      description = {
        "Fold with Kafka Streams, together with all other instances that do so: each has a share of"
            + " the machines, and sends questions about others where their state is."
      })
  private boolean streams;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "With --streams: partitions folded at once; default 1.")
  private Integer threads;

  @Option(
      names = "--standbys",
      paramLabel = "N",
      description = "With --streams: instances that keep a copy of each state; default 0.")
  private Integer standbys;

  @Option(
      names = "--advertise",
      paramLabel = "HOST:PORT",
      description = "With --streams: where clients reach this instance.")
  private String advertise;

  @Override
  public Integer call() throws IOException, InterruptedException {
    return Service.run(properties());
  }

  /** Only what was said: the service's environment and defaults say the rest. */
  Map<String, String> properties() {
    Map<String, String> properties = new LinkedHashMap<>();
    if (ledger != null) {
      properties.put("kledger.ledger", ledger);
    }
    if (kafkaConfig != null) {
      properties.put("kledger.kafka.config", kafkaConfig.toString());
    }
    if (host != null) {
      properties.put("quarkus.http.host", host);
    }
    if (port != null) {
      if (port < 0 || port > MOST_PORT) {
        throw new ParameterException(
            spec.commandLine(), "--port " + port + ": expected 0 to " + MOST_PORT);
      }
      properties.put("quarkus.http.port", port.toString());
    }
    if (certificate != null || key != null) {
      if (certificate == null || key == null) {
        throw new ParameterException(spec.commandLine(), "--tls-cert and --tls-key go together");
      }
      properties.put("quarkus.http.ssl.certificate.files", certificate.toString());
      properties.put("quarkus.http.ssl.certificate.key-files", key.toString());
      properties.put("quarkus.http.insecure-requests", "disabled");
      if (port != null) {
        properties.put("quarkus.http.ssl-port", port.toString());
      }
    }
    if (tokens != null) {
      properties.put("kledger.tokens", tokens.toString());
    }
    if (append) {
      properties.put("kledger.append", "true");
    }
    if (streams) {
      properties.put("kledger.fold", "streams");
    }
    if (threads != null) {
      properties.put("kledger.fold.threads", threads.toString());
    }
    if (standbys != null) {
      properties.put("kledger.fold.standbys", standbys.toString());
    }
    if (advertise != null) {
      properties.put("kledger.fold.server", advertise);
    }
    return properties;
  }
}
