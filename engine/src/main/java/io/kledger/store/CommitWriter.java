package io.kledger.store;

import java.util.Arrays;
import java.util.List;

/**
 * Turns what changed in the tables into the writes of one commit. Between commits it remembers of
 * each large index group how much was written since its last base, see {@link Members}.
 */
final class CommitWriter {
  /** A large group: members now, members in its base, changes written since. */
  private static final class Weight {
    int count;
    int base;
    int pending;
  }

  /** Who came to a group and who left it; each in the order of keys, as rows are visited in it. */
  private static final class Moves {
    long[] came = new long[1];
    long[] went = new long[1];
    int cameCount;
    int wentCount;

    void came(long key) {
      if (cameCount == came.length) {
        came = Arrays.copyOf(came, cameCount * 2);
      }
      came[cameCount++] = key;
    }

    void went(long key) {
      if (wentCount == went.length) {
        went = Arrays.copyOf(went, wentCount * 2);
      }
      went[wentCount++] = key;
    }
  }

  private final RecordCodecs codecs;
  private final LongMap<LongMap<Weight>> weights = new LongMap<>();
  private final ByteSink key = new ByteSink();
  private final ByteSink value = new ByteSink();
  private final ByteSink changed = new ByteSink();
  private Tops tops;
  private long position;
  private long previous;
  private KeyValues.View before;
  private KeyValues.Batch batch;

  CommitWriter(RecordCodecs codecs) {
    this.codecs = codecs;
  }

  /** Fills the batch. {@code stored} shows the store as of the commit before, {@code last}. */
  void write(
      long at, long last, StateTables tables, KeyValues.View stored, KeyValues.Batch writes) {
    position = at;
    previous = last;
    before = stored;
    batch = writes;
    changed.clear();
    if (tops == null) {
      tops = Tops.at(stored, last);
    }
    for (Table<?> table : tables.all()) {
      table(table);
    }
    value.clear();
    tops.write(value);
    value.bytes(changed.array(), 0, changed.size());
    batch.put(KeyValues.Family.COMMITS, Keys.commit(key, at), value);
  }

  private <V extends Row> void table(Table<V> table) {
    long[] keys = table.dirtyKeys();
    if (keys.length == 0) {
      return;
    }
    changed.u8(table.id().number());
    Members.keys(changed, keys, keys.length);
    rows(table, keys);
    List<Index<V>> indexes = table.indexes();
    for (Index<V> index : indexes) {
      groups(table, index, keys);
    }
    allRows(table, keys);
  }

  private <V extends Row> void rows(Table<V> table, long[] keys) {
    RowCodec<V> codec = codecs.codec(table.id());
    for (long rowKey : keys) {
      V row = table.get(rowKey);
      value.clear();
      if (row != null) {
        value.varint(table.changedAt(rowKey));
        codec.encode(row, value);
      }
      Keys.row(key, table.id().number(), rowKey, position);
      batch.put(KeyValues.Family.ROWS, key, value);
    }
    tops.raise(table.id().number(), Keys.ALL_ROWS, keys[keys.length - 1]);
  }

  private <V extends Row> void groups(Table<V> table, Index<V> index, long[] keys) {
    LongMap<Moves> moves = new LongMap<>();
    for (long rowKey : keys) {
      V was = table.committed(rowKey);
      V is = table.get(rowKey);
      long oldGroup = was == null ? 0 : index.groupOf(was);
      long newGroup = is == null ? 0 : index.groupOf(is);
      if (oldGroup != newGroup) {
        if (oldGroup != 0) {
          of(moves, oldGroup).went(rowKey);
        }
        if (newGroup != 0) {
          of(moves, newGroup).came(rowKey);
        }
      }
    }
    for (long group : moves.sortedKeys()) {
      group(table.id(), index.number(), group, moves.get(group), index);
    }
  }

  private <V extends Row> void allRows(Table<V> table, long[] keys) {
    Moves moves = new Moves();
    for (long rowKey : keys) {
      boolean was = table.committed(rowKey) != null;
      boolean is = table.get(rowKey) != null;
      if (was && !is) {
        moves.went(rowKey);
      } else if (is && !was) {
        moves.came(rowKey);
      }
    }
    if (moves.cameCount + moves.wentCount > 0) {
      group(table.id(), Keys.ALL_ROWS, Keys.ALL_ROWS_GROUP, moves, table);
    }
  }

  private static Moves of(LongMap<Moves> moves, long group) {
    Moves found = moves.get(group);
    if (found == null) {
      found = new Moves();
      moves.put(group, found);
    }
    return found;
  }

  private void group(TableId<?> table, int index, long group, Moves moves, Loaded loaded) {
    tops.raise(table.number(), index, group);
    LongMap<Weight> known = weights(table.number(), index);
    Weight weight = known.get(group);
    if (weight != null) {
      weight.count += moves.cameCount - moves.wentCount;
      weight.pending += moves.cameCount + moves.wentCount;
      if (weight.count > Members.SMALL && weight.pending <= Math.max(weight.base, 16)) {
        Members.delta(value, moves.came, moves.cameCount, moves.went, moves.wentCount);
        Keys.group(key, table.number(), index, group, position);
        batch.put(KeyValues.Family.GROUPS, key, value);
        return;
      }
    }
    long[] members = loaded.loadedKeys(group);
    if (members == null) {
      members = storedMembers(table, index, group, moves);
    }
    Members.base(value, members);
    Keys.group(key, table.number(), index, group, position);
    batch.put(KeyValues.Family.GROUPS, key, value);
    if (members.length <= Members.SMALL) {
      known.remove(group);
    } else {
      weight = weight == null ? new Weight() : weight;
      weight.count = members.length;
      weight.base = members.length;
      weight.pending = 0;
      known.put(group, weight);
    }
  }

  /** The members as they are after the moves, from what the last commit left. */
  private long[] storedMembers(TableId<?> table, int index, long group, Moves moves) {
    byte[] from = Keys.group(key, table.number(), index, group, previous).toArray();
    long[] members = Members.read(before.walk(KeyValues.Family.GROUPS), from);
    LongMap<Boolean> now = new LongMap<>();
    for (long member : members) {
      now.put(member, Boolean.TRUE);
    }
    for (int i = 0; i < moves.wentCount; i++) {
      now.remove(moves.went[i]);
    }
    for (int i = 0; i < moves.cameCount; i++) {
      now.put(moves.came[i], Boolean.TRUE);
    }
    return now.sortedKeys();
  }

  private LongMap<Weight> weights(int table, int index) {
    long number = table << 8 | index;
    LongMap<Weight> known = weights.get(number);
    if (known == null) {
      known = new LongMap<>();
      weights.put(number, known);
    }
    return known;
  }
}
