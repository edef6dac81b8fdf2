package io.kledger.store;

/** Rows as of one commit. Used by one thread at a time; close it after use. */
public interface StoreView extends RowSource, AutoCloseable {
  /** Position of the commit. */
  long position();

  @Override
  void close();
}
