package io.kledger.store;

/**
 * An entity of the kernel state: an immutable record, one per table row. Rows refer to each other
 * by key; a key is never used again for another object. Key 0 means none.
 */
public interface Row {
  /** The key of the row in its table, above 0. */
  long key();
}
