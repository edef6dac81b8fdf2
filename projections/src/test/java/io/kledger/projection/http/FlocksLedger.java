package io.kledger.projection.http;

import io.kledger.projection.RecordedLedger;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A ledger of the recording of flocks, in a directory of its own, for the service under test. */
public class FlocksLedger implements QuarkusTestResourceLifecycleManager {
  static final String RECORDING = "own/own_flocks.tar.gz";

  private Path directory;

  @Override
  public Map<String, String> start() {
    try {
      directory = Files.createTempDirectory("kledger-service");
      Path ledger = directory.resolve("ledger");
      RecordedLedger.read(RECORDING).appendTo(ledger);
      return Map.of("kledger.ledger", ledger.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void stop() {
    try (Stream<Path> tree = Files.walk(directory)) {
      List<Path> paths = tree.sorted(Comparator.reverseOrder()).toList();
      for (Path path : paths) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
