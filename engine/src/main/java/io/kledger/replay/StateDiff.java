package io.kledger.replay;

import io.kledger.kernel.Tables;
import io.kledger.store.LongMap;
import io.kledger.store.Row;
import io.kledger.store.Store;
import io.kledger.store.Table;
import io.kledger.store.TableId;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;

/** Which rows differ between two positions. */
public final class StateDiff {
  /** A row that differs; {@code before} or {@code after} is null where there was or is none. */
  public record Changed(TableId<? extends Row> table, long key, Row before, Row after) {}

  private StateDiff() {}

  /** The rows that differ, by table and key. The cost follows what changed, not what there is. */
  public static List<Changed> between(Store store, AsOf from, AsOf to) {
    SortedMap<Integer, long[]> committed =
        store.changed(Math.min(from.base(), to.base()), Math.max(from.base(), to.base()));
    List<Changed> result = new ArrayList<>();
    for (TableId<? extends Row> id : Tables.ALL) {
      compare(id, committed.get(id.number()), from, to, result);
    }
    return result;
  }

  private static <V extends Row> void compare(
      TableId<V> id, long[] committed, AsOf from, AsOf to, List<Changed> result) {
    Table<V> before = from.state().tables().table(id);
    Table<V> after = to.state().tables().table(id);
    LongMap<Boolean> candidates = new LongMap<>();
    add(candidates, before.dirtyKeys());
    add(candidates, after.dirtyKeys());
    if (committed != null) {
      add(candidates, committed);
    }
    for (long key : candidates.sortedKeys()) {
      V was = before.get(key);
      V is = after.get(key);
      if (was == null ? is != null : !was.equals(is)) {
        result.add(new Changed(id, key, was, is));
      }
    }
  }

  private static void add(LongMap<Boolean> candidates, long[] keys) {
    for (long key : keys) {
      candidates.put(key, Boolean.TRUE);
    }
  }
}
