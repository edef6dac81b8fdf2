package io.kledger.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.kledger.cli.DevBroker;
import io.kledger.cli.Main;
import io.kledger.log.LedgerUri;
import io.kledger.log.kafka.KafkaClients;
import io.kledger.log.kafka.Topics;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What runs in a JVM of its own, with the jars that the build has put in place for it. */
class KafkaProcessesIT {
  private static final Path CORPUS = Path.of(System.getProperty("kledger.home"), "corpus");

  @TempDir private Path directory;

  @Test
  void theBrokerKeepsItsDataAndTheFoldPublishesChanges() throws Exception {
    int port = DevBroker.freePort();
    String ledger = "kafka://127.0.0.1:" + port + "/dev";
    Process broker = new DevBroker(port, directory.resolve("broker")).start();
    try {
      Process importing = kledger("import", "--ledger=" + ledger, "/no/such/file.strace");
      assertThat(importing.waitFor()).isEqualTo(ExitCode.USAGE);
      String recording = CORPUS.resolve("ltp-statmount/ltp_statmount03.tar.gz").toString();
      assertThat(kledger("import", "--ledger=" + ledger, recording).waitFor()).isZero();
    } finally {
      stop(broker);
    }
    broker = new DevBroker(port, directory.resolve("broker")).start();
    try {
      Process fold = kledger("fold", "--ledger=" + ledger, "--state=" + directory.resolve("state"));
      try {
        assertThat(changes((LedgerUri.Kafka) LedgerUri.parse(ledger))).isPositive();
        assertThat(fold.isAlive()).isTrue();
      } finally {
        stop(fold);
      }
    } finally {
      stop(broker);
    }
  }

  private static void stop(Process process) throws InterruptedException {
    process.destroy();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
  }

  private static Process kledger(String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED"));
    command.add("-Dkledger.home=" + System.getProperty("kledger.home"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  /** How many changes are published, as soon as there are some. */
  private static long changes(LedgerUri.Kafka uri) {
    List<TopicPartition> partitions =
        IntStream.range(0, 6)
            .mapToObj(p -> new TopicPartition(new Topics(uri.prefix()).changes(), p))
            .toList();
    try (var consumer = new KafkaClients(uri, Map.of()).consumer()) {
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      for (int i = 0; i < 300; i++) {
        long got = consumer.poll(Duration.ofMillis(200)).count();
        if (got > 0) {
          return got;
        }
      }
      return 0;
    }
  }
}
