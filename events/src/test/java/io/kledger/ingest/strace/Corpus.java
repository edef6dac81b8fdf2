package io.kledger.ingest.strace;

import io.kledger.ingest.recording.RecordingArchive;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The recordings that come with the project. */
final class Corpus {
  private Corpus() {}

  /** Where they are: the system property {@code kledger.home}, or the folder above the module. */
  static Path folder() {
    String home = System.getProperty("kledger.home");
    Path root = home == null ? Path.of("..") : Path.of(home);
    return root.resolve("corpus");
  }

  /** All archives, sorted by path. */
  static List<Path> archives() {
    try (Stream<Path> walk = Files.walk(folder())) {
      return walk.filter(
              path -> path.toString().endsWith(".tar.gz") && !path.getParent().endsWith("audit"))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The text of a trace. */
  static byte[] trace(Path archive) {
    try {
      return RecordingArchive.open(archive).read("trace.strace");
    } catch (IOException e) {
      throw new UncheckedIOException(archive.toString(), e);
    }
  }
}
