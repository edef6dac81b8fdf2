package io.kledger.log.kafka;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;

/**
 * A real broker on the loopback interface: in this process, or (as {@link #main}) in one of its own
 * that can be killed.
 */
public final class TestBroker implements AutoCloseable {

  private static final String CLUSTER = "a2xlZGdlci1sZWRnZXItMQ";

  private final Path directory;
  private final KafkaRaftServer server;
  private final String address;

  private TestBroker(Path directory, KafkaRaftServer server, String address) {
    this.directory = directory;
    this.server = server;
    this.address = address;
  }

  /** Broker and controller in one, in this process, with its data in a temporary directory. */
  public static TestBroker start() {
    return start(Map.of());
  }

  /** The same with more properties. */
  public static TestBroker start(Map<String, String> more) {
    try {
      var directory = Files.createTempDirectory("kledger-broker");
      int[] ports = freePorts(2);
      var properties = single(directory, ports[0], ports[1]);
      properties.putAll(more);
      return new TestBroker(directory, run(properties), "127.0.0.1:" + ports[0]);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** {@code host:port} for clients. */
  public String address() {
    return address;
  }

  /** The address of a ledger on this broker. */
  public String ledger(String prefix) {
    return "kafka://" + address + "/" + prefix;
  }

  @Override
  public void close() {
    server.shutdown();
    server.awaitShutdown();
    delete(directory);
  }

  /** Ports that nobody has now. */
  public static int[] freePorts(int count) {
    var sockets = new ArrayList<ServerSocket>();
    try {
      int[] ports = new int[count];
      for (int i = 0; i < count; i++) {
        var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        sockets.add(socket);
        ports[i] = socket.getLocalPort();
      }
      for (var socket : sockets) {
        socket.close();
      }
      return ports;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Removes a directory with all that is in it. */
  public static void delete(Path directory) {
    try (var tree = Files.walk(directory)) {
      for (var path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What a single node is configured with. */
  public static Properties single(Path directory, int port, int controllerPort) {
    var properties = node(1, "broker,controller", directory, 1);
    properties.put(
        "listeners", "PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controllerPort);
    properties.put("advertised.listeners", "PLAINTEXT://127.0.0.1:" + port);
    properties.put("controller.quorum.voters", "1@127.0.0.1:" + controllerPort);
    return properties;
  }

  /** What any node is configured with. */
  public static Properties node(int id, String roles, Path directory, int copies) {
    var properties = new Properties();
    properties.put("node.id", Integer.toString(id));
    properties.put("process.roles", roles);
    properties.put("log.dirs", directory.toString());
    properties.put("controller.listener.names", "CONTROLLER");
    properties.put(
        "listener.security.protocol.map",
        "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT");
    properties.put("auto.create.topics.enable", "false");
    properties.put("offsets.topic.num.partitions", "4");
    properties.put("transaction.state.log.num.partitions", "4");
    properties.put("default.replication.factor", Integer.toString(copies));
    properties.put("min.insync.replicas", Integer.toString(Math.min(2, copies)));
    for (var topic : List.of("offsets.topic", "transaction.state.log")) {
      properties.put(topic + ".replication.factor", Integer.toString(copies));
    }
    properties.put("transaction.state.log.min.isr", Integer.toString(Math.min(2, copies)));
    properties.put("group.initial.rebalance.delay.ms", "0");
    // What a killed process leaves behind is cleared away sooner than in earnest.
    properties.put("group.min.session.timeout.ms", "1000");
    properties.put("transaction.abort.timed.out.transaction.cleanup.interval.ms", "500");
    properties.put("log.cleaner.dedupe.buffer.size", Integer.toString(2 << 20));
    properties.put("controlled.shutdown.enable", "true");
    return properties;
  }

  /** Formats the directory if that was not done, and starts the node. */
  public static KafkaRaftServer run(Properties properties) {
    try {
      var directory = properties.getProperty("log.dirs");
      Files.createDirectories(Path.of(directory));
      new Formatter()
          .setClusterId(CLUSTER)
          .setNodeId(Integer.parseInt(properties.getProperty("node.id")))
          .addDirectory(directory)
          .setMetadataLogDirectory(directory)
          .setReleaseVersion(MetadataVersion.latestProduction())
          .setControllerListenerName("CONTROLLER")
          .setIgnoreFormatted(true)
          .setPrintStream(new java.io.PrintStream(java.io.OutputStream.nullOutputStream()))
          .run();
      var server = new KafkaRaftServer(KafkaConfig.fromProps(properties, false), Time.SYSTEM);
      server.startup();
      return server;
    } catch (Exception e) {
      throw new IllegalStateException("the broker does not start: " + e.getMessage(), e);
    }
  }

  /** Runs a node until it is killed: the argument is a file of properties. */
  public static void main(String[] arguments) throws IOException {
    var properties = new Properties();
    try (var in = Files.newBufferedReader(Path.of(arguments[0]))) {
      properties.load(in);
    }
    run(properties).awaitShutdown();
  }

  /** For names of topics that nobody else uses. */
  public static String unique(String prefix) {
    return prefix + "-" + Uuid.randomUuid().toString().replaceAll("[^A-Za-z0-9]", "x");
  }
}
