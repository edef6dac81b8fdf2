package io.kledger.projection.ledger;

import io.kledger.engine.Engines;
import io.kledger.event.MachineId;
import io.kledger.ingest.load.Importer;
import io.kledger.log.EventLog;
import io.kledger.log.LedgerUri;
import io.kledger.log.LogOptions;
import io.kledger.replay.LedgerOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Ledgers of one trace each that somebody wants to look at: in a directory of their own, under a
 * name that only he knows, gone when they have not been looked at for a while, when there are too
 * many, or with the service.
 */
final class ScratchLedgers implements AutoCloseable {
  static final String PREFIX = "scratch-";
  private static final int MOST = 8;
  private static final long IDLE_NANOS = Duration.ofHours(1).toNanos();

  private final SecureRandom random = new SecureRandom();
  private final Map<String, Scratch> scratches = new LinkedHashMap<>();

  private static final class Scratch {
    private final Path directory;
    private final ServedLedger ledger;
    private long asked = System.nanoTime();

    Scratch(Path directory, ServedLedger ledger) {
      this.directory = directory;
      this.ledger = ledger;
    }

    void close() {
      ledger.close();
      Directories.delete(directory);
    }
  }

  /** Whether it is a tar archive (ustar, tar(5)), as recordings are. */
  private static boolean archive(byte[] bytes) {
    return bytes.length > 262
        && new String(bytes, 257, 5, StandardCharsets.ISO_8859_1).equals("ustar");
  }

  /** Reads a trace or a recording; what came of it. */
  Ledgers.Uploaded make(byte[] trace, byte[] sent) throws IOException {
    byte[] bytes = new byte[9];
    random.nextBytes(bytes);
    String name = PREFIX + HexFormat.of().formatHex(bytes);
    MachineId machine = new MachineId(name);
    Path directory = Files.createTempDirectory("kledger-scratch");
    try {
      LedgerUri.Directory uri = new LedgerUri.Directory(directory.resolve("ledger"));
      Importer.Imported imported;
      long end;
      try (EventLog log = EventLog.open(uri, LogOptions.DEFAULTS.withSync(false))) {
        Importer importer = new Importer(log, true, null, (read, events) -> {});
        if (archive(trace)) {
          Path recording = directory.resolve("recording.tar.gz");
          Files.write(recording, sent);
          imported = importer.read(machine, recording.toString());
        } else {
          imported = importer.read(machine, "trace", trace);
        }
        end = log.end(machine);
      }
      ServedLedger ledger =
          new ServedLedger(uri, LedgerOptions.of(Engines::create, Engines.MODEL_VERSION));
      synchronized (this) {
        scratches.put(name, new Scratch(directory, ledger));
        drop();
      }
      return new Ledgers.Uploaded(name, end, imported.gaps(), imported.rejected());
    } catch (IOException | RuntimeException e) {
      Directories.delete(directory);
      throw e;
    }
  }

  private void drop() {
    long now = System.nanoTime();
    Iterator<Scratch> oldest = scratches.values().iterator();
    while (oldest.hasNext()) {
      Scratch scratch = oldest.next();
      if (scratches.size() > MOST || now - scratch.asked > IDLE_NANOS) {
        oldest.remove();
        scratch.close();
      }
    }
  }

  /** The ledger of that name; null if there is none any more. */
  synchronized ServedLedger of(String name) {
    drop();
    Scratch scratch = scratches.remove(name);
    if (scratch == null) {
      return null;
    }
    // The one asked last is dropped last.
    scratch.asked = System.nanoTime();
    scratches.put(name, scratch);
    return scratch.ledger;
  }

  @Override
  public synchronized void close() {
    scratches.values().forEach(Scratch::close);
    scratches.clear();
  }

  /** Directories of this service. */
  static final class Directories {
    private Directories() {}

    static void delete(Path directory) {
      try (var files = Files.walk(directory)) {
        for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
