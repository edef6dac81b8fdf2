package io.kledger.replay;

import io.kledger.engine.Engine;
import io.kledger.event.MachineId;
import io.kledger.kernel.KernelState;
import io.kledger.log.Cursor;
import io.kledger.log.EventLog;
import io.kledger.log.LedgerUri;
import io.kledger.store.Row;
import io.kledger.store.StateDigest;
import io.kledger.store.Store;
import io.kledger.store.StoreException;
import io.kledger.store.StoreView;
import io.kledger.store.Table;
import io.kledger.store.TableId;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * One machine of a ledger: its log, its folded state, and the state at any moment. {@link #catchUp}
 * is for one thread; everything else may be asked by any thread at any time.
 */
public final class Ledger implements AutoCloseable {
  /** From so many events on, it pays to load the whole state before going on folding. */
  private static final long LONG_WAY = 50_000;

  private final EventLog log;
  private final MachineId machine;
  private final LedgerOptions options;
  private final StateStores stores;
  private final boolean ownsLog;
  private volatile Store store;
  private StoreView current;
  private Replayer replayer;

  private Ledger(EventLog log, MachineId machine, LedgerOptions options) {
    this.log = log;
    this.machine = machine;
    this.options = options;
    this.stores = new StateStores(log, machine, options);
    this.store = stores.open();
    this.ownsLog = true;
  }

  private Ledger(EventLog log, MachineId machine, LedgerOptions options, Store store) {
    this.log = log;
    this.machine = machine;
    this.options = options;
    this.stores = new StateStores(log, machine, options);
    this.store = store;
    this.ownsLog = false;
  }

  /**
   * A ledger whose state somebody else folds: it reads from that store, and folds what the log has
   * beyond it in memory. The log stays open when it is closed.
   *
   * @param options read-only, whatever they say
   */
  public static Ledger beside(EventLog log, MachineId machine, LedgerOptions options, Store store) {
    return new Ledger(log, machine, options.withReadOnly(true), store);
  }

  /**
   * Opens a ledger. The state is as it was left; {@link #catchUp} brings it up to the log.
   *
   * @param machine null if the ledger has only one
   * @throws IllegalArgumentException if there is no such machine, or several and none was said
   */
  public static Ledger open(LedgerUri uri, MachineId machine, LedgerOptions options) {
    EventLog log = EventLog.open(uri, options.log());
    try {
      return new Ledger(log, choose(log, machine), options);
    } catch (RuntimeException e) {
      log.close();
      throw e;
    }
  }

  /** The machine meant, see {@link #open}. */
  static MachineId choose(EventLog log, MachineId wanted) {
    List<MachineId> machines = log.machines();
    if (wanted == null && machines.size() == 1) {
      return machines.getFirst();
    }
    if (wanted != null && machines.contains(wanted)) {
      return wanted;
    }
    throw new IllegalArgumentException(
        machines.isEmpty()
            ? "ledger " + log.uri() + " holds no machine yet"
            : wanted == null
                ? "ledger " + log.uri() + " holds several machines, say which: " + machines
                : "ledger " + log.uri() + " has no machine " + wanted + "; it has " + machines);
  }

  public EventLog log() {
    return log;
  }

  public MachineId machine() {
    return machine;
  }

  /** What holds the state: for history and notes. Another object after a rebuild. */
  public Store store() {
    return store;
  }

  /** Position of the last event of the log. */
  public long end() {
    return log.end(machine);
  }

  /** Fingerprint of model, rows and indexes: states of equal fingerprints can be compared. */
  public String fingerprint() {
    return stores.fingerprint();
  }

  /**
   * Folds what the log has beyond the stored state, and stores it. Where another process does that,
   * nothing happens: {@link #stateAt} then folds the rest in memory.
   *
   * @return position that the stored state is at
   */
  public long catchUp() {
    return catchUp(EventFold.SILENT);
  }

  /** The same; the listener hears what each of these events came to. */
  public long catchUp(EventFold.Listener listener) {
    if (options.readOnly() || !store.writable()) {
      return store.position();
    }
    try {
      return fold(listener);
    } catch (StoreException.Damaged e) {
      release();
      store.close();
      store = stores.rebuild(e);
      return fold(listener);
    }
  }

  private long fold(EventFold.Listener listener) {
    long end = end();
    if (end > store.position()) {
      if (replayer == null) {
        replayer = new Replayer(resume(end - store.position()), store, options.batch());
      }
      try (Cursor cursor = log.read(machine, replayer.position() + 1)) {
        replayer.replay(cursor, end, listener);
      } catch (RuntimeException e) {
        // What is in memory is ahead of what is stored: the next attempt begins from the latter.
        release();
        throw e;
      }
    }
    stores.dropOthers(store);
    return store.position();
  }

  private Engine resume(long events) {
    KernelState state = new KernelState();
    if (store.position() > 0) {
      current = store.current();
      state.attach(current);
      if (events >= LONG_WAY) {
        state.tables().all().forEach(Table::size);
      }
    }
    return options.engines().apply(state);
  }

  private void release() {
    replayer = null;
    if (current != null) {
      current.close();
      current = null;
    }
  }

  /**
   * What compacting came to.
   *
   * @param start the history begins with the state after this event
   */
  public record Compacted(long start, long bytesBefore, long bytesAfter) {}

  /**
   * Drops versions of rows that are older than the state after an event. The log is not touched:
   * earlier states are folded from it when they are asked for. Markers, gaps and defects stay.
   *
   * @param keep the first position whose state is kept; 0 keeps, or rebuilds, the whole history
   * @throws StoreException.Unavailable if the state is not kept on disk, or by another process
   */
  public Compacted compact(long keep) throws IOException {
    catchUp();
    if (options.readOnly() || !store.writable() || !stores.onDisk()) {
      throw new StoreException.Unavailable(
          "the state of " + machine + " is not this process's to write, or not on disk");
    }
    long before = stores.bytes();
    List<Store.Note> notes = new ArrayList<>();
    for (Store.Note.Kind kind : Store.Note.Kind.values()) {
      notes.addAll(store.notes(kind, keep));
    }
    notes.sort(Comparator.comparingLong(Store.Note::position));
    Path kept = Files.createTempFile("kledger", ".snapshot");
    try {
      try (OutputStream out = Files.newOutputStream(kept)) {
        snapshot(keep, out);
      }
      release();
      store.close();
      try (InputStream in = Files.newInputStream(kept)) {
        Snapshot snapshot = Snapshot.read(in, stores.codecs(), stores.fingerprint());
        store = stores.beginAt(keep, snapshot.state(), notes);
      }
    } finally {
      Files.delete(kept);
    }
    catchUp();
    return new Compacted(store.start(), before, stores.bytes());
  }

  /** The position that a moment means. */
  public long position(When when) {
    return new Moments(log, machine, store).position(when);
  }

  /** The state at a moment; close it after use. */
  public AsOf stateAt(When when) {
    return stateAt(position(when));
  }

  /** The state after an event; close it after use. */
  public AsOf stateAt(long position) {
    return AsOf.open(store, log, machine, options.engines(), position);
  }

  /** The events from a position on. */
  public Cursor events(long from) {
    return log.read(machine, from);
  }

  /** The digest of the state after an event. */
  public String digest(long position) {
    try (AsOf state = stateAt(position)) {
      return StateDigest.of(state.state().tables(), stores.codecs());
    }
  }

  /** The digest of a state that was folded elsewhere, to compare. */
  public String digest(KernelState state) {
    return StateDigest.of(state.tables(), stores.codecs());
  }

  /** The rows that differ between the states after two events. */
  public List<StateDiff.Changed> diff(long from, long to) {
    try (AsOf before = stateAt(from);
        AsOf after = stateAt(to)) {
      return StateDiff.between(store, before, after);
    }
  }

  /** Every version of a row up to an event, with the events that made them. */
  public <V extends Row> List<RowHistory.Version> history(TableId<V> table, long key, long upTo) {
    return RowHistory.of(store, log, machine, options.engines(), table, key, upTo);
  }

  /** What the log lacks, and what the engine failed on, up to a position. */
  public List<Store.Note> notes(Store.Note.Kind kind, long upTo) {
    return store.notes(kind, upTo);
  }

  /** Writes the state after an event to a file, see {@link Snapshot}. Returns its digest. */
  public String snapshot(long position, OutputStream out) throws IOException {
    try (AsOf state = stateAt(position)) {
      return Snapshot.write(
          out, stores.codecs(), stores.fingerprint(), machine, position, state.state());
    }
  }

  @Override
  public void close() {
    release();
    store.close();
    if (ownsLog) {
      log.close();
    }
  }
}
