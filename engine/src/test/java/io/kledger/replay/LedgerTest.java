package io.kledger.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kledger.engine.Engine;
import io.kledger.event.avro.Event;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.log.Cursor;
import io.kledger.log.EventLog;
import io.kledger.log.LedgerUri;
import io.kledger.log.LogOptions;
import io.kledger.store.RecordCodecs;
import io.kledger.store.Row;
import io.kledger.store.StateDigest;
import io.kledger.store.Store;
import io.kledger.store.StoreException;
import io.kledger.store.Table;
import io.kledger.store.TableId;
import io.kledger.store.memory.MemoryStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A ledger's state at any position is what a fold of the events up to there gives. */
class LedgerTest {
  private static final long SEED = 42;
  private static final int EVENTS = 3000;
  private static final RecordCodecs CODECS = new RecordCodecs(Tables.ALL);

  @TempDir Path directory;
  private final List<String> notices = new ArrayList<>();
  private LedgerUri uri;
  private LedgerOptions options;

  @BeforeEach
  void aLogOfThousandsOfEvents() {
    uri = new LedgerUri.Directory(directory.resolve("ledger"));
    LogOptions log = LogOptions.DEFAULTS.withSync(false);
    try (EventLog events = EventLog.open(uri, log)) {
      SyntheticKernel.append(events, SEED, EVENTS);
    }
    options = LedgerOptions.of(SyntheticKernel::engine, 1).withBatch(250).withNotices(notices::add);
  }

  /** The digests of a fold in memory, after each event. */
  private List<String> digests() {
    List<String> digests = new ArrayList<>();
    KernelState state = new KernelState();
    EventFold fold = new EventFold(SyntheticKernel.engine(state), EventFold.SILENT);
    digests.add(StateDigest.of(state.tables(), CODECS));
    for (Event event : events()) {
      fold.fold(event);
      digests.add(StateDigest.of(state.tables(), CODECS));
    }
    return digests;
  }

  private List<Event> events() {
    List<Event> events = new ArrayList<>();
    try (EventLog log = EventLog.open(uri);
        Cursor cursor = log.read(SyntheticKernel.M, 1)) {
      for (Event event = cursor.next(); event != null; event = cursor.next()) {
        events.add(event);
      }
    }
    return events;
  }

  private Ledger open() {
    return Ledger.open(uri, null, options);
  }

  @Test
  void theStateAtAnyPositionIsThatOfAFreshFold() {
    List<String> digests = digests();
    SplittableRandom random = new SplittableRandom(SEED);
    try (Ledger ledger = open()) {
      assertThat(ledger.catchUp()).isEqualTo(EVENTS);

      for (long at = 0; at <= EVENTS; at += 1 + random.nextInt(15)) {
        assertThat(ledger.digest(at)).as("seed %d @%d", SEED, at).isEqualTo(digests.get((int) at));
      }
      assertThat(ledger.digest(EVENTS)).isEqualTo(digests.get(EVENTS));
      assertThat(new java.util.TreeSet<>(digests)).hasSizeGreaterThan(EVENTS / 4);
    }
    try (Ledger again = open()) {
      assertThat(again.digest(EVENTS)).isEqualTo(digests.get(EVENTS));
    }
    assertThat(notices).isEmpty();
  }

  @Test
  void memoryAndDiskAgreeAtEveryCommitAlsoAboutWhatChangedLast() {
    try (Ledger ledger = open();
        Store memory = MemoryStore.open(CODECS, "memory");
        Cursor cursor = ledger.events(1)) {
      ledger.catchUp();
      KernelState state = new KernelState();
      new Replayer(SyntheticKernel.engine(state), memory, 250)
          .replay(cursor, EVENTS, EventFold.SILENT);

      for (long at = 0; at <= EVENTS; at += 250) {
        try (AsOf disk = ledger.stateAt(at);
            AsOf ram =
                AsOf.open(memory, ledger.log(), SyntheticKernel.M, SyntheticKernel::engine, at)) {
          assertThat(disk.base()).isEqualTo(at);
          assertThat(rows(disk.state())).as("@%d", at).isEqualTo(rows(ram.state()));
        }
      }
      try (AsOf disk = ledger.stateAt(EVENTS)) {
        assertThat(rows(disk.state())).isEqualTo(rows(state));
      }
    }
  }

