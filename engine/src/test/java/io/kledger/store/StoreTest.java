package io.kledger.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kledger.store.memory.MemoryStore;
import io.kledger.store.rocks.RocksOptions;
import io.kledger.store.rocks.RocksStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a store promises, of the one in memory and the one on disk. */
class StoreTest {
  /** A row with two groups. */
  public record Thing(long key, long parent, long color, long rank) implements Row {}

  private static final TableId<Thing> THINGS = new TableId<>(1, "things", Thing.class);
  private static final RecordCodecs CODECS = new RecordCodecs(List.of(THINGS));
  private static final String IDENTITY = "test-1";

  @TempDir Path directory;

  /** A state of things, the model of it beside it, and both as of each commit. */
  private static final class World {
    StateTables tables = new StateTables(List.of(THINGS));
    Table<Thing> things = tables.table(THINGS);
    Index<Thing> byParent = things.index(Thing::parent, Thing::rank);
    Index<Thing> byColor = things.index(Thing::color);
    final TreeMap<Long, TreeMap<Long, Thing>> commits = new TreeMap<>();
    TreeMap<Long, Thing> model = new TreeMap<>();
    long position;

    World() {
      commits.put(0L, new TreeMap<>());
    }

    void restart(RowSource source) {
      tables = new StateTables(List.of(THINGS));
      things = tables.table(THINGS);
      byParent = things.index(Thing::parent, Thing::rank);
      byColor = things.index(Thing::color);
      tables.attach(source);
    }

    void writeSome(SplittableRandom random, int count) {
      for (int i = 0; i < count; i++) {
        position++;
        long key = 1 + random.nextInt(200);
        Thing after =
            random.nextInt(3) == 0
                ? null
                : new Thing(key, random.nextInt(4), random.nextInt(40), random.nextInt(5));
        boolean takenBack = random.nextInt(5) == 0;
        long changedAt = things.changedAt(key);
        Row before = tables.write(THINGS, key, after, position);
        assertThat(before).isEqualTo(model.get(key));
        if (takenBack) {
          tables.undo(THINGS, key, before, changedAt);
        } else if (after == null) {
          model.remove(key);
        } else {
          model.put(key, after);
        }
      }
    }

    void commit(Store store) {
      store.commit(position, tables, List.of());
      commits.put(position, new TreeMap<>(model));
    }
  }

  @Test
  void whatWasCommittedIsReadAsOfEveryCommit() {
    for (long seed = 1; seed <= 5; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      try (Store memory = MemoryStore.open(CODECS, IDENTITY)) {
        World world = fill(memory, random, 40, seed);
        verify(memory, world, "memory, seed " + seed);
      }
    }
  }

  @Test
  void whatWasCommittedIsReadFromDiskAsOfEveryCommit() {
    long seed = 6;
    World world;
    try (Store store = rocks(RocksOptions.DEFAULTS)) {
      world = fill(store, new SplittableRandom(seed), 40, seed);
      verify(store, world, "disk, seed " + seed);
    }
    try (Store store = rocks(RocksOptions.DEFAULTS.withReadOnly(true))) {
      assertThat(store.position()).isEqualTo(world.position);
      verify(store, world, "disk opened again, seed " + seed);
    }
  }

  /** Half of it by a writer that begins again from what is stored, with nothing in memory. */
  private static World fill(Store store, SplittableRandom random, int commits, long seed) {
    World world = new World();
    for (int i = 0; i < commits; i++) {
      if (i % 8 == 4) {
        world.restart(store.current());
      }
      world.writeSome(random, 1 + random.nextInt(60));
      if (random.nextInt(3) == 0) {
        long group = 1 + random.nextInt(3);
        assertThat(world.byParent.keys(group))
            .as("seed %d, commit %d", seed, i)
            .isEqualTo(members(world.model, group));
      }
      world.commit(store);
      assertThat(world.things.dirtyKeys()).isEmpty();
    }
    return world;
  }

  private static void verify(Store store, World world, String where) {
    for (long at = 0; at <= world.position; at++) {
      var entry = world.commits.floorEntry(at);
      try (StoreView view = store.asOf(at)) {
        assertThat(view.position()).isEqualTo(entry.getKey());
        if (at % 7 != 0 && at != entry.getKey()) {
          continue;
        }
        World then = new World();
        then.tables.attach(view);
        for (long group = 0; group < 4; group++) {
          assertThat(then.byParent.keys(group))
              .as("%s: group %d @%d", where, group, at)
              .isEqualTo(members(entry.getValue(), group));
        }
        assertThat(then.things.get(17)).isEqualTo(entry.getValue().get(17L));
        assertThat(then.things.rows())
            .as("%s: all @%d", where, at)
            .containsExactlyElementsOf(entry.getValue().values());
      }
    }
  }

  private static long[] members(TreeMap<Long, Thing> model, long group) {
    return model.values().stream()
        .filter(thing -> thing.parent() == group && group != 0)
        .sorted(java.util.Comparator.comparingLong(Thing::rank).thenComparingLong(Thing::key))
        .mapToLong(Thing::key)
        .toArray();
  }

