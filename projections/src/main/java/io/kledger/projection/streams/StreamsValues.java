package io.kledger.projection.streams;

import io.kledger.event.MachineId;
import io.kledger.store.ByteSink;
import io.kledger.store.KeyValues;
import io.kledger.store.StoreException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * One machine's key values within a task's state store: under (length of the machine's name, name,
 * family, key). A view is not frozen: what a store reads of it was written once and never changes.
 */
final class StreamsValues implements KeyValues {
  private static final int CHUNK = 64;

  private final KeyValueStore<Bytes, byte[]> store;
  private final boolean writable;
  private final byte[] machine;

  StreamsValues(KeyValueStore<Bytes, byte[]> store, MachineId id, boolean writable) {
    this.store = store;
    this.writable = writable;
    byte[] name = id.name().getBytes(StandardCharsets.US_ASCII);
    machine = new byte[name.length + 1];
    machine[0] = (byte) name.length;
    System.arraycopy(name, 0, machine, 1, name.length);
  }

  private record Writes(byte[] machine, List<KeyValue<Bytes, byte[]>> list) implements Batch {
    @Override
    public void put(Family family, ByteSink key, ByteSink value) {
      list.add(
          KeyValue.pair(
              Bytes.wrap(joined(machine, family, key.array(), key.size())), value.toArray()));
    }
  }

  private static byte[] joined(byte[] machine, Family family, byte[] key, int length) {
    byte[] joined = Arrays.copyOf(machine, machine.length + 1 + length);
    joined[machine.length] = (byte) family.number();
    System.arraycopy(key, 0, joined, machine.length + 1, length);
    return joined;
  }

  @Override
  public View view() {
    return new View() {
      @Override
      public Walk walk(Family family) {
        return new StoreWalk(family);
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public Batch batch() {
    return new Writes(machine, new ArrayList<>());
  }

  @Override
  public void write(Batch batch) {
    if (!writable) {
      throw new IllegalStateException("opened for reading");
    }
    store.putAll(((Writes) batch).list());
  }

  @Override
  public boolean writable() {
    return writable;
  }

  @Override
  public void close() {
    // The store is the task's.
  }

  /** Holds no iterator: views are kept for as long as a machine is in memory. */
  private final class StoreWalk implements Walk {
    private final Family family;
    private final byte[] prefix;
    private final List<KeyValue<Bytes, byte[]>> read = new ArrayList<>();
    private int at;

    StoreWalk(Family family) {
      this.family = family;
      prefix = joined(machine, family, new byte[0], 0);
    }

    @Override
    public boolean seek(byte[] key) {
      return read(joined(machine, family, key, key.length), 1);
    }

    private boolean read(byte[] from, int count) {
      byte[] end = prefix.clone();
      end[end.length - 1]++;
      read.clear();
      at = 0;
      try (KeyValueIterator<Bytes, byte[]> found = store.range(Bytes.wrap(from), Bytes.wrap(end))) {
        while (read.size() < count && found.hasNext()) {
          KeyValue<Bytes, byte[]> one = found.next();
          if (!ours(one.key.get())) {
            break;
          }
          read.add(one);
        }
      } catch (InvalidStateStoreException e) {
        throw moved(e);
      }
      return !read.isEmpty();
    }

    @Override
    public boolean floor(byte[] key) {
      read.clear();
      at = 0;
      byte[] to = joined(machine, family, key, key.length);
      try (KeyValueIterator<Bytes, byte[]> found =
          store.reverseRange(Bytes.wrap(prefix), Bytes.wrap(to))) {
        if (found.hasNext()) {
          read.add(found.next());
        }
      } catch (InvalidStateStoreException e) {
        throw moved(e);
      }
      return !read.isEmpty();
    }

    @Override
    public boolean next() {
      if (at + 1 < read.size()) {
        at++;
        return true;
      }
      byte[] last = read.get(at).key.get();
      return read(Arrays.copyOf(last, last.length + 1), CHUNK);
    }

    private boolean ours(byte[] key) {
      return key.length >= prefix.length
          && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
    }

    @Override
    public byte[] key() {
      byte[] key = read.get(at).key.get();
      return Arrays.copyOfRange(key, prefix.length, key.length);
    }

    @Override
    public byte[] value() {
      return read.get(at).value;
    }
  }

  private static StoreException moved(InvalidStateStoreException e) {
    return new StoreException.Unavailable(
        "the state is moving to another instance; try again: " + e.getMessage());
  }
}
