package io.kledger.replay;

import io.kledger.event.MachineId;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.log.EventLog;
import io.kledger.log.LedgerUri;
import io.kledger.store.Fingerprint;
import io.kledger.store.KeyedStore;
import io.kledger.store.RecordCodecs;
import io.kledger.store.Store;
import io.kledger.store.StoreException;
import io.kledger.store.memory.MemoryStore;
import io.kledger.store.rocks.RocksOptions;
import io.kledger.store.rocks.RocksStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Chooses and opens the store of a machine: what the log can rebuild is never in the way. */
final class StateStores {
  private final EventLog log;
  private final MachineId machine;
  private final LedgerOptions options;
  private final RecordCodecs codecs = new RecordCodecs(Tables.ALL);
  private final String fingerprint;
  private final String identity;
  private boolean othersDropped;
  private boolean inMemory;

  StateStores(EventLog log, MachineId machine, LedgerOptions options) {
    this.log = log;
    this.machine = machine;
    this.options = options;
    fingerprint = Fingerprint.of(new KernelState().tables(), codecs, options.modelVersion());
    // A ledger made anew in the place of another has the same paths, and other events.
    identity = fingerprint + "-" + log.id().substring(0, 8);
  }

  RecordCodecs codecs() {
    return codecs;
  }

  /** Of model, rows and indexes. */
  String fingerprint() {
    return fingerprint;
  }

  Store open() {
    Path directory = directory();
    if (directory == null) {
      return inMemory();
    }
    if (options.readOnly()) {
      return beside(directory);
    }
    try {
      return writer(directory);
    } catch (StoreException.Locked e) {
      return reader(directory, e.getMessage());
    } catch (StoreException.Failed e) {
      options.notices().accept(e.getMessage() + "; the state is folded in memory");
      return inMemory();
    }
  }

  private Store writer(Path directory) {
    RocksOptions rocks = RocksOptions.DEFAULTS.withSync(options.sync());
    Store store;
    try {
      store = RocksStore.open(directory, codecs, identity, rocks);
    } catch (StoreException.Damaged e) {
      options.notices().accept(e.getMessage() + ": rebuilding");
      RocksStore.discard(directory, identity);
      return RocksStore.open(directory, codecs, identity, rocks);
    }
    if (store.position() <= log.end(machine)) {
      return store;
    }
    options
        .notices()
        .accept(
            "the state of "
                + machine
                + " is at @"
                + store.position()
                + ", its log ends at @"
                + log.end(machine)
                + ": rebuilding");
    store.close();
    RocksStore.discard(directory, identity);
    return RocksStore.open(directory, codecs, identity, rocks);
  }

  private Store reader(Path directory, String why) {
    try {
      Store store =
          RocksStore.open(directory, codecs, identity, RocksOptions.DEFAULTS.withReadOnly(true));
      options.notices().accept(why + "; reading beside it, from @" + store.position());
      return store;
    } catch (StoreException e) {
      options.notices().accept(why + "; the state is folded in memory");
      return inMemory();
    }
  }

  private Store inMemory() {
    inMemory = true;
    return MemoryStore.open(codecs, identity);
  }

  /** What is stored now; nothing if nothing is, or not of this model. */
  private Store beside(Path directory) {
    try {
      return RocksStore.open(directory, codecs, identity, RocksOptions.DEFAULTS.withReadOnly(true));
    } catch (StoreException.Unavailable e) {
      return inMemory();
    }
  }

  /** A damaged store begins anew; one in memory cannot be damaged. */
  Store rebuild(StoreException.Damaged damage) {
    options.notices().accept(damage.getMessage() + ": rebuilding the state from the log");
    Path directory = directory();
    if (directory != null) {
      RocksStore.discard(directory, identity);
    }
    return open();
  }

  /** Whether the state is kept on disk, so that its history can be cut. */
  boolean onDisk() {
    return directory() != null && !inMemory;
  }

  /**
   * Replaces the store, which is closed, by one whose history begins with a state. After a crash in
   * between there is none, and the log rebuilds it.
   */
  Store beginAt(long position, KernelState state, List<Store.Note> notes) {
    Path directory = directory();
    RocksStore.discard(directory, identity);
    KeyedStore store =
        RocksStore.open(
            directory, codecs, identity, RocksOptions.DEFAULTS.withSync(options.sync()));
    if (position > 0) {
      store.restore(position, state.tables(), notes);
    }
    return store;
  }

  /** Bytes of the state on disk. */
  long bytes() {
    try (Stream<Path> tree = Files.walk(directory())) {
      long sum = 0;
      for (Path path : tree.filter(Files::isRegularFile).toList()) {
        sum += Files.size(path);
      }
      return sum;
    } catch (IOException e) {
      return 0;
    }
  }

  /** The state is complete under this identity: what other versions left is of no use. */
  void dropOthers(Store store) {
    Path directory = directory();
    if (directory != null
        && !othersDropped
        && !inMemory
        && store.writable()
        && store.position() >= log.end(machine)) {
      RocksStore.dropOthers(directory, identity);
      othersDropped = true;
    }
  }

  private Path directory() {
    if (options.state() != null) {
      return options.state().resolve(machine.name());
    }
    return log.uri() instanceof LedgerUri.Directory local
        ? local.path().resolve("state").resolve(machine.name())
        : null;
  }
}
