package io.kledger.cli.command;

import io.kledger.cli.DevBroker;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Runs a Kafka broker for trying things out. */
@Command(
    name = "dev-broker",
    mixinStandardHelpOptions = true,
    description = {
      "Runs a single Kafka broker on 127.0.0.1 until it is stopped: to try ledgers in Kafka without"
          + " Docker. Keeps its data; not for what must not get lost."
    })
public final class DevBrokerCommand implements Callable<Integer> {
  private static final int MOST_PORT = 65534;

  @Spec private CommandSpec spec;

  @Option(
      names = "--port",
      paramLabel = "P",
      defaultValue = "9092",
      description = "Port; the one above it is taken too. Default ${DEFAULT-VALUE}.")
  private int port;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      defaultValue = "kledger-broker",
      description = "Where its data is kept. Default ${DEFAULT-VALUE}.")
  private Path directory;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (port < 1 || port > MOST_PORT) {
      throw new ParameterException(
          spec.commandLine(), "--port " + port + ": expected 1 to " + MOST_PORT);
    }
    Process broker = new DevBroker(port, directory).start();
    spec.commandLine().getOut().println("kafka://127.0.0.1:" + port + "/kledger");
    spec.commandLine().getOut().flush();
    return broker.waitFor() == 0 ? ExitCode.SHOWN : ExitCode.USAGE;
  }
}
