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
    List<String> arguments = new ArrayList<>();
    arguments.add("--enable-native-access=ALL-UNNAMED");
    arguments.add("--add-opens=java.base/java.lang.invoke=ALL-UNNAMED");
    properties.forEach((name, value) -> arguments.add("-D" + name + "=" + value));
    arguments.add("-jar");
    arguments.add(jar().toString());
    return Jvm.run(arguments);
  }

  private static Path jar() throws IOException {
    Path jar = Jvm.built("projections", "target", "quarkus-app", "quarkus-run.jar");
    if (!Files.isReadable(jar)) {
      throw new IOException(jar + " is missing: build it with mvn -DskipTests package");
    }
    return jar;
  }
}
