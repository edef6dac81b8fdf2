package io.kledger.projection.streams;

import java.util.List;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.state.QueryableStoreType;
import org.apache.kafka.streams.state.internals.StateStoreProvider;

/** Finds the state stores of the tasks that run here. */
final class FoldStoreType implements QueryableStoreType<List<FoldStateStore>> {
  @Override
  public boolean accepts(StateStore store) {
    return store instanceof FoldStateStore;
  }

  @Override
  public List<FoldStateStore> create(StateStoreProvider provider, String name) {
    return provider.stores(name, new One());
  }

  /** What the provider casts each store to. */
  private static final class One implements QueryableStoreType<FoldStateStore> {
    @Override
    public boolean accepts(StateStore store) {
      return store instanceof FoldStateStore;
    }

    @Override
    public FoldStateStore create(StateStoreProvider provider, String name) {
      throw new UnsupportedOperationException("only asked for single stores");
    }
  }
}
