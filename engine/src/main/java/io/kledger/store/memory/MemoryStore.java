package io.kledger.store.memory;

import io.kledger.store.KeyedStore;
import io.kledger.store.RecordCodecs;

/** A store in memory, with history, for tests, simulation and ledgers that nobody may write to. */
public final class MemoryStore {
  private MemoryStore() {}

  /** An empty store. */
  public static KeyedStore open(RecordCodecs codecs, String identity) {
    return new KeyedStore(new MemoryValues(), codecs, identity);
  }
}
