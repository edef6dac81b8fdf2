package io.kledger.cli;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Another JVM, for what has jars of its own: these are on nobody's class path, so that every other
 * verb starts without looking at them.
 */
public final class Jvm {

  private Jvm() {}

  /**
   * Runs Java with these arguments until it ends or this JVM is told to; environment, terminal and
   * standard streams are this one's.
   *
   * @return its exit status
   */
  public static int run(List<String> arguments) throws IOException, InterruptedException {
    return start(arguments, ProcessBuilder.Redirect.INHERIT).waitFor();
  }

  /** The same; what it prints to its standard output is dropped. */
  public static int runQuietly(List<String> arguments) throws IOException, InterruptedException {
    return start(arguments, ProcessBuilder.Redirect.DISCARD).waitFor();
  }

  /** Starts it, and ends it when this JVM ends. */
  public static Process start(List<String> arguments) throws IOException {
    return start(arguments, ProcessBuilder.Redirect.INHERIT);
  }

  private static Process start(List<String> arguments, ProcessBuilder.Redirect output)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(arguments);
    Process process = new ProcessBuilder(command).inheritIO().redirectOutput(output).start();
    Thread stop = new Thread(() -> stop(process), "stop the other JVM");
    Runtime.getRuntime().addShutdownHook(stop);
    return process;
  }

  /** Passes on SIGTERM, and stays until the other has put its things away. */
  private static void stop(Process process) {
    process.destroy();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * What the build made.
   *
   * @throws IOException if it is not known where that is
   */
  public static Path built(String... path) throws IOException {
    String home = System.getProperty("kledger.home");
    if (home == null) {
      throw new IOException("-Dkledger.home is not set: start kledger with its launcher");
    }
    return Path.of(home, path);
  }

  /**
   * Options for what runs on Kafka Streams: the class path is the service's, without starting it.
   * Its logging would be there unconfigured, and costs more than the fold: nobody logs.
   */
  public static List<String> streamsOptions() throws IOException {
    Path application = built("projections", "target", "quarkus-app");
    return List.of(
        "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow",
        "-Dslf4j.provider=org.slf4j.helpers.NOP_FallbackServiceProvider",
        "-Dslf4j.internal.verbosity=ERROR",
        "-cp",
        classPath(
            application.resolve("app"),
            application.resolve("lib").resolve("main"),
            application.resolve("lib").resolve("boot")));
  }

  /**
   * A class path of all jars in some directories.
   *
   * @throws IOException if one of them is missing
   */
  public static String classPath(Path... directories) throws IOException {
    List<String> entries = new ArrayList<>();
    for (Path directory : directories) {
      if (!Files.isDirectory(directory)) {
        throw new IOException(directory + " is missing: build it with mvn -DskipTests package");
      }
      entries.add(directory + File.separator + "*");
    }
    return String.join(File.pathSeparator, entries);
  }
}
