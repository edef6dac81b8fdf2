package io.kledger.projection.ledger;

import io.kledger.engine.Engines;
import io.kledger.event.MachineId;
import io.kledger.ingest.load.Importer;
import io.kledger.log.EventLog;
import io.kledger.log.LedgerUri;
import io.kledger.log.LogOptions;
import io.kledger.replay.LedgerOptions;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** The recording shipped with the project, in a ledger of its own that goes with the service. */
final class DemoLedger implements AutoCloseable {
  static final String MACHINE = "demo";

  private final Path directory;
  private final ServedLedger ledger;

  DemoLedger() {
    try {
      directory = Files.createTempDirectory("kledger-demo");
      LedgerUri.Directory uri = new LedgerUri.Directory(directory.resolve("ledger"));
      load(uri);
      ledger = new ServedLedger(uri, LedgerOptions.of(Engines::create, Engines.MODEL_VERSION));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void load(LedgerUri uri) throws IOException {
    Path recording = directory.resolve("nspawn.tar.gz");
    try (InputStream in = Importer.class.getResourceAsStream("/demo/nspawn.tar.gz")) {
      Files.copy(in, recording);
    }
    try (EventLog log = EventLog.open(uri, LogOptions.DEFAULTS.withSync(false))) {
      new Importer(log, false, null, (bytes, events) -> {})
          .read(new MachineId(MACHINE), recording.toString());
    }
  }

  ServedLedger ledger() {
    return ledger;
  }

  @Override
  public void close() {
    ledger.close();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
