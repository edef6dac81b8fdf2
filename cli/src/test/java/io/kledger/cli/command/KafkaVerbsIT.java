package io.kledger.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.kledger.cli.Main;
import io.kledger.log.LedgerUri;
import io.kledger.log.kafka.KafkaClients;
import io.kledger.log.kafka.TestBroker;
import io.kledger.log.kafka.Topics;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The verbs on a ledger in Kafka, beside the same on a directory. */
class KafkaVerbsIT {
  private static TestBroker broker;
  private static Path recording;

  @TempDir private Path directory;
  private final String kafka = broker.ledger(TestBroker.unique("v"));
  private String out;
  private String err;

  @BeforeAll
  static void start() throws IOException {
    broker = TestBroker.start();
    try (Stream<Path> tree =
        Files.walk(Path.of(System.getProperty("kledger.home"), "corpus", "fs_bind"))) {
      recording =
          tree.filter(path -> path.toString().endsWith(".tar.gz"))
              .filter(path -> path.toFile().length() > 80_000)
              .sorted()
              .findFirst()
              .orElseThrow();
    }
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  private int kledger(String verb, String... arguments) {
    List<String> all = new ArrayList<>(List.of(verb));
    all.addAll(Arrays.asList(arguments));
    StringWriter standard = new StringWriter();
    StringWriter errors = new StringWriter();
    int status =
        Main.commandLine()
            .setOut(new PrintWriter(standard))
            .setErr(new PrintWriter(errors))
            .execute(all.toArray(String[]::new));
    out = standard.toString();
    err = errors.toString();
    return status;
  }

  private String on(String ledger, String verb, String... arguments) {
    List<String> all = new ArrayList<>(List.of("--ledger=" + ledger));
    all.addAll(Arrays.asList(arguments));
    assertThat(kledger(verb, all.toArray(String[]::new))).as(verb + ": " + err).isZero();
    return out;
  }

  @Test
  void everyVerbShowsTheSameAsOnADirectory() {
    String local = directory.resolve("ledger").toString();
    assertThat(on(kafka, "import", recording.toString()))
        .isEqualTo(on(local, "import", recording.toString()));
    assertThat(on(kafka, "import", recording.toString())).contains(": 0 events new");
    for (String verb : List.of("digest", "mountinfo", "machines")) {
      assertThat(on(kafka, verb)).as(verb).isEqualTo(on(local, verb));
    }
    for (String verb : List.of("mountinfo", "mounts", "tasks", "fds", "namespaces", "cgroups")) {
      assertThat(on(kafka, verb, "--at=@1500")).as(verb).isEqualTo(on(local, verb, "--at=@1500"));
    }
    assertThat(on(kafka, "log", "-n", "20")).isEqualTo(on(local, "log", "-n", "20"));
    assertThat(on(kafka, "diff", "@500", "@2000")).isEqualTo(on(local, "diff", "@500", "@2000"));
    assertThat(on(kafka, "verify")).contains("good: machine").isEqualTo(on(local, "verify"));
    assertThat(withoutCursors(on(kafka, "watch"))).isEqualTo(withoutCursors(on(local, "watch")));
  }

  /** Cursors begin with the ledger's id. */
  private static String withoutCursors(String text) {
    return text.replaceAll("[0-9a-f]{8}-[0-9a-f-]{27}:", "");
  }

  @Test
  void copiesHaveTheSameDigestAndImportsGoOnThere() {
    String local = directory.resolve("ledger").toString();
    String back = directory.resolve("back").toString();
    on(local, "import", recording.toString());
    String digest = on(local, "digest");
    assertThat(kledger("copy", local, kafka)).as(err).isZero();
    assertThat(out).contains("events new");
    assertThat(on(kafka, "digest")).isEqualTo(digest);
    assertThat(kledger("copy", kafka, back)).as(err).isZero();
    assertThat(on(back, "digest")).isEqualTo(digest);
    assertThat(on(kafka, "import", recording.toString())).contains(": 0 events new");
    assertThat(on(back, "import", recording.toString())).contains(": 0 events new");
    assertThat(kledger("copy", local, kafka)).isZero();
    assertThat(out).contains(": 0 events new");
  }

  @Test
  void anotherLedgerIsNotCopiedOver() throws IOException {
    Path trace = directory.resolve("other.strace");
    Files.writeString(trace, "7 1700000000.000004 close(9) = -1 EBADF (Bad file descriptor)\n");
    String machine = "--machine=web";
    String local = directory.resolve("ledger").toString();
    on(local, "import", machine, recording.toString());
    on(kafka, "import", machine, trace.toString());
    assertThat(kledger("copy", local, kafka)).isEqualTo(ExitCode.USAGE);
    assertThat(err).contains("has other events than").contains("copy to another ledger");
  }

  @Test
  void anImportThatIsKilledGoesOnWithoutDoubling() throws Exception {
    String local = directory.resolve("ledger").toString();
    String machine = "--machine=web";
    on(local, "import", machine, recording.toString());
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int kill = 0; kill < 6; kill++) {
      Process importing = process("import", "--ledger=" + kafka, machine, recording.toString());
      importing.waitFor(500 + random.nextInt(1500), TimeUnit.MILLISECONDS);
      importing.destroyForcibly().waitFor();
    }
    on(kafka, "import", machine, recording.toString());
    assertThat(on(kafka, "digest")).as("seed " + seed).isEqualTo(on(local, "digest"));
    assertThat(on(kafka, "log")).as("seed " + seed).isEqualTo(on(local, "log"));
  }

