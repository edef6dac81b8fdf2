package io.kledger.store.memory;

import io.kledger.store.ByteSink;
import io.kledger.store.KeyValues;
import io.kledger.store.StoreException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * Key values in memory, gone with the program. A view is not frozen: what a store reads of it was
 * written once and never changes.
 */
final class MemoryValues implements KeyValues {
  private record Write(Family family, byte[] key, byte[] value) {}

  private record Writes(List<Write> list) implements Batch {
    @Override
    public void put(Family family, ByteSink key, ByteSink value) {
      list.add(new Write(family, key.toArray(), value.toArray()));
    }
  }

  private final Map<Family, ConcurrentNavigableMap<byte[], byte[]>> families =
      new EnumMap<>(Family.class);
  private volatile boolean closed;

  MemoryValues() {
    for (Family family : Family.values()) {
      families.put(family, new ConcurrentSkipListMap<>(Arrays::compareUnsigned));
    }
  }

  @Override
  public View view() {
    requireOpen();
    return new View() {
      @Override
      public Walk walk(Family family) {
        return new MemoryWalk(families.get(family));
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public Batch batch() {
    return new Writes(new ArrayList<>());
  }

  @Override
  public void write(Batch batch) {
    requireOpen();
    for (Write write : ((Writes) batch).list()) {
      families.get(write.family()).put(write.key(), write.value());
    }
  }

  @Override
  public boolean writable() {
    return true;
  }

  @Override
  public void close() {
    closed = true;
  }

  private void requireOpen() {
    if (closed) {
      throw new StoreException.Unavailable("the store is closed");
    }
  }

  private static final class MemoryWalk implements Walk {
    private final ConcurrentNavigableMap<byte[], byte[]> map;
    private Map.Entry<byte[], byte[]> at;

    MemoryWalk(ConcurrentNavigableMap<byte[], byte[]> map) {
      this.map = map;
    }

    @Override
    public boolean seek(byte[] key) {
      at = map.ceilingEntry(key);
      return at != null;
    }

    @Override
    public boolean floor(byte[] key) {
      at = map.floorEntry(key);
      return at != null;
    }

    @Override
    public boolean next() {
      at = map.higherEntry(at.getKey());
      return at != null;
    }

    @Override
    public byte[] key() {
      return at.getKey();
    }

    @Override
    public byte[] value() {
      return at.getValue();
    }
  }
}
