package io.kledger.store;

import java.util.List;
import java.util.SortedMap;

/**
 * Keeps the rows of one machine's state, as they are and as they were. A commit writes the rows
 * that changed since the last one together with the position, in one atomic batch; rows are kept
 * per commit, so the state can be read as of each commit, and as of any event by folding the events
 * since the last commit on top.
 *
 * <p>One writer; any number of {@link #asOf} views, in other threads too.
 */
public interface Store extends AutoCloseable {
  /** One version of a row: what it was from a commit on; {@code row} is null if it was gone. */
  record Version<V extends Row>(long commit, V row, long changedAt) {}

  /** Something worth finding in the log again. */
  record Note(Kind kind, long position, long realtime, String text) {
    /** The number is stored: never change one. */
    public enum Kind {
      /** A name for a moment. */
      MARKER(1),
      /** Something is missing in the log. */
      GAP(2),
      /** The engine failed on the event: it changed nothing. */
      DEFECT(3);

      private final int number;

      Kind(int number) {
        this.number = number;
      }

      public int number() {
        return number;
      }
    }
  }

  /** Position of the last event whose changes are stored; 0 if there is none. */
  long position();

  /**
   * The first position whose state can be read: 0, or that of the snapshot that the store began
   * with.
   */
  long start();

  /** The last commit at or before a position; {@link #start} if there is none. */
  long commitAtOrBefore(long position);

  /** The first commit at or after a position; 0 if there is none. */
  long commitAtOrAfter(long position);

  /**
   * Writes the rows that changed since the last commit; afterwards nothing in the tables is dirty.
   *
   * @param position of the last event folded, above that of the last commit
   */
  void commit(long position, StateTables tables, List<Note> notes);

  /** The rows as of the last commit. */
  StoreView current();

  /**
   * The rows as of the last commit at or before a position; which that is, the view tells.
   *
   * @throws StoreException.Unavailable if the position is before {@link #start}
   */
  StoreView asOf(long position);

  /** The versions of a row from oldest to newest, one per commit that changed it. */
  <V extends Row> List<Version<V>> history(TableId<V> table, long key);

  /** Keys of the rows written by the commits after {@code from} up to {@code to}, ascending. */
  SortedMap<Integer, long[]> changed(long from, long to);

  /** The notes of a kind up to a position, in order. */
  List<Note> notes(Note.Kind kind, long to);

  /** False for one that was opened for reading only. */
  boolean writable();

  @Override
  void close();
}
