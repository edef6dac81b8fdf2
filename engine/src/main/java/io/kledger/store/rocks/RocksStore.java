package io.kledger.store.rocks;

import io.kledger.store.KeyValues;
import io.kledger.store.KeyedStore;
import io.kledger.store.RecordCodecs;
import io.kledger.store.StoreException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Stores on disk. The directory of a machine holds one store for each identity (version of the
 * model and shapes of rows) that it was folded with, in a directory of that name: a program of
 * another version builds its own beside, from the log, and {@link #dropOthers} ends the switch.
 */
public final class RocksStore {
  private RocksStore() {}

  /**
   * Opens the store of an identity, and makes it if there is none.
   *
   * @param machine the machine's directory
   * @throws StoreException.Locked if there is another writer
   * @throws StoreException.Damaged if what is there cannot be read: {@link #discard} it and fold
   *     again
   * @throws StoreException.Unavailable if it is to be read only and there is none
   */
  public static KeyedStore open(
      Path machine, RecordCodecs codecs, String identity, RocksOptions options) {
    Path directory = machine.resolve(identity);
    if (options.readOnly()) {
      if (!Files.exists(directory.resolve("CURRENT"))) {
        throw new StoreException.Unavailable("no state in " + directory + " to read");
      }
      return new KeyedStore(new RocksValues(directory, options), codecs, identity);
    }
    WriterLock lock = WriterLock.take(machine);
    try {
      Files.createDirectories(directory);
      return new KeyedStore(
          new Locked(new RocksValues(directory, options), lock), codecs, identity);
    } catch (IOException e) {
      lock.close();
      throw new StoreException.Failed("cannot make " + directory + ": " + e.getMessage(), e);
    } catch (RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  /** Deletes the store of an identity, damaged or not. Nobody may have it open. */
  public static void discard(Path machine, String identity) {
    WriterLock lock = WriterLock.take(machine);
    try {
      delete(machine.resolve(identity));
    } finally {
      lock.close();
    }
  }

  /** Deletes the stores of other identities; the caller has this one open for writing. */
  public static void dropOthers(Path machine, String identity) {
    try (Stream<Path> entries = Files.list(machine)) {
      List<Path> others =
          entries
              .filter(Files::isDirectory)
              .filter(entry -> !entry.getFileName().toString().equals(identity))
              .toList();
      others.forEach(RocksStore::delete);
    } catch (IOException e) {
      throw new StoreException.Failed("cannot clean " + machine + ": " + e.getMessage(), e);
    }
  }

  private static void delete(Path directory) {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> tree = Files.walk(directory)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException | UncheckedIOException e) {
      throw new StoreException.Failed("cannot delete " + directory + ": " + e.getMessage(), e);
    }
  }

  /** Holds the writer's lock as long as the store is open. */
  private record Locked(RocksValues values, WriterLock lock) implements KeyValues {
    @Override
    public View view() {
      return values.view();
    }

    @Override
    public Batch batch() {
      return values.batch();
    }

    @Override
    public void write(Batch batch) {
      values.write(batch);
    }

    @Override
    public boolean writable() {
      return true;
    }

    @Override
    public void close() {
      values.close();
      lock.close();
    }
  }
}
