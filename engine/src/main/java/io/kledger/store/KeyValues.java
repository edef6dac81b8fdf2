package io.kledger.store;

/**
 * What a {@link Store} stands on: byte strings by byte strings, in families, ordered as unsigned
 * bytes, written in batches of which each is there whole or not at all.
 */
public interface KeyValues extends AutoCloseable {
  /** The families of keys. Numbers and names are stored: never change one, never use one again. */
  enum Family {
    /** What the store is: version, fingerprint, position. */
    META(1, "meta"),
    /** Rows by (table, key, descending position). */
    ROWS(2, "rows"),
    /** Members of index groups by (table, index, group, descending position). */
    GROUPS(3, "groups"),
    /** Which rows a commit changed, by position. */
    COMMITS(4, "commits"),
    /** Marks and gaps of the log by (kind, position). */
    NOTES(5, "notes");

    private final int number;
    private final String label;

    Family(int number, String label) {
      this.number = number;
      this.label = label;
    }

    public int number() {
      return number;
    }

    public String label() {
      return label;
    }
  }

  /** Collects writes. A key is written at most once in a batch. */
  interface Batch {
    /** The first {@code size()} bytes of both are copied. */
    void put(Family family, ByteSink key, ByteSink value);
  }

  /** A walk over the keys of a family as they were when the view was made. */
  interface Walk {
    /** Goes to the first key at or after this one; false if there is none. */
    boolean seek(byte[] key);

    /** Goes to the last key at or before this one; false if there is none. */
    boolean floor(byte[] key);

    /** Goes to the next key; false if there is none. */
    boolean next();

    /** The key where the walk is. */
    byte[] key();

    /** The value where the walk is. */
    byte[] value();
  }

  /**
   * The contents at one moment. Used by one thread at a time; after the store was closed it throws.
   */
  interface View extends AutoCloseable {
    Walk walk(Family family);

    @Override
    void close();
  }

  View view();

  /** A batch to fill; {@link #write} takes it, and the next call may return the same object. */
  Batch batch();

  /** Writes the batch, whole, and returns when it is as durable as was asked for at opening. */
  void write(Batch batch);

  /** Whether there may be writes. */
  boolean writable();

  @Override
  void close();
}
