package io.kledger.store;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A {@link Store} over ordered {@link KeyValues}: the same in memory and on disk. A row is stored
 * once per commit that changed it, under (table, key, descending position); the current row is
 * simply the newest.
 */
public final class KeyedStore implements Store {
  private static final String HEAD = "head";
  private static final String IDENTITY = "identity";

  private final KeyValues values;
  private final RecordCodecs codecs;
  private final CommitWriter writer;
  private final ByteSink key = new ByteSink();
  private final ByteSink value = new ByteSink();
  private volatile long position;
  private volatile long start;

  /**
   * Opens what is there, or begins.
   *
   * @param identity what the rows were written by: model, tables, shapes of rows; must be the same
   *     at each opening
   * @throws StoreException.Unavailable if the store was written under another identity
   */
  public KeyedStore(KeyValues values, RecordCodecs codecs, String identity) {
    this.values = values;
    this.codecs = codecs;
    this.writer = new CommitWriter(codecs);
    try (KeyValues.View view = values.view()) {
      KeyValues.Walk walk = view.walk(KeyValues.Family.META);
      byte[] head = find(walk, HEAD);
      if (head != null) {
        ByteReader in = new ByteReader(head);
        position = in.fixed();
        start = in.fixed();
        check(find(walk, IDENTITY), identity);
        return;
      }
    }
    if (values.writable()) {
      KeyValues.Batch batch = values.batch();
      batch.put(KeyValues.Family.META, Keys.meta(key, IDENTITY), text(identity));
      head(batch, 0, 0);
      values.write(batch);
    }
  }

  @Override
  public long position() {
    return position;
  }

  @Override
  public long start() {
    return start;
  }

  @Override
  public boolean writable() {
    return values.writable();
  }

  @Override
  public void commit(long newPosition, StateTables tables, List<Note> notes) {
    if (newPosition <= position) {
      throw new IllegalArgumentException("commit at " + newPosition + " after " + position);
    }
    write(newPosition, start, tables, notes);
  }

  /**
   * Begins an empty store with the rows of a snapshot.
   *
   * @param at position of the snapshot: {@link #start} from now on
   */
  public void restore(long at, StateTables tables) {
    restore(at, tables, List.of());
  }

  /**
   * The same, with notes of what the log has up to there.
   *
   * @param notes in order of their positions, none after {@code at}
   */
  public void restore(long at, StateTables tables, List<Note> notes) {
    if (position != 0) {
      throw new IllegalStateException("the store is at " + position + ": not empty");
    }
    write(at, at, tables, notes);
  }

  private void write(long newPosition, long newStart, StateTables tables, List<Note> notes) {
    KeyValues.Batch batch = values.batch();
    try (KeyValues.View before = values.view()) {
      writer.write(newPosition, position, tables, before, batch);
    }
    for (Note note : notes) {
      Keys.note(key, note.kind().number(), note.position());
      value.clear();
      value.zigzag(note.realtime());
      value.nullable(note.text());
      batch.put(KeyValues.Family.NOTES, key, value);
    }
    head(batch, newPosition, newStart);
    values.write(batch);
    position = newPosition;
    start = newStart;
    tables.all().forEach(Table::committed);
  }

  private void head(KeyValues.Batch batch, long newPosition, long newStart) {
    value.clear();
    value.fixed(newPosition);
    value.fixed(newStart);
    batch.put(KeyValues.Family.META, Keys.meta(key, HEAD), value);
  }

  private ByteSink text(String text) {
    value.clear();
    value.nullable(text);
    return value;
  }

  private static byte[] find(KeyValues.Walk walk, String name) {
    byte[] wanted = Keys.meta(new ByteSink(), name).toArray();
    return walk.seek(wanted) && java.util.Arrays.equals(walk.key(), wanted) ? walk.value() : null;
  }

  private static void check(byte[] stored, String identity) {
    String found = stored == null ? null : new ByteReader(stored).nullableString();
    if (!identity.equals(found)) {
      throw new StoreException.Unavailable(
          "the store was written by another version of the model ("
              + found
              + ", not "
              + identity
              + "); it is to be rebuilt from the log");
    }
  }

