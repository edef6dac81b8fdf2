package io.kledger.projection.streams;

import io.kledger.store.Row;
import io.kledger.store.StateTables;
import io.kledger.store.Store;
import io.kledger.store.StoreView;
import io.kledger.store.TableId;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Stores nothing: for a fold that is only looked at in memory. */
final class NoStore implements Store {
  @Override
  public long position() {
    return 0;
  }

  @Override
  public long start() {
    return 0;
  }

  @Override
  public long commitAtOrBefore(long position) {
    return 0;
  }

  @Override
  public long commitAtOrAfter(long position) {
    return 0;
  }

  @Override
  public void commit(long position, StateTables tables, List<Note> notes) {
    throw new UnsupportedOperationException();
  }

  @Override
  public StoreView current() {
    throw new UnsupportedOperationException();
  }

  @Override
  public StoreView asOf(long position) {
    throw new UnsupportedOperationException();
  }

  @Override
  public <V extends Row> List<Version<V>> history(TableId<V> table, long key) {
    return List.of();
  }

  @Override
  public SortedMap<Integer, long[]> changed(long from, long to) {
    return new TreeMap<>();
  }

  @Override
  public List<Note> notes(Note.Kind kind, long to) {
    return List.of();
  }

  @Override
  public boolean writable() {
    return false;
  }

  @Override
  public void close() {}
}