  private static Process process(String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  @Test
  void linesThatCannotBeReadAreInTheTopicOfRejectedOnes() throws IOException {
    Path trace = directory.resolve("web.strace");
    Files.writeString(
        trace,
        """
        7 1700000000.000001 close(3) = 0
        this is no syscall
        7 1700000000.000004 close(9) = -1 EBADF (Bad file descriptor)
        """);
    assertThat(on(kafka, "import", "--salvage", trace.toString())).contains("rejected lines 1");
    LedgerUri.Kafka uri = (LedgerUri.Kafka) LedgerUri.parse(kafka);
    TopicPartition rejected = new TopicPartition(new Topics(uri.prefix()).rejected(), 0);
    try (var consumer = new KafkaClients(uri, Map.of()).consumer()) {
      consumer.assign(List.of(rejected));
      consumer.seekToBeginning(List.of(rejected));
      List<String> found = new ArrayList<>();
      for (int i = 0; i < 50 && found.isEmpty(); i++) {
        consumer
            .poll(Duration.ofMillis(200))
            .forEach(record -> found.add(new String(record.value(), StandardCharsets.UTF_8)));
      }
      assertThat(found).containsExactly("this is no syscall");
    }
  }

  @Test
  void whatIsWrongIsSaidWithWhatToDo() throws IOException {
    Path config = directory.resolve("client.properties");
    Files.writeString(config, KafkaClients.CONNECT_TIMEOUT + "=1000\n");
    int nobody = TestBroker.freePorts(1)[0];
    assertThat(
            kledger(
                "machines",
                "--ledger=kafka://127.0.0.1:" + nobody + "/x",
                "--kafka-config=" + config))
        .isEqualTo(ExitCode.USAGE);
    assertThat(err).contains("no answer from Kafka at 127.0.0.1:" + nobody);
    assertThat(kledger("mountinfo", "--ledger=" + kafka)).isEqualTo(ExitCode.USAGE);
    assertThat(err).contains("no ledger at " + kafka);
    assertThat(kledger("machines", "--ledger=" + kafka, "--kafka-config=/no/such/file"))
        .isEqualTo(ExitCode.USAGE);
    assertThat(err).contains("cannot read Kafka's client properties from /no/such/file");
    assertThat(on(kafka, "topics", "--partitions=2").lines()).hasSize(5);
  }
}