  /** Every row with the position that last changed it. */
  private static Map<String, String> rows(KernelState state) {
    Map<String, String> rows = new LinkedHashMap<>();
    for (Table<?> table : state.tables().all()) {
      for (long key : table.keys()) {
        rows.put(table.id() + " " + key, table.changedAt(key) + " " + table.get(key));
      }
    }
    return rows;
  }

  @Test
  void aFoldInPiecesIsAFoldInOne() {
    String whole = digests().get(EVENTS);
    SplittableRandom random = new SplittableRandom(SEED);
    LogOptions log = LogOptions.DEFAULTS.withSync(false);
    uri = new LedgerUri.Directory(directory.resolve("pieces"));
    for (long at = 0; at < EVENTS; ) {
      at = Math.min(EVENTS, at + 1 + random.nextInt(300));
      try (EventLog events = EventLog.open(uri, log)) {
        SyntheticKernel.append(events, SEED, at);
      }
      options = options.withBatch(1 + random.nextInt(100));
      try (Ledger ledger = open()) {
        assertThat(ledger.catchUp()).isEqualTo(at);
      }
    }
    try (Ledger ledger = open()) {
      assertThat(ledger.digest(EVENTS)).as("seed %d", SEED).isEqualTo(whole);
    }
  }

  @Test
  void aFoldGoesOnFromASnapshot() throws IOException {
    List<String> digests = digests();
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    try (Ledger ledger = open()) {
      ledger.catchUp();
      assertThat(ledger.snapshot(1234, file)).isEqualTo(digests.get(1234));

      Snapshot read =
          Snapshot.read(new ByteArrayInputStream(file.toByteArray()), CODECS, ledger.fingerprint());
      assertThat(read.position()).isEqualTo(1234);
      assertThat(read.machine()).isEqualTo(SyntheticKernel.M);
      EventFold fold = new EventFold(SyntheticKernel.engine(read.state()), EventFold.SILENT);
      try (Cursor cursor = ledger.events(1235)) {
        for (int at = 1235; at <= EVENTS; at++) {
          fold.fold(cursor.next());
        }
      }
      assertThat(ledger.digest(read.state())).isEqualTo(digests.get(EVENTS));
    }
  }

