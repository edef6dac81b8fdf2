package io.kledger.store;

/** Knows the members of groups that are wholly in memory. */
interface Loaded {
  /** Keys of the group's rows, ascending; null if not all of them need be in memory. */
  long[] loadedKeys(long group);
}
