package io.kledger.projection.http;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The packaged service in a process of its own, to be killed. */
final class ServiceProcess implements AutoCloseable {
  private static final Pattern LISTENING = Pattern.compile("Listening on: (http://[0-9.:]+)");

  private final Process process;
  private final CompletableFuture<URI> address = new CompletableFuture<>();
  private final StringBuffer output = new StringBuffer();

  private ServiceProcess(Process process) {
    this.process = process;
    Thread.ofPlatform().daemon().start(this::read);
  }

  static ServiceProcess start(Path ledger, String... properties) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx512m", "--enable-native-access=ALL-UNNAMED"));
    command.add("-Dkledger.ledger=" + ledger);
    command.add("-Dquarkus.http.port=0");
    command.addAll(List.of(properties));
    Path home = Path.of(System.getProperty("kledger.home"));
    command.add("-jar");
    command.add(home.resolve("projections/target/quarkus-app/quarkus-run.jar").toString());
    ServiceProcess started =
        new ServiceProcess(new ProcessBuilder(command).redirectErrorStream(true).start());
    try {
      started.address.get(60, TimeUnit.SECONDS);
    } catch (Exception e) {
      started.close();
      throw new IOException("the service does not start:\n" + started.output, e);
    }
    return started;
  }

  private void read() {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        output.append(line).append('\n');
        Matcher matcher = LISTENING.matcher(line);
        if (matcher.find()) {
          address.complete(URI.create(matcher.group(1)));
        }
      }
    } catch (IOException e) {
      output.append(e);
    }
    address.completeExceptionally(new IOException("ended"));
  }

  URI http(String path) {
    return URI.create(address.join() + path);
  }

  URI socket(String path) {
    return URI.create("ws" + address.join().toString().substring(4) + path);
  }

  String output() {
    return output.toString();
  }

  /** Processor time that it has used, in milliseconds. */
  long cpuMillis() {
    return process.info().totalCpuDuration().map(java.time.Duration::toMillis).orElse(0L);
  }

  /** kill -9. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
  }

  /** SIGTERM; how long it took to end, in milliseconds. */
  long stop() throws InterruptedException {
    long begun = System.nanoTime();
    process.destroy();
    process.waitFor(30, TimeUnit.SECONDS);
    return (System.nanoTime() - begun) / 1_000_000;
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