  @Test
  void theHistoryOfARowHasEachVersionOnce() {
    try (Store store = MemoryStore.open(CODECS, IDENTITY)) {
      World world = new World();
      Thing first = new Thing(5, 1, 1, 1);
      Thing second = new Thing(5, 2, 1, 1);
      world.tables.write(THINGS, 5, first, 3);
      store.commit(10, world.tables, List.of());
      world.tables.write(THINGS, 6, new Thing(6, 1, 1, 1), 12);
      store.commit(20, world.tables, List.of());
      world.tables.write(THINGS, 5, second, 21);
      store.commit(30, world.tables, List.of());
      world.tables.write(THINGS, 5, null, 31);
      store.commit(40, world.tables, List.of());

      assertThat(store.history(THINGS, 5))
          .containsExactly(
              new Store.Version<>(10, first, 3),
              new Store.Version<>(30, second, 21),
              new Store.Version<>(40, null, 0));
      assertThat(store.changed(10, 30).get(1)).containsExactly(5, 6);
      assertThat(store.changed(0, 10).get(1)).containsExactly(5);
      assertThat(store.changed(40, 50)).isEmpty();
      assertThat(store.commitAtOrBefore(29)).isEqualTo(20);
      assertThat(store.commitAtOrBefore(9)).isZero();
      assertThat(store.commitAtOrAfter(11)).isEqualTo(20);
      assertThat(store.commitAtOrAfter(41)).isZero();
    }
  }

  @Test
  void aSecondWriterIsRefusedWithTheHoldersNumber() {
    try (Store store = rocks(RocksOptions.DEFAULTS)) {
      assertThat(store.writable()).isTrue();
      assertThatThrownBy(() -> rocks(RocksOptions.DEFAULTS))
          .isInstanceOf(StoreException.Locked.class)
          .hasMessageContaining("process " + ProcessHandle.current().pid());
    }
    try (Store store = rocks(RocksOptions.DEFAULTS)) {
      assertThat(store.writable()).isTrue();
    }
  }

  @Test
  void aReaderBesideTheWriterSeesWhatWasThereAtOpening() {
    World world = new World();
    SplittableRandom random = new SplittableRandom(7);
    try (Store writer = rocks(RocksOptions.DEFAULTS)) {
      world.writeSome(random, 50);
      world.commit(writer);
      try (Store reader = rocks(RocksOptions.DEFAULTS.withReadOnly(true))) {
        world.writeSome(random, 50);
        world.commit(writer);

        assertThat(reader.position()).isEqualTo(50);
        verify(reader, atCommit(world, 50), "reader");
        assertThatThrownBy(() -> reader.commit(200, world.tables, List.of()))
            .isInstanceOf(StoreException.Unavailable.class);
      }
    }
  }

  private static World atCommit(World world, long position) {
    World then = new World();
    then.commits.putAll(world.commits.headMap(position, true));
    then.position = position;
    return then;
  }

  @Test
  void aClosedStoreSaysSo() {
    Store store = rocks(RocksOptions.DEFAULTS);
    World world = new World();
    Thing thing = new Thing(1, 1, 1, 1);
    world.tables.write(THINGS, 1, thing, 1);
    store.commit(1, world.tables, List.of());
    StoreView view = store.current();
    assertThat(view.load(THINGS, 1)).isEqualTo(new RowSource.Stored<>(thing, 1));
    store.close();

    assertThatThrownBy(() -> view.load(THINGS, 1)).isInstanceOf(StoreException.Unavailable.class);
    assertThatThrownBy(store::current).isInstanceOf(StoreException.Unavailable.class);
  }

  @Test
  void anotherIdentityHasItsOwnDirectory() throws IOException {
    try (Store store = rocks(RocksOptions.DEFAULTS)) {
      World world = new World();
      world.writeSome(new SplittableRandom(1), 9);
      world.commit(store);
    }
    try (Store newer = RocksStore.open(directory, CODECS, "test-2", RocksOptions.DEFAULTS)) {
      assertThat(newer.position()).isZero();
      RocksStore.dropOthers(directory, "test-2");
    }
    try (Stream<Path> left = Files.list(directory)) {
      assertThat(left.filter(Files::isDirectory).map(path -> path.getFileName().toString()))
          .containsExactly("test-2");
    }
  }

  @Test
  void damageIsSaidAndCanBeDiscarded() throws IOException {
    try (Store store = rocks(RocksOptions.DEFAULTS)) {
      World world = new World();
      world.writeSome(new SplittableRandom(1), 90);
      world.commit(store);
    }
    List<Path> manifests = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory.resolve(IDENTITY))) {
      files.filter(f -> f.getFileName().toString().startsWith("MANIFEST")).forEach(manifests::add);
    }
    for (Path manifest : manifests) {
      byte[] bytes = Files.readAllBytes(manifest);
      bytes[bytes.length / 2] ^= 0x55;
      Files.write(manifest, bytes);
    }

    assertThatThrownBy(() -> rocks(RocksOptions.DEFAULTS))
        .isInstanceOf(StoreException.Damaged.class)
        .hasMessageContaining("rebuilt from the log");
    RocksStore.discard(directory, IDENTITY);
    try (Store store = rocks(RocksOptions.DEFAULTS)) {
      assertThat(store.position()).isZero();
    }
  }

  @Test
  void aStoreBegunFromASnapshotHasNoEarlierHistory() {
    World world = new World();
    world.writeSome(new SplittableRandom(3), 100);
    try (KeyedStore store = MemoryStore.open(CODECS, IDENTITY)) {
      store.restore(100, world.tables);
      world.commits.clear();
      world.commits.put(100L, new TreeMap<>(world.model));

      assertThat(store.position()).isEqualTo(100);
      assertThatThrownBy(() -> store.asOf(99))
          .isInstanceOf(StoreException.Unavailable.class)
          .hasMessageContaining("begins at @100");
      try (StoreView view = store.asOf(120)) {
        World then = new World();
        then.tables.attach(view);
        assertThat(then.things.rows()).containsExactlyElementsOf(world.model.values());
      }
    }
  }

  private Store rocks(RocksOptions options) {
    return RocksStore.open(directory, CODECS, IDENTITY, options);
  }
}
