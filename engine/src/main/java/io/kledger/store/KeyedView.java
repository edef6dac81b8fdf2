package io.kledger.store;

import java.util.ArrayList;
import java.util.List;

/** The rows of a {@link KeyedStore} as of one commit. */
final class KeyedView implements StoreView {
  private final KeyValues.View view;
  private final RecordCodecs codecs;
  private final long position;
  private final Tops tops;
  private final ByteSink key = new ByteSink();
  private KeyValues.Walk rows;
  private KeyValues.Walk groups;

  KeyedView(KeyValues.View view, RecordCodecs codecs, long position) {
    this.view = view;
    this.codecs = codecs;
    this.position = position;
    this.tops = Tops.at(view, position);
  }

  @Override
  public long position() {
    return position;
  }

  @Override
  public <V extends Row> Stored<V> load(TableId<V> table, long rowKey) {
    if (tops.beyond(table.number(), Keys.ALL_ROWS, rowKey)) {
      return null;
    }
    byte[] from = Keys.row(key, table.number(), rowKey, position).toArray();
    KeyValues.Walk walk = rows();
    return walk.seek(from) && Keys.samePrefix(walk.key(), from, Keys.ROW_PREFIX)
        ? decode(codecs.codec(table), walk.value())
        : null;
  }

  @Override
  public <V extends Row> Iterable<Stored<V>> loadGroup(TableId<V> table, int index, long group) {
    if (tops.beyond(table.number(), index, group)) {
      return List.of();
    }
    if (groups == null) {
      groups = view.walk(KeyValues.Family.GROUPS);
    }
    byte[] from = Keys.group(key, table.number(), index, group, position).toArray();
    long[] members = Members.read(groups, from);
    List<Stored<V>> found = new ArrayList<>(members.length);
    for (long member : members) {
      Stored<V> stored = load(table, member);
      if (stored == null) {
        throw new StoreException.Damaged(
            "row " + member + " of table " + table + " is missing at @" + position);
      }
      found.add(stored);
    }
    return found;
  }

  @Override
  public <V extends Row> Iterable<Stored<V>> loadAll(TableId<V> table) {
    return loadGroup(table, Keys.ALL_ROWS, Keys.ALL_ROWS_GROUP);
  }

  /** Null for the mark of a row that is gone. */
  static <V extends Row> Stored<V> decode(RowCodec<V> codec, byte[] stored) {
    if (stored.length == 0) {
      return null;
    }
    ByteReader in = new ByteReader(stored);
    long changedAt = in.varint();
    return new Stored<>(codec.decode(in), changedAt);
  }

  private KeyValues.Walk rows() {
    if (rows == null) {
      rows = view.walk(KeyValues.Family.ROWS);
    }
    return rows;
  }

  @Override
  public void close() {
    view.close();
  }
}
