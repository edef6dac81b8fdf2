package io.kledger.replay;

import static org.assertj.core.api.Assertions.assertThat;

import io.kledger.event.avro.Event;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.log.Cursor;
import io.kledger.log.EventLog;
import io.kledger.log.LedgerUri;
import io.kledger.log.LogOptions;
import io.kledger.store.RecordCodecs;
import io.kledger.store.StateDigest;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A fold that is killed at any moment goes on as if nothing had happened. */
class KilledFoldIT {
  private static final int KILLS = 50;
  private static final int EVENTS = 60_000;
  private static final long SEED = 11;
  private static final RecordCodecs CODECS = new RecordCodecs(Tables.ALL);

  @TempDir Path directory;

  @Test
  void fiftyKillsChangeNothing() throws IOException, InterruptedException {
    LedgerUri uri = new LedgerUri.Directory(directory);
    try (EventLog log = EventLog.open(uri, LogOptions.DEFAULTS.withSync(false))) {
      SyntheticKernel.append(log, SEED, EVENTS);
    }
    SplittableRandom random = new SplittableRandom(SEED);
    KernelState state = new KernelState();
    EventFold fresh = new EventFold(SyntheticKernel.engine(state), EventFold.SILENT);
    long reached = 0;
    try (EventLog log = EventLog.open(uri);
        Cursor cursor = log.read(SyntheticKernel.M, 1)) {
      for (int kill = 1; kill <= KILLS; kill++) {
        killAfter(random.nextInt(25_000), "kill %d from @%d".formatted(kill, reached));
        try (Ledger ledger = Ledger.open(uri, null, FoldUntilKilled.options())) {
          long position = ledger.store().position();
          String where = "kill %d @%d, seed %d".formatted(kill, position, SEED);
          assertThat(position).as(where).isBetween(reached, EVENTS - 1L);
          for (; reached < position; reached++) {
            Event event = cursor.next();
            fresh.fold(event);
          }
          assertThat(ledger.digest(position))
              .as(where)
              .isEqualTo(StateDigest.of(state.tables(), CODECS));
        }
      }
      assertThat(reached).isPositive();
    }
    try (Ledger ledger = Ledger.open(uri, null, FoldUntilKilled.options().withBatch(5000));
        Cursor rest = ledger.events(reached + 1)) {
      for (; reached < EVENTS; reached++) {
        fresh.fold(rest.next());
      }
      assertThat(ledger.catchUp()).isEqualTo(EVENTS);
      assertThat(ledger.digest(EVENTS)).isEqualTo(StateDigest.of(state.tables(), CODECS));
      assertThat(ledger.digest(EVENTS / 3)).isEqualTo(digestAt(uri, EVENTS / 3));
    }
  }

  private static String digestAt(LedgerUri uri, int position) {
    KernelState state = new KernelState();
    EventFold fold = new EventFold(SyntheticKernel.engine(state), EventFold.SILENT);
    try (EventLog log = EventLog.open(uri);
        Cursor cursor = log.read(SyntheticKernel.M, 1)) {
      for (int at = 0; at < position; at++) {
        fold.fold(cursor.next());
      }
    }
    return StateDigest.of(state.tables(), CODECS);
  }

  /** SIGKILL, so many microseconds after it has begun to fold. */
  private void killAfter(int micros, String where) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                FoldUntilKilled.class.getName(),
                directory.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (BufferedReader out = process.inputReader()) {
      assertThat(out.readLine()).as(where).startsWith("at ");
      TimeUnit.MICROSECONDS.sleep(micros);
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.waitFor()).as(where).isEqualTo(128 + 9);
  }
}
