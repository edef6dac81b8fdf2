package io.kledger.projection.http;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** A headless Chromium, where one is installed; where none is, the test is skipped. */
final class Browser {
  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");

  private final Path program;
  private final Path directory;

  private Browser(Path program, Path directory) {
    this.program = program;
    this.directory = directory;
  }

  /**
   * What a page came to.
   *
   * @param dom the document after its scripts have run, as HTML
   * @param console what they complained of
   */
  record Seen(String dom, String console) {}

  static Browser find(Path directory) {
    for (String name : NAMES) {
      for (String place : System.getenv("PATH").split(":")) {
        Path program = Path.of(place, name);
        if (Files.isExecutable(program)) {
          return new Browser(program, directory);
        }
      }
    }
    Assumptions.abort("no browser: none of " + NAMES + " is on the PATH");
    return null;
  }

  Seen open(URI page) throws IOException, InterruptedException {
    Path errors = directory.resolve("console");
    Path dom = directory.resolve("dom");
    run(dom, errors, "--enable-logging=stderr", "--dump-dom", page.toString());
    String console =
        String.join(
            "\n",
            Files.readString(errors, StandardCharsets.ISO_8859_1)
                .lines()
                .filter(line -> line.contains("CONSOLE"))
                .toList());
    return new Seen(Files.readString(dom), console);
  }

  void picture(URI page, int width, int height, Path file)
      throws IOException, InterruptedException {
    run(
        directory.resolve("out"),
        directory.resolve("err"),
        "--hide-scrollbars",
        "--window-size=" + width + "," + height,
        "--screenshot=" + file,
        page.toString());
  }

  private void run(Path out, Path err, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(program.toString());
    command.addAll(List.of("--headless", "--no-sandbox", "--disable-gpu"));
    command.add("--user-data-dir=" + directory.resolve("profile"));
    command.add("--virtual-time-budget=6000");
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IOException(command + " does not end");
    }
  }
}
