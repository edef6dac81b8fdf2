package io.kledger.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A single Kafka broker on 127.0.0.1, in a JVM of its own. */
public final class DevBroker {
  private static final int PATIENCE = 600;
  private static final String CLUSTER = "a2xlZGdlci1kZXYtYnJva2";

  private final int port;
  private final Path directory;
  private final String classPath;

  /**
   * One that does not run yet.
   *
   * @param port for clients; the one above it is the controller's
   * @param directory where its data is kept
   * @throws IOException if it was not built
   */
  public DevBroker(int port, Path directory) throws IOException {
    this.port = port;
    this.directory = directory;
    classPath =
        Jvm.classPath(Jvm.built("cli", "target", "broker-lib"), Jvm.built("cli", "target", "lib"));
  }

  /** Two ports, one above the other, that nobody has now: the lower one. */
  public static int freePort() throws IOException {
    for (int i = 0; i < PATIENCE; i++) {
      try (ServerSocket lower = new ServerSocket();
          ServerSocket upper = new ServerSocket()) {
        lower.bind(new InetSocketAddress("127.0.0.1", 0));
        upper.bind(new InetSocketAddress("127.0.0.1", lower.getLocalPort() + 1));
        return lower.getLocalPort();
      } catch (IOException | IllegalArgumentException e) {
        // Taken, or the last one: others.
      }
    }
    throw new IOException("no free ports");
  }

  /**
   * Formats the directory if that was not done, starts the broker and waits until it answers.
   *
   * @return the broker; it is ended when this JVM ends
   * @throws IOException if it does not start
   */
  public Process start() throws IOException, InterruptedException {
    requireFree(port);
    requireFree(port + 1);
    Files.createDirectories(directory);
    Path properties = directory.resolve("server.properties");
    Files.writeString(properties, properties(directory.resolve("data").toAbsolutePath()));
    if (!Files.exists(directory.resolve("data").resolve("meta.properties"))) {
      int status =
          Jvm.runQuietly(
              java(
                  "kafka.tools.StorageTool", "format", "-t", CLUSTER, "-c", properties.toString()));
      if (status != 0) {
        throw new IOException("the broker's directory " + directory + " cannot be formatted");
      }
    }
    Process broker = Jvm.start(java("kafka.Kafka", properties.toString()));
    for (int i = 0; i < PATIENCE && broker.isAlive(); i++) {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress("127.0.0.1", port), 100);
        return broker;
      } catch (IOException e) {
        Thread.sleep(100);
      }
    }
    broker.destroy();
    throw new IOException(
        "the broker does not start; is its directory " + directory + " whole, and not in use?");
  }

  private List<String> java(String main, String... arguments) {
    List<String> all = new ArrayList<>();
    all.addAll(List.of("-Xmx768m", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED"));
    all.add("--sun-misc-unsafe-memory-access=allow");
    all.addAll(List.of("-Dslf4j.internal.verbosity=ERROR", "-cp", classPath, main));
    all.addAll(List.of(arguments));
    return all;
  }

  private static void requireFree(int port) throws IOException {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress("127.0.0.1", port));
    } catch (IOException e) {
      throw new IOException("port " + port + " is taken; choose another with --port", e);
    }
  }

  private String properties(Path data) {
    return String.join(
        "\n",
        "process.roles=broker,controller",
        "node.id=1",
        "controller.quorum.voters=1@127.0.0.1:" + (port + 1),
        "listeners=PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + (port + 1),
        "advertised.listeners=PLAINTEXT://127.0.0.1:" + port,
        "controller.listener.names=CONTROLLER",
        "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "log.dirs=" + data,
        "log.retention.ms=-1",
        "auto.create.topics.enable=false",
        "offsets.topic.replication.factor=1",
        "transaction.state.log.replication.factor=1",
        "transaction.state.log.min.isr=1",
        "group.initial.rebalance.delay.ms=0",
        "");
  }
}
