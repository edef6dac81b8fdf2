package io.kledger.cli.command;

import io.kledger.cli.Jvm;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Runs a Kafka broker for trying things out. */
@Command(
    name = "dev-broker",
    mixinStandardHelpOptions = true,
    description = {
      "Runs a single Kafka broker on 127.0.0.1 until it is stopped: to try ledgers in Kafka without"
          + " Docker. Keeps its data; not for what must not get lost."
    })
public final class DevBrokerCommand implements Callable<Integer> {
  private static final int MOST_PORT = 65534;
  private static final int PATIENCE = 600;
  private static final String CLUSTER = "a2xlZGdlci1kZXYtYnJva2";

  @Spec private CommandSpec spec;

  @Option(
      names = "--port",
      paramLabel = "P",
      defaultValue = "9092",
      description = "Port; the one above it is taken too. Default ${DEFAULT-VALUE}.")
  private int port;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      defaultValue = "kledger-broker",
      description = "Where its data is kept. Default ${DEFAULT-VALUE}.")
  private Path directory;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (port < 1 || port > MOST_PORT) {
      throw new ParameterException(
          spec.commandLine(), "--port " + port + ": expected 1 to " + MOST_PORT);
    }
    requireFree(port);
    requireFree(port + 1);
    String classPath = Jvm.classPath(Jvm.built("cli", "target", "broker-lib"), lib());
    Files.createDirectories(directory);
    Path properties = directory.resolve("server.properties");
    Files.writeString(properties, properties(directory.resolve("data").toAbsolutePath()));
    if (!Files.exists(directory.resolve("data").resolve("meta.properties"))) {
      int status =
          Jvm.runQuietly(
              java(classPath, "kafka.tools.StorageTool")
                  .with("format", "-t", CLUSTER, "-c", properties.toString()));
      if (status != 0) {
        return ExitCode.USAGE;
      }
    }
    Process broker = Jvm.start(java(classPath, "kafka.Kafka").with(properties.toString()));
    if (await(broker)) {
      spec.commandLine().getOut().println("kafka://127.0.0.1:" + port + "/kledger");
      spec.commandLine().getOut().flush();
    }
    return broker.waitFor() == 0 ? ExitCode.SHOWN : ExitCode.USAGE;
  }

  private static Path lib() throws IOException {
    return Jvm.built("cli", "target", "lib");
  }

  private record Java(String classPath, String main) {
    List<String> with(String... arguments) {
      List<String> all = new ArrayList<>();
      all.addAll(List.of("-Xmx768m", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED"));
      all.addAll(List.of("-Dslf4j.internal.verbosity=ERROR", "-cp", classPath, main));
      all.addAll(List.of(arguments));
      return all;
    }
  }

  private static Java java(String classPath, String main) {
    return new Java(classPath, main);
  }

  private static void requireFree(int port) throws IOException {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress("127.0.0.1", port));
    } catch (IOException e) {
      throw new IOException("port " + port + " is taken; choose another with --port", e);
    }
  }

  /** Until it answers. */
  private boolean await(Process broker) throws InterruptedException {
    for (int i = 0; i < PATIENCE && broker.isAlive(); i++) {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress("127.0.0.1", port), 100);
        return true;
      } catch (IOException e) {
        Thread.sleep(100);
      }
    }
    return false;
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