  @Test
  void aSnapshotWithAnyByteChangedIsRefused() throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    String fingerprint;
    try (Ledger ledger = open()) {
      ledger.catchUp();
      ledger.snapshot(300, file);
      fingerprint = ledger.fingerprint();
    }
    byte[] good = file.toByteArray();
    SplittableRandom random = new SplittableRandom(SEED);
    for (int i = 0; i < 300; i++) {
      byte[] bad = good.clone();
      int at = random.nextInt(bad.length);
      bad[at] ^= (byte) (1 << random.nextInt(8));
      assertThatThrownBy(() -> Snapshot.read(new ByteArrayInputStream(bad), CODECS, fingerprint))
          .as("seed %d, byte %d", SEED, at)
          .isInstanceOf(StoreException.class);
    }
    assertThatThrownBy(() -> Snapshot.read(new ByteArrayInputStream(good), CODECS, "another"))
        .isInstanceOf(StoreException.Unavailable.class)
        .hasMessageContaining("another version");
  }

  @Test
  void theDifferenceOfTwoStatesIsExact() {
    SplittableRandom random = new SplittableRandom(SEED);
    try (Ledger ledger = open()) {
      ledger.catchUp();
      for (int i = 0; i < 40; i++) {
        long from = random.nextInt(EVENTS + 1);
        long to = random.nextInt(EVENTS + 1);
        try (AsOf before = ledger.stateAt(from);
            AsOf after = ledger.stateAt(to)) {
          assertThat(ledger.diff(from, to))
              .as("seed %d: @%d @%d", SEED, from, to)
              .isEqualTo(compared(before.state(), after.state()));
        }
      }
    }
  }

  private static List<StateDiff.Changed> compared(KernelState before, KernelState after) {
    List<StateDiff.Changed> changed = new ArrayList<>();
    for (TableId<? extends Row> id : Tables.ALL) {
      java.util.TreeSet<Long> keys = new java.util.TreeSet<>();
      for (long key : before.tables().table(id).keys()) {
        keys.add(key);
      }
      for (long key : after.tables().table(id).keys()) {
        keys.add(key);
      }
      for (long key : keys) {
        Row was = before.row(id, key);
        Row is = after.row(id, key);
        if (!java.util.Objects.equals(was, is)) {
          changed.add(new StateDiff.Changed(id, key, was, is));
        }
      }
    }
    return changed;
  }

  @Test
  void theHistoryOfARowIsExact() {
    Map<Long, List<Long>> positions = new LinkedHashMap<>();
    KernelState state = new KernelState();
    Engine engine = SyntheticKernel.engine(state);
    EventFold fold =
        new EventFold(
            engine,
            (event, folded, now) ->
                folded.changes().stream()
                    .filter(change -> change.table() == Tables.FDS)
                    .forEach(
                        change ->
                            positions
                                .computeIfAbsent(change.key(), key -> new ArrayList<>())
                                .add(event.getPosition())));
    events().forEach(fold::fold);
    try (Ledger ledger = open()) {
      ledger.catchUp();
      int compared = 0;
      for (Map.Entry<Long, List<Long>> entry : positions.entrySet()) {
        List<Store.Version<io.kledger.kernel.file.FdSlot>> stored =
            ledger.store().history(Tables.FDS, entry.getKey());
        List<Long> found =
            ledger.history(Tables.FDS, entry.getKey(), EVENTS).stream()
                .map(version -> version.event().getPosition())
                .toList();
        for (Store.Version<?> version : stored) {
          compared++;
          List<Long> within =
              entry.getValue().stream()
                  .filter(at -> at <= version.commit() && at > version.commit() - 250)
                  .toList();
          assertThat(found).as("fd %d", entry.getKey()).containsAll(within);
        }
      }
      assertThat(compared).isGreaterThan(50);
    }
  }

  @Test
  void momentsAreFoundByPositionTimeAndMark() {
    try (Ledger ledger = open()) {
      List<Event> marks =
          events().stream()
              .filter(event -> event.getBody() instanceof io.kledger.event.avro.Marker)
              .toList();
      for (boolean folded : new boolean[] {false, true}) {
        assertThat(ledger.position(When.parse("end"))).isEqualTo(EVENTS);
        assertThat(ledger.position(When.parse("@0"))).isZero();
        assertThat(ledger.position(When.parse("-10s"))).isEqualTo(EVENTS - 10);
        assertThat(ledger.position(When.parse("-5min"))).isEqualTo(EVENTS - 300);
        assertThat(ledger.position(When.parse("2023-11-14T22:13:20Z"))).isZero();
        assertThat(ledger.position(When.parse("2023-11-14T22:13:29.5Z"))).isEqualTo(9);
        assertThat(ledger.position(When.parse("2030-01-01T00:00:00+02:00"))).isEqualTo(EVENTS);
        for (Event mark : marks) {
          assertThat(ledger.position(When.parse("mark-" + mark.getPosition())))
              .isEqualTo(mark.getPosition());
        }
        assertThatThrownBy(() -> ledger.position(When.parse("no-such-mark")))
            .hasMessageContaining("no marker 'no-such-mark'");
        assertThatThrownBy(() -> ledger.position(When.parse("@3001")))
            .hasMessageContaining("ends at @3000");
        if (!folded) {
          ledger.catchUp();
        }
      }
      assertThat(marks).isNotEmpty();
      assertThat(ledger.notes(Store.Note.Kind.MARKER, EVENTS)).hasSameSizeAs(marks);
      assertThat(ledger.notes(Store.Note.Kind.DEFECT, EVENTS))
          .isNotEmpty()
          .allSatisfy(note -> assertThat(note.text()).contains("a rule that breaks down"));
    }
    assertThatThrownBy(() -> When.parse("@x")).hasMessageContaining("expected @N");
    assertThatThrownBy(() -> When.parse("2023-13-01T00:00:00Z")).hasMessageContaining("RFC 3339");
    assertThatThrownBy(() -> When.parse("-5")).hasMessageContaining("no moment");
  }

  @Test
  void asecondLedgerReadsBesideTheWriter() {
    List<String> digests = digests();
    try (Ledger writer = open()) {
      writer.catchUp();
      try (EventLog events = EventLog.open(uri, LogOptions.DEFAULTS.withSync(false))) {
        SyntheticKernel.append(events, SEED, EVENTS + 100);
      }
      try (Ledger reader = open()) {
        assertThat(notices).singleElement().asString().contains("being written by process");
        assertThat(reader.catchUp()).isEqualTo(EVENTS);
        assertThat(reader.digest(777)).isEqualTo(digests.get(777));
        assertThat(reader.digest(EVENTS + 100)).isEqualTo(writer.digest(EVENTS + 100));
      }
    }
  }

  @Test
  void aReadOnlyLedgerLeavesTheWritersLockToOthers() {
    List<String> digests = digests();
    LedgerOptions readOnly = options.withReadOnly(true);
    try (Ledger reader = Ledger.open(uri, null, readOnly)) {
      assertThat(reader.catchUp()).isZero();
      assertThat(reader.digest(EVENTS)).isEqualTo(digests.get(EVENTS));
      try (Ledger writer = open()) {
        assertThat(writer.catchUp()).isEqualTo(EVENTS);
        try (Ledger second = Ledger.open(uri, null, readOnly)) {
          assertThat(second.store().position()).isEqualTo(EVENTS);
          assertThat(second.digest(777)).isEqualTo(digests.get(777));
        }
      }
    }
    assertThat(notices).isEmpty();
  }

  @Test
  void anotherModelIsFoldedBesideAndThenReplacesTheOld() throws IOException {
    Path states = directory.resolve("ledger/state/m");
    try (Ledger ledger = open()) {
      ledger.catchUp();
    }
    options =
        new LedgerOptions(
            options.engines(), 2, 100, false, null, false, options.log(), options.notices());
    try (Ledger ledger = open()) {
      assertThat(ledger.store().position()).isZero();
      assertThat(directories(states)).hasSize(2);
      assertThat(ledger.catchUp()).isEqualTo(EVENTS);
      assertThat(directories(states))
          .containsExactly(ledger.fingerprint() + "-" + ledger.log().id().substring(0, 8));
      assertThat(ledger.digest(EVENTS)).isEqualTo(digests().get(EVENTS));
    }
  }

  private static List<String> directories(Path of) throws IOException {
    try (Stream<Path> entries = Files.list(of)) {
      return entries.filter(Files::isDirectory).map(e -> e.getFileName().toString()).toList();
    }
  }

  @Test
  void aDamagedStateIsRebuiltFromTheLog() throws IOException {
    String whole = digests().get(EVENTS);
    try (Ledger ledger = open()) {
      ledger.catchUp();
    }
    try (Stream<Path> files = Files.walk(directory.resolve("ledger/state"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (file.getFileName().toString().matches("MANIFEST.*")) {
          byte[] bytes = Files.readAllBytes(file);
          bytes[bytes.length / 2] ^= 0x21;
          Files.write(file, bytes);
        }
      }
    }
    try (Ledger ledger = open()) {
      assertThat(notices).singleElement().asString().contains("damaged").contains("rebuilding");
      assertThat(ledger.catchUp()).isEqualTo(EVENTS);
      assertThat(ledger.digest(EVENTS)).isEqualTo(whole);
    }
  }
}
