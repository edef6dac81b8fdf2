package io.kledger.projection;

import static org.assertj.core.api.Assertions.assertThat;

import io.kledger.log.LedgerUri;
import java.io.IOException;
import java.io.Reader;
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
    Path path = Path.of(System.getProperty("kledger.home"), "docker-compose.yml");
    try (Reader reader = Files.newBufferedReader(path)) {
      file = new Yaml().load(reader);
    }
  }

  @Test
  void startsKafkaAndTheService() {
    assertThat(map(file, "services")).containsOnlyKeys("kafka", "kledger");
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
  void theServiceMakesItsLedgerOnItsVolumeAndListensInTheContainer() {
    Map<String, Object> kledger = environment("kledger");
    assertThat(service("kledger")).containsEntry("command", List.of("serve"));
    assertThat(kledger).containsEntry("KLEDGER_CREATE", "true");
    assertThat(kledger).containsEntry("QUARKUS_HTTP_HOST", "0.0.0.0");
    assertThat(LedgerUri.parse((String) kledger.get("KLEDGER_LEDGER")))
        .isInstanceOfSatisfying(
            LedgerUri.Directory.class,
            ledger ->
                assertThat(service("kledger").get("volumes").toString())
                    .contains(":" + ledger.path().getParent()));
  }

  @Test
  void theServiceIsHealthyWhenItIsReady() {
    assertThat(map(service("kledger"), "healthcheck").get("test").toString())
        .contains("http://localhost:8080/q/health/ready");
    assertThat(service("kledger").get("ports").toString()).contains(":8080:8080");
  }

  @Test
  void whatIsKeptIsOnVolumesAndWhatRunsIsWatched() {
    for (String name : map(file, "services").keySet()) {
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
    for (String name : map(file, "services").keySet()) {
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
