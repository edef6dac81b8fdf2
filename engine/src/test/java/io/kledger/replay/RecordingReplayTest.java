package io.kledger.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.kledger.engine.Engines;
import io.kledger.event.MachineId;
import io.kledger.event.avro.Event;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.log.Appender;
import io.kledger.log.Cursor;
import io.kledger.log.EventLog;
import io.kledger.log.LedgerUri;
import io.kledger.log.LogOptions;
import io.kledger.store.RecordCodecs;
import io.kledger.store.StateDigest;
import io.kledger.store.Store;
import io.kledger.store.memory.MemoryStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The real rules over recordings of a real kernel: the state does not depend on how it was reached.
 */
class RecordingReplayTest {
  private static final long SEED = 7;
  private static final int PER_RECORDING = 8;
  private static final RecordCodecs CODECS = new RecordCodecs(Tables.ALL);

  @TempDir Path directory;

  @Test
  void statesFromTheStoreAreThoseOfAFreshFold() throws IOException {
    Map<String, Path> recordings = oneOfEachFamily();
    assumeFalse(recordings.isEmpty(), "the corpus is not here");
    SplittableRandom random = new SplittableRandom(SEED);
    LedgerUri uri = new LedgerUri.Directory(directory);
    try (EventLog log = EventLog.open(uri, LogOptions.DEFAULTS.withSync(false))) {
      for (Map.Entry<String, Path> recording : recordings.entrySet()) {
        append(log, MachineId.of(recording.getKey()), recording.getValue());
      }
    }
    LedgerOptions options = LedgerOptions.of(Engines::create, 1).withBatch(97);
    for (String family : recordings.keySet()) {
      try (Ledger ledger = Ledger.open(uri, MachineId.of(family), options)) {
        ledger.catchUp();
        verify(ledger, random);
      }
    }
  }

  private static Map<String, Path> oneOfEachFamily() throws IOException {
    Map<String, Path> recordings = new LinkedHashMap<>();
    for (Path recording : Recordings.all()) {
      recordings.putIfAbsent(recording.getParent().getFileName().toString(), recording);
    }
    return recordings;
  }

  private static void append(EventLog log, MachineId machine, Path recording) throws IOException {
    List<Event> events = Recordings.events(recording, 1);
    try (Appender appender = log.appender(machine)) {
      for (Event event : events.subList(0, Math.min(events.size(), 3000))) {
        appender.append(event);
      }
      appender.commit();
    }
  }

  private static void verify(Ledger ledger, SplittableRandom random) {
    int end = (int) ledger.end();
    List<Integer> wanted = new ArrayList<>(List.of(0, end));
    for (int i = 0; i < PER_RECORDING; i++) {
      wanted.add(random.nextInt(end + 1));
    }
    wanted.sort(null);
    KernelState state = new KernelState();
    EventFold fold = new EventFold(Engines.create(state), EventFold.SILENT);
    try (Store memory = MemoryStore.open(CODECS, "memory");
        Cursor cursor = ledger.events(1);
        Cursor again = ledger.events(1)) {
      new Replayer(Engines.create(new KernelState()), memory, 1 + random.nextInt(200))
          .replay(again, end, EventFold.SILENT);
      int at = 0;
      for (int next : wanted) {
        for (; at < next; at++) {
          fold.fold(cursor.next());
        }
        String where = "%s @%d, seed %d".formatted(ledger.machine(), at, SEED);
        String fresh = StateDigest.of(state.tables(), CODECS);
        assertThat(ledger.digest(at)).as("disk, " + where).isEqualTo(fresh);
        try (AsOf ram = AsOf.open(memory, ledger.log(), ledger.machine(), Engines::create, at)) {
          assertThat(ledger.digest(ram.state())).as("memory, " + where).isEqualTo(fresh);
        }
      }
    }
  }
}
