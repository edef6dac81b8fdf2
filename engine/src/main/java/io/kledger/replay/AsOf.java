package io.kledger.replay;

import io.kledger.engine.Engine;
import io.kledger.event.MachineId;
import io.kledger.event.avro.Event;
import io.kledger.kernel.KernelState;
import io.kledger.log.Cursor;
import io.kledger.log.EventLog;
import io.kledger.store.Store;
import io.kledger.store.StoreView;
import java.util.function.Function;

/**
 * The state as of a position: rows of the last commit before it, fetched when they are asked for,
 * and the events since folded on top. What it costs does not depend on the length of the log. A
 * state of its own, of one thread; nothing of it is ever stored. Close it after use.
 */
public final class AsOf implements AutoCloseable {
  private final StoreView view;
  private final Engine engine;
  private final long base;
  private long position;

  private AsOf(StoreView view, Engine engine, long base) {
    this.view = view;
    this.engine = engine;
    this.base = base;
    this.position = base;
  }

  /**
   * The state after event {@code wanted}; 0 is the state before the first.
   *
   * @throws IllegalArgumentException if the log has no such event
   */
  public static AsOf open(
      Store store,
      EventLog log,
      MachineId machine,
      Function<KernelState, Engine> engines,
      long wanted) {
    return open(store, log, machine, engines, wanted, EventFold.SILENT);
  }

  /** The same; the listener hears of the events folded on top. */
  static AsOf open(
      Store store,
      EventLog log,
      MachineId machine,
      Function<KernelState, Engine> engines,
      long wanted,
      EventFold.Listener listener) {
    KernelState state = new KernelState();
    StoreView view = wanted < store.start() ? null : store.asOf(wanted);
    try {
      if (view != null) {
        state.attach(view);
      }
      AsOf result = new AsOf(view, engines.apply(state), view == null ? 0 : view.position());
      if (result.position < wanted) {
        try (Cursor cursor = log.read(machine, result.position + 1)) {
          result.forward(cursor, wanted, listener);
        }
      }
      return result;
    } catch (RuntimeException e) {
      if (view != null) {
        view.close();
      }
      throw e;
    }
  }

  private void forward(Cursor cursor, long wanted, EventFold.Listener listener) {
    EventFold fold = new EventFold(engine, listener);
    while (position < wanted) {
      Event event = cursor.next();
      if (event == null) {
        throw new IllegalArgumentException(
            "no event @" + wanted + ": the log ends at @" + position);
      }
      fold.fold(event);
      position = event.getPosition();
    }
  }

  /** The state. */
  public KernelState state() {
    return engine.state();
  }

  /** An engine that has folded up to here and can go on. */
  public Engine engine() {
    return engine;
  }

  /** The position asked for. */
  public long position() {
    return position;
  }

  /** The commit that it stands on; rows changed since are the dirty ones of its tables. */
  public long base() {
    return base;
  }

  @Override
  public void close() {
    if (view != null) {
      view.close();
    }
  }
}