  @Override
  public StoreView current() {
    return new KeyedView(values.view(), codecs, position);
  }

  @Override
  public StoreView asOf(long wanted) {
    if (wanted < start) {
      throw new StoreException.Unavailable(
          "state at @" + wanted + ": the store's history begins at @" + start);
    }
    return new KeyedView(values.view(), codecs, commitAtOrBefore(wanted));
  }

  @Override
  public long commitAtOrBefore(long wanted) {
    try (KeyValues.View view = values.view()) {
      KeyValues.Walk walk = view.walk(KeyValues.Family.COMMITS);
      long found =
          walk.floor(Keys.commit(new ByteSink(), wanted).toArray())
              ? new ByteReader(walk.key()).fixed()
              : start;
      return Math.max(found, start);
    }
  }

  @Override
  public long commitAtOrAfter(long wanted) {
    try (KeyValues.View view = values.view()) {
      KeyValues.Walk walk = view.walk(KeyValues.Family.COMMITS);
      return walk.seek(Keys.commit(new ByteSink(), wanted).toArray())
          ? new ByteReader(walk.key()).fixed()
          : 0;
    }
  }

  @Override
  public <V extends Row> List<Version<V>> history(TableId<V> table, long rowKey) {
    List<Version<V>> versions = new ArrayList<>();
    try (KeyValues.View view = values.view()) {
      KeyValues.Walk walk = view.walk(KeyValues.Family.ROWS);
      byte[] from = Keys.row(new ByteSink(), table.number(), rowKey, position).toArray();
      for (boolean there = walk.seek(from);
          there && Keys.samePrefix(walk.key(), from, Keys.ROW_PREFIX);
          there = walk.next()) {
        RowSource.Stored<V> stored = KeyedView.decode(codecs.codec(table), walk.value());
        long commit = Keys.position(walk.key());
        versions.add(
            stored == null
                ? new Version<>(commit, null, 0)
                : new Version<>(commit, stored.row(), stored.changedAt()));
      }
    }
    return versions.reversed();
  }

  @Override
  public SortedMap<Integer, long[]> changed(long from, long to) {
    SortedMap<Integer, LongMap<Boolean>> found = new TreeMap<>();
    try (KeyValues.View view = values.view()) {
      KeyValues.Walk walk = view.walk(KeyValues.Family.COMMITS);
      for (boolean there = walk.seek(Keys.commit(new ByteSink(), from + 1).toArray());
          there && new ByteReader(walk.key()).fixed() <= to;
          there = walk.next()) {
        ByteReader in = new ByteReader(walk.value());
        new Tops(in);
        while (!in.atEnd()) {
          LongMap<Boolean> keys = found.computeIfAbsent(in.u8(), table -> new LongMap<>());
          for (long changed : Members.keys(in)) {
            keys.put(changed, Boolean.TRUE);
          }
        }
      }
    }
    SortedMap<Integer, long[]> result = new TreeMap<>();
    found.forEach((table, keys) -> result.put(table, keys.sortedKeys()));
    return result;
  }

  @Override
  public List<Note> notes(Note.Kind kind, long to) {
    List<Note> notes = new ArrayList<>();
    try (KeyValues.View view = values.view()) {
      KeyValues.Walk walk = view.walk(KeyValues.Family.NOTES);
      byte[] from = Keys.note(new ByteSink(), kind.number(), 0).toArray();
      for (boolean there = walk.seek(from);
          there && Keys.samePrefix(walk.key(), from, 1);
          there = walk.next()) {
        long at = new ByteReader(walk.key(), 1).fixed();
        if (at > to) {
          break;
        }
        ByteReader in = new ByteReader(walk.value());
        notes.add(new Note(kind, at, in.zigzag(), in.nullableString()));
      }
    }
    return notes;
  }

  @Override
  public void close() {
    values.close();
  }
}
