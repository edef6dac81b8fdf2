package io.kledger.cli.command;

import io.kledger.cli.DevBroker;
import io.kledger.cli.Jvm;
import io.kledger.log.LedgerUri;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Measures the way through Kafka. */
@Command(
    name = "kafka",
    mixinStandardHelpOptions = true,
    description = {
      "Measures importing to Kafka and folding with Kafka Streams beside the same in a directory, in"
          + " the same run: events/s, events/s of a core, their ratio; one and two partitions; the"
          + " time from an append to its change at a subscriber."
    })
public final class BenchKafkaCommand implements Callable<Integer> {
  private static final String MAIN = "io.kledger.projection.streams.FoldBench";

  @Spec private CommandSpec spec;

  @Parameters(arity = "1..*", paramLabel = "FILE", description = "Traces or recordings.")
  private List<String> files;

  @Option(
      names = "--ledger",
      paramLabel = "URI",
      description = {
        "kafka://host:port/prefix: measures there, in topics of its own that begin with the prefix."
            + " If not said, a broker is started for it."
      })
  private String ledger;

  @Option(
      names = "--events",
      paramLabel = "N",
      defaultValue = "400000",
      description = "How many; the files are repeated. Default ${DEFAULT-VALUE}.")
  private long events;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (ledger != null) {
      if (!(LedgerUri.parse(ledger) instanceof LedgerUri.Kafka)) {
        throw new ParameterException(
            spec.commandLine(), "--ledger " + ledger + ": expected kafka://host:port/prefix");
      }
      return measure(ledger);
    }
    Path directory = Files.createTempDirectory("kledger-bench-broker");
    int port = DevBroker.freePort();
    Process broker = new DevBroker(port, directory).start();
    try {
      return measure("kafka://127.0.0.1:" + port + "/kledger");
    } finally {
      broker.destroy();
      broker.waitFor();
      try (Stream<Path> tree = Files.walk(directory)) {
        for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }

  private int measure(String address) throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(Jvm.streamsOptions());
    arguments.addAll(List.of(MAIN, address, Long.toString(events)));
    arguments.addAll(files);
    return Jvm.run(arguments) == 0 ? ExitCode.SHOWN : ExitCode.USAGE;
  }
}
