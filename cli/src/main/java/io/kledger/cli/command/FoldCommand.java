package io.kledger.cli.command;

import io.kledger.cli.Jvm;
import io.kledger.log.LedgerUri;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Runs an instance of the fold on Kafka Streams. */
@Command(
    name = "fold",
    mixinStandardHelpOptions = true,
    description = {
      "Folds a ledger in Kafka with Kafka Streams until it is stopped, and publishes the changes;"
          + " start as many as there are partitions. 'kledger serve --streams' does the same and"
          + " answers questions."
    })
public final class FoldCommand implements Callable<Integer> {
  private static final String MAIN = "io.kledger.projection.streams.FoldMain";

  @Spec private CommandSpec spec;

  @Mixin private LedgerMixin ledger;

  @Option(
      names = "--state",
      paramLabel = "DIR",
      description = "Where its state stores are; default ~/.cache/kledger/streams.")
  private Path state;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "1",
      description = "Partitions folded at once; default ${DEFAULT-VALUE}.")
  private int threads;

  @Option(
      names = "--standbys",
      paramLabel = "N",
      defaultValue = "0",
      description = "Instances that keep a copy of each state; default ${DEFAULT-VALUE}.")
  private int standbys;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (!(ledger.uri() instanceof LedgerUri.Kafka uri)) {
      throw new ParameterException(
          spec.commandLine(),
          "only a ledger in Kafka is folded by Kafka Streams: --ledger kafka://");
    }
    Path directory = state == null ? cache() : state;
    List<String> arguments = new ArrayList<>();
    arguments.addAll(Jvm.streamsOptions());
    arguments.add("-Dkledger.ledger=" + uri);
    if (ledger.kafkaConfig() != null) {
      arguments.add("-Dkledger.kafka.config=" + ledger.kafkaConfig());
    }
    arguments.add("-Dkledger.fold.state=" + directory);
    arguments.add("-Dkledger.fold.threads=" + threads);
    arguments.add("-Dkledger.fold.standbys=" + standbys);
    arguments.add(MAIN);
    return Jvm.run(arguments);
  }

  private static Path cache() {
    return Path.of(System.getProperty("user.home"), ".cache", "kledger", "streams");
  }
}
