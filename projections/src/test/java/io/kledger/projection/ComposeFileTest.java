package io.kledger.projection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kledger.log.LedgerUri;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/**
 * docker-compose.yml can be tried only where containers run; what can be wrong in it is read here.
 */
class ComposeFileTest {

  private static Map<String, Object> file;

  @BeforeAll
  static void read() throws IOException {
    try (Reader reader = Files.newBufferedReader(path())) {
      file = new Yaml().load(reader);
    }
  }

  private static Path path() {
    return Path.of(System.getProperty("kledger.home"), "docker-compose.yml");
  }

  @Test
  void startsKafkaMakesTheTopicsAndFoldsWithTwoInstances() {
    assertThat(map(file, "services")).containsOnlyKeys("kafka", "topics", "fold-1", "fold-2");
    assertThat(service("topics").get("command").toString()).startsWith("[topics,");
    assertThat(map(map(service("topics"), "depends_on"), "kafka"))
        .containsEntry("condition", "service_healthy");
  }

  @Test
  void allUseOneLedgerInThatKafka() {
    for (String name : List.of("topics", "fold-1", "fold-2")) {
      assertThat(LedgerUri.parse((String) environment(name).get("KLEDGER_LEDGER")))
          .as(name)
          .isEqualTo(new LedgerUri.Kafka("kafka:9092", "kledger"));
    }
  }

  @Test
  void eachInstanceIsReachedWhereItSaysAndHasStateOfItsOwn() {
    for (int i = 1; i <= 2; i++) {
      Map<String, Object> fold = service("fold-" + i);
      assertThat(fold.get("command").toString())
          .startsWith("[serve, --streams")
          .contains("--advertise, localhost:808" + i);
      assertThat(fold.get("ports").toString()).contains(":808" + i + ":8080");
      assertThat(fold.get("volumes").toString()).contains("fold-" + i + "-data");
      assertThat((String) environment("fold-" + i).get("KLEDGER_STATE"))
          .startsWith("/var/lib/kledger/");
      assertThat(environment("fold-" + i)).containsEntry("QUARKUS_HTTP_HOST", "0.0.0.0");
    }
  }

  @Test
  void composeItselfAcceptsIt() throws Exception {
    Process compose;
    try {
      compose =
          new ProcessBuilder("docker-compose", "-f", path().toString(), "config", "-q")
              .redirectErrorStream(true)
              .start();
    } catch (IOException e) {
      assumeTrue(false, "docker-compose is not installed");
      return;
    }
    String output = new String(compose.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(compose.waitFor()).as(output).isZero();
  }

  @Test
  void kafkaIsOfTheVersionThatTheClientsAreOf() {
    assertThat(service("kafka")).containsEntry("image", "apache/kafka:" + clientVersion());
  }

  @Test
  void kafkaRunsAsBrokerAndControllerWithoutZooKeeper() {
    Map<String, Object> kafka = environment("kafka");
    assertThat(kafka)
        .containsEntry("KAFKA_PROCESS_ROLES", "broker,controller")
        .containsEntry("KAFKA_CONTROLLER_LISTENER_NAMES", "CONTROLLER")
        .containsKey("CLUSTER_ID");
    assertThat(kafka.keySet()).noneMatch(key -> key.contains("ZOOKEEPER"));
    assertThat(kafka.get("KAFKA_CONTROLLER_QUORUM_VOTERS"))
        .isEqualTo(kafka.get("KAFKA_NODE_ID") + "@kafka:9093");
  }

  @Test
  void everyListenerHasAProtocolAndAllButTheControllersAreAdvertised() {
    Map<String, Object> kafka = environment("kafka");
    List<String> listeners = names(kafka, "KAFKA_LISTENERS");
    assertThat(names(kafka, "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"))
        .containsExactlyInAnyOrderElementsOf(listeners);
    assertThat(names(kafka, "KAFKA_ADVERTISED_LISTENERS"))
        .containsExactlyInAnyOrderElementsOf(
            listeners.stream().filter(name -> !name.equals("CONTROLLER")).toList());
    assertThat(listeners)
        .contains((String) kafka.get("KAFKA_INTER_BROKER_LISTENER_NAME"), "CONTROLLER");
  }

  @Test
  void aSingleBrokerAsksForNoSecondReplica() {
    assertThat(environment("kafka"))
        .allSatisfy(
            (key, value) -> {
              if (key.endsWith("REPLICATION_FACTOR") || key.endsWith("MIN_ISR")) {
                assertThat(value).isEqualTo("1");
              }
            });
  }

  @Test
  void theLedgerNeverExpires() {
    assertThat(environment("kafka"))
        .containsEntry("KAFKA_LOG_RETENTION_MS", "-1")
        .containsEntry("KAFKA_LOG_RETENTION_BYTES", "-1");
  }

  @Test
  void theServiceIsHealthyWhenItIsReady() {
    assertThat(map(service("fold-1"), "healthcheck").get("test").toString())
        .contains("http://localhost:8080/q/health/ready");
  }

  @Test
  void whatIsKeptIsOnVolumesAndWhatRunsIsWatched() {
    for (String name : List.of("kafka", "fold-1", "fold-2")) {
      assertThat(service(name)).as(name).containsKeys("healthcheck", "volumes");
      for (Object mount : (List<?>) service(name).get("volumes")) {
        assertThat(map(file, "volumes")).containsKey(mount.toString().split(":")[0]);
      }
    }
    assertThat(service("kafka").get("volumes").toString())
        .contains((String) environment("kafka").get("KAFKA_LOG_DIRS"));
  }

  @Test
  void nothingIsShownBeyondThisHost() {
    for (String name : List.of("kafka", "fold-1", "fold-2")) {
      assertThat((List<?>) service(name).get("ports"))
          .as(name)
          .allSatisfy(port -> assertThat(port.toString()).startsWith("127.0.0.1:"));
    }
  }

  private static String clientVersion() {
    return org.apache.kafka.common.utils.AppInfoParser.getVersion();
  }

  private static Map<String, Object> service(String name) {
    return map(map(file, "services"), name);
  }

  private static Map<String, Object> environment(String service) {
    return map(service(service), "environment");
  }

  /** The parts before the colon in {@code NAME:..., NAME:...}. */
  private static List<String> names(Map<String, Object> environment, String key) {
    return Arrays.stream(((String) environment.get(key)).split(","))
        .map(part -> part.substring(0, part.indexOf(':')))
        .toList();
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(Map<String, Object> parent, String key) {
    return (Map<String, Object>) parent.get(key);
  }
}
