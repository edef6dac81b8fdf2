package io.kledger.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Rows come back as they were, from bytes that depend on nothing but the row. */
class RecordCodecsTest {
  private static final long SEED = 20260101;

  /** Everything that a component may be. */
  public sealed interface Figure {
    /** One record of it. */
    record Dot(int at) implements Figure {}

    /** Below it, another sealed interface. */
    sealed interface Line extends Figure {
      /** A record that holds its own kind. */
      record Pair(Figure left, List<Figure> rest) implements Line {}
    }
  }

  /** A row with all of it. */
  public record Everything(
      long key,
      int number,
      boolean flag,
      Long boxed,
      String text,
      Bytes bytes,
      Figure figure,
      List<Bytes> names,
      List<List<Integer>> nested)
      implements Row {}

  /** A row with what cannot be stored. */
  public record Unsupported(long key, Map<String, String> settings) implements Row {}

  /** Arrays have no equals of their own. */
  public record Numbers(long key, long[] values) implements Row {}

  @Test
  void everyTablesRowsComeBack() {
    RecordCodecs codecs = new RecordCodecs(Tables.ALL);
    for (TableId<? extends Row> table : Tables.ALL) {
      comesBack(codecs, table);
    }
  }

  @Test
  void everyKindOfComponentComesBack() {
    TableId<Everything> table = new TableId<>(1, "everything", Everything.class);
    comesBack(new RecordCodecs(List.of(table)), table);
  }

  @Test
  void arraysComeBack() {
    TableId<Numbers> table = new TableId<>(1, "numbers", Numbers.class);
    RowCodec<Numbers> codec = new RecordCodecs(List.of(table)).codec(table);

    Numbers back = codec.decode(codec.encode(new Numbers(1, new long[] {-1, 0, Long.MAX_VALUE})));

    assertThat(back.values()).containsExactly(-1, 0, Long.MAX_VALUE);
    assertThat(codec.decode(codec.encode(new Numbers(1, null))).values()).isNull();
  }

  @Test
  void extremesComeBack() {
    TableId<Everything> table = new TableId<>(1, "everything", Everything.class);
    RowCodec<Everything> codec = new RecordCodecs(List.of(table)).codec(table);
    Everything row =
        new Everything(
            Long.MIN_VALUE,
            Integer.MIN_VALUE,
            true,
            Long.MAX_VALUE,
            "",
            Bytes.EMPTY,
            null,
            List.of(),
            null);

    assertThat(codec.decode(codec.encode(row))).isEqualTo(row);
  }

  @Test
  void anUnknownComponentIsRefusedByName() {
    TableId<Unsupported> table = new TableId<>(1, "unsupported", Unsupported.class);

    assertThatThrownBy(() -> new RecordCodecs(List.of(table)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Unsupported.settings")
        .hasMessageContaining("java.util.Map");
  }

  @Test
  void damagedBytesAreRefusedOrAnotherRow() {
    RecordCodecs codecs = new RecordCodecs(Tables.ALL);
    SplittableRandom random = new SplittableRandom(SEED);
    RowCodec<?> codec = codecs.codec(Tables.TASKS);
    byte[] good = codecs.codec(Tables.TASKS).encode(codecs.sample(Tables.TASKS, random, false));

    assertThatThrownBy(() -> codec.decode(Arrays.copyOf(good, good.length - 1)))
        .isInstanceOf(StoreException.Damaged.class);
    assertThatThrownBy(() -> codec.decode(Arrays.copyOf(good, good.length + 1)))
        .isInstanceOf(StoreException.Damaged.class);
    for (int i = 0; i < 2000; i++) {
      byte[] bad = good.clone();
      bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
      try {
        assertThat(codec.decode(bad)).isNotNull();
      } catch (StoreException.Damaged refused) {
        assertThat(refused).hasMessageContaining("stored");
      }
    }
  }

  @Test
  void theFingerprintKnowsShapesIndexesAndModel() {
    RecordCodecs codecs = new RecordCodecs(Tables.ALL);
    String fingerprint = Fingerprint.of(new KernelState().tables(), codecs, 1);

    assertThat(Fingerprint.of(new KernelState().tables(), new RecordCodecs(Tables.ALL), 1))
        .isEqualTo(fingerprint)
        .matches("[0-9a-f]{16}");
    assertThat(Fingerprint.of(new KernelState().tables(), codecs, 2)).isNotEqualTo(fingerprint);
    KernelState another = new KernelState();
    another.tasks.index(task -> task.tid() & 1);
    assertThat(Fingerprint.of(another.tables(), codecs, 1)).isNotEqualTo(fingerprint);
  }

  private static <V extends Row> void comesBack(RecordCodecs codecs, TableId<V> table) {
    RowCodec<V> codec = codecs.codec(table);
    SplittableRandom random = new SplittableRandom(SEED);
    SplittableRandom again = new SplittableRandom(SEED);
    for (int i = 0; i < 300; i++) {
      V row = codecs.sample(table, random, true);
      V equal = codecs.sample(table, again, true);
      byte[] bytes = codec.encode(row);
      String where = "table " + table + ", seed " + SEED + ", row " + i;
      assertThat(codec.decode(bytes)).as(where).isEqualTo(row);
      assertThat(codec.encode(equal)).as(where).isEqualTo(bytes);
    }
  }
}
