package io.kledger.projection.streams;

import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.query.Position;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.internals.CacheFlushListener;
import org.apache.kafka.streams.state.internals.CachedStateStore;

/**
 * The state store of a task: a standard one on disk with its changelog, and before each commit of
 * the task the fold writes into it what changed since the last one. Rows are therefore encoded and
 * logged once per commit, not once per event.
 *
 * <p>Kafka Streams calls {@link #flushCache} of a {@link CachedStateStore} when it prepares a
 * commit, before it waits for the changelog: that is the one place in it of which we depend.
 */
final class FoldStateStore implements StateStore, CachedStateStore<byte[], byte[]> {

  /** Its name; part of the name of the changelog topic. */
  static final String NAME = "state";

  private final KeyValueStore<Bytes, byte[]> inner;
  private volatile Runnable beforeCommit;

  private FoldStateStore(KeyValueStore<Bytes, byte[]> inner) {
    this.inner = inner;
  }

  /** Makes one for each task. */
  static final class Builder implements StoreBuilder<FoldStateStore> {
    private final StoreBuilder<KeyValueStore<Bytes, byte[]>> inner;

    /**
     * A builder.
     *
     * @param changelog configuration of the changelog topic
     */
    Builder(Map<String, String> changelog) {
      inner =
          Stores.keyValueStoreBuilder(
                  Stores.persistentKeyValueStore(NAME), Serdes.Bytes(), Serdes.ByteArray())
              .withLoggingEnabled(changelog)
              .withCachingDisabled();
    }

    @Override
    public FoldStateStore build() {
      return new FoldStateStore(inner.build());
    }

    @Override
    public StoreBuilder<FoldStateStore> withCachingEnabled() {
      throw new UnsupportedOperationException("it writes once per commit as it is");
    }

    @Override
    public StoreBuilder<FoldStateStore> withCachingDisabled() {
      return this;
    }

    @Override
    public StoreBuilder<FoldStateStore> withLoggingEnabled(Map<String, String> config) {
      inner.withLoggingEnabled(config);
      return this;
    }

    @Override
    public StoreBuilder<FoldStateStore> withLoggingDisabled() {
      throw new UnsupportedOperationException("without its changelog it could not be moved");
    }

    @Override
    public Map<String, String> logConfig() {
      return inner.logConfig();
    }

    @Override
    public boolean loggingEnabled() {
      return inner.loggingEnabled();
    }

    @Override
    public String name() {
      return NAME;
    }
  }

  /** What the rows are in. */
  KeyValueStore<Bytes, byte[]> values() {
    return inner;
  }

  /** What the fold does before each commit. */
  void beforeCommit(Runnable fold) {
    beforeCommit = fold;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public void init(StateStoreContext context, StateStore root) {
    inner.init(context, root);
  }

  @Override
  public boolean setFlushListener(
      CacheFlushListener<byte[], byte[]> listener, boolean sendOldValues) {
    return false;
  }

  @Override
  public void flushCache() {
    Runnable fold = beforeCommit;
    if (fold != null) {
      fold.run();
    }
  }

  @Override
  public void clearCache() {
    // What the fold holds in memory is dropped with its processor.
  }

  @Override
  public void commit(Map<TopicPartition, Long> changelogOffsets) {
    inner.commit(changelogOffsets);
  }

  @Override
  public Long committedOffset(TopicPartition partition) {
    return inner.committedOffset(partition);
  }

  @Override
  @SuppressWarnings("deprecation") // Streams still asks it.
  public boolean managesOffsets() {
    return inner.managesOffsets();
  }

  @Override
  public void close() {
    beforeCommit = null;
    inner.close();
  }

  @Override
  public boolean persistent() {
    return inner.persistent();
  }

  @Override
  public boolean isOpen() {
    return inner.isOpen();
  }

  @Override
  public Position getPosition() {
    return inner.getPosition();
  }
}
