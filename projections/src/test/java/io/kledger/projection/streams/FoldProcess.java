package io.kledger.projection.streams;

import io.kledger.log.LedgerUri;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** An instance of the fold in a process of its own, to be killed. */
final class FoldProcess {
  private final Process process;
  private final CountDownLatch folding = new CountDownLatch(1);
  private final StringBuffer output = new StringBuffer();

  private FoldProcess(Process process) {
    this.process = process;
    Thread.ofPlatform().daemon().start(this::read);
  }

  /**
   * Starts one.
   *
   * @param more options of the JVM
   */
  static FoldProcess start(LedgerUri uri, Path state, Map<String, String> kafka, String... more)
      throws IOException {
    Path config = Files.createTempFile(state.toAbsolutePath().getParent(), "kafka", ".properties");
    Properties properties = new Properties();
    properties.putAll(kafka);
    try (Writer out = Files.newBufferedWriter(config)) {
      properties.store(out, null);
    }
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-Xshare:auto"));
    command.add("-Dkledger.ledger=" + uri);
    command.add("-Dkledger.kafka.config=" + config);
    command.add("-Dkledger.fold.state=" + state);
    command.addAll(List.of(more));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(FoldMain.class.getName());
    return new FoldProcess(new ProcessBuilder(command).redirectErrorStream(true).start());
  }

  private void read() {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        output.append(line).append('\n');
        if (line.startsWith("folding ")) {
          folding.countDown();
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits until it has its partitions. */
  void awaitFolding() throws InterruptedException {
    if (!folding.await(90, TimeUnit.SECONDS)) {
      throw new IllegalStateException("it does not fold: " + output);
    }
  }

  boolean alive() {
    return process.isAlive();
  }

  String output() {
    return output.toString();
  }

  /** SIGKILL. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
  }
}
