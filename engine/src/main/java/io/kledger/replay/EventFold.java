package io.kledger.replay;

import io.kledger.engine.Engine;
import io.kledger.engine.Folded;
import io.kledger.event.avro.Event;
import io.kledger.kernel.KernelState;

/** Folds events one after the other, and goes on where a rule of the engine breaks down. */
public final class EventFold {
  /** Hears nothing. */
  public static final Listener SILENT = (event, folded, state) -> {};

  /** Hears what each event came to. */
  @FunctionalInterface
  public interface Listener {
    /** Folded: the state shows it. */
    void folded(Event event, Folded folded, KernelState state);

    /**
     * The engine failed: a defect of its own, or an event that nobody thought possible. The event
     * changed nothing.
     */
    default void defect(Event event, RuntimeException failure) {}
  }

  private final Engine engine;
  private final Listener listener;

  public EventFold(Engine engine, Listener listener) {
    this.engine = engine;
    this.listener = listener;
  }

  /** Folds an event, and tells the listener. */
  public void fold(Event event) {
    Folded folded;
    try {
      folded = engine.fold(event);
    } catch (RuntimeException e) {
      listener.defect(event, e);
      return;
    }
    listener.folded(event, folded, engine.state());
  }
}
