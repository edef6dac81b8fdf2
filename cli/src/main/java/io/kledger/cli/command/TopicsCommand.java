package io.kledger.cli.command;

import io.kledger.log.LedgerUri;
import io.kledger.log.kafka.KafkaClients;
import io.kledger.log.kafka.TopicSetup;
import io.kledger.log.kafka.Topics;
import java.io.PrintWriter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Makes the topics of a ledger in Kafka. */
@Command(
    name = "topics",
    mixinStandardHelpOptions = true,
    description = {
      "Makes the topics of a ledger in Kafka that are not there, and says what of them would lose"
          + " events (exit status 3). Writing commands do the same; this is for setting things up."
    })
public final class TopicsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private LedgerMixin ledger;

  @Option(
      names = "--partitions",
      paramLabel = "N",
      description = "Partitions of new topics of events and changes; default 6.")
  private Integer partitions;

  @Option(
      names = "--replication",
      paramLabel = "N",
      description = "Copies of each partition of new topics; default: the broker's.")
  private Integer replication;

  @Override
  public Integer call() {
    if (!(ledger.uri() instanceof LedgerUri.Kafka uri)) {
      throw new ParameterException(
          spec.commandLine(),
          "only a ledger in Kafka has topics: --ledger kafka://host:port/prefix");
    }
    Map<String, String> properties = new HashMap<>(ledger.kafkaProperties());
    if (partitions != null) {
      properties.put(KafkaClients.PARTITIONS, partitions.toString());
    }
    if (replication != null) {
      properties.put(KafkaClients.REPLICATION, replication.toString());
    }
    TopicSetup setup = new TopicSetup(uri, new KafkaClients(uri, properties));
    setup.create();
    PrintWriter out = spec.commandLine().getOut();
    new Topics(uri.prefix()).all().forEach(out::println);
    List<String> dangers = setup.dangers();
    dangers.forEach(danger -> spec.commandLine().getErr().println("kledger: " + danger));
    return dangers.isEmpty() ? ExitCode.SHOWN : ExitCode.DIFFERENT;
  }
}
