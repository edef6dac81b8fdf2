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
      "Serves a ledger over HTTP, read-only, until it is stopped; see docs/service.md.",
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
      description = "Address to listen on; 0.0.0.0 shows the ledger to the network.")
  private String host;

  @Option(
      names = "--port",
      paramLabel = "N",
      description = "Port to listen on; default 8080, 0 takes a free one.")
  private Integer port;

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
    return properties;
  }
}
