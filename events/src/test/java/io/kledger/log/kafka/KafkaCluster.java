package io.kledger.log.kafka;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;

/** A controller and three brokers on the loopback interface, each a process that can be killed. */
public final class KafkaCluster implements AutoCloseable {

  private static final int BROKERS = 3;
  private static final int CONTROLLER = 100;

  private final Path directory;
  private final int[] ports = TestBroker.freePorts(BROKERS + 1);
  private final Map<Integer, Process> nodes = new TreeMap<>();

  private KafkaCluster(Path directory) {
    this.directory = directory;
  }

  /** Starts it and waits until all brokers answer. */
  public static KafkaCluster start() throws IOException, InterruptedException {
    var cluster = new KafkaCluster(Files.createTempDirectory("kledger-cluster"));
    cluster.node(CONTROLLER);
    for (int id = 1; id <= BROKERS; id++) {
      cluster.node(id);
    }
    cluster.awaitAll();
    return cluster;
  }

  /** {@code host:port,...} of all brokers. */
  public String addresses() {
    return java.util.stream.IntStream.range(0, BROKERS)
        .mapToObj(i -> "127.0.0.1:" + ports[i])
        .collect(Collectors.joining(","));
  }

  private void node(int id) throws IOException {
    var data = directory.resolve("node" + id);
    var controller = "127.0.0.1:" + ports[BROKERS];
    Properties properties;
    if (id == CONTROLLER) {
      properties = TestBroker.node(id, "controller", data, BROKERS);
      properties.put("listeners", "CONTROLLER://" + controller);
    } else {
      properties = TestBroker.node(id, "broker", data, BROKERS);
      properties.put("listeners", "PLAINTEXT://127.0.0.1:" + ports[id - 1]);
      properties.put("advertised.listeners", "PLAINTEXT://127.0.0.1:" + ports[id - 1]);
    }
    properties.put("controller.quorum.voters", CONTROLLER + "@" + controller);
    properties.put("broker.session.timeout.ms", "3000");
    properties.put("broker.heartbeat.interval.ms", "500");
    var file = directory.resolve("node" + id + ".properties");
    try (var out = Files.newBufferedWriter(file)) {
      properties.store(out, null);
    }
    nodes.put(
        id,
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                TestBroker.class.getName(),
                file.toString())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("node" + id + ".log").toFile())
            .start());
  }

  private void awaitAll() throws InterruptedException {
    for (int id = 1; id <= BROKERS; id++) {
      await(id);
    }
  }

  private void await(int id) throws InterruptedException {
    for (int i = 0; i < 600; i++) {
      try (var socket = new Socket()) {
        socket.connect(new InetSocketAddress("127.0.0.1", ports[id - 1]), 100);
        return;
      } catch (IOException e) {
        Thread.sleep(100);
      }
    }
    throw new IllegalStateException("broker " + id + " does not answer");
  }

  /** Kills (-9) the leader of a partition; returns its id. */
  public int killLeader(String topic, int partition)
      throws InterruptedException, ExecutionException {
    try (var admin = Admin.create(Map.<String, Object>of("bootstrap.servers", addresses()))) {
      int leader =
          admin
              .describeTopics(List.of(topic))
              .allTopicNames()
              .get()
              .get(topic)
              .partitions()
              .get(partition)
              .leader()
              .id();
      nodes.get(leader).destroyForcibly().waitFor();
      return leader;
    }
  }

  /**
   * Starts a broker that was killed, and waits until every partition has all its replicas again.
   */
  public void restart(int id, List<String> topics)
      throws IOException, InterruptedException, ExecutionException {
    node(id);
    await(id);
    try (var admin = Admin.create(Map.<String, Object>of("bootstrap.servers", addresses()))) {
      for (int i = 0; i < 600; i++) {
        boolean whole =
            admin.describeTopics(topics).allTopicNames().get().values().stream()
                .flatMap(topic -> topic.partitions().stream())
                .allMatch(partition -> partition.isr().size() == BROKERS);
        if (whole) {
          return;
        }
        Thread.sleep(100);
      }
    }
    throw new IllegalStateException("broker " + id + " does not catch up");
  }

  @Override
  public void close() {
    nodes.values().forEach(Process::destroyForcibly);
    for (var process : nodes.values()) {
      process.onExit().join();
    }
    TestBroker.delete(directory);
  }
}
