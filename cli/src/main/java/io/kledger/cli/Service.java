package io.kledger.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The HTTP service, in a JVM of its own: its jars are on nobody's class path, so that every other
 * verb starts without looking at them, and its log manager must be the first thing that a JVM
 * loads.
 */
public final class Service {

  private Service() {}

  /**
   * Runs the service with these system properties until it ends or this JVM is told to; the
   * service's environment, terminal and standard streams are this one's.
   *
   * @return the service's exit status
   */
  public static int run(Map<String, String> properties) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("--add-opens=java.base/java.lang.invoke=ALL-UNNAMED");
    properties.forEach((name, value) -> command.add("-D" + name + "=" + value));
    command.add("-jar");
    command.add(jar().toString());

    Process service = new ProcessBuilder(command).inheritIO().start();
    Thread stop = new Thread(() -> stop(service), "stop the service");
    Runtime.getRuntime().addShutdownHook(stop);
    return service.waitFor();
  }

  /** Passes on SIGTERM, and stays until the service has put its things away. */
  private static void stop(Process service) {
    service.destroy();
    try {
      service.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Path jar() throws IOException {
    String home = System.getProperty("kledger.home");
    if (home == null) {
      throw new IOException("-Dkledger.home is not set: start kledger with its launcher");
    }
    Path jar = Path.of(home, "projections", "target", "quarkus-app", "quarkus-run.jar");
    if (!Files.isReadable(jar)) {
      throw new IOException(jar + " is missing: build it with mvn -DskipTests package");
    }
    return jar;
  }
}
