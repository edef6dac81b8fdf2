package io.kledger.projection.ledger;

import io.kledger.event.MachineId;
import io.kledger.log.LedgerUri;
import io.kledger.replay.AsOf;
import io.kledger.replay.Ledger;
import io.kledger.replay.LedgerOptions;
import io.kledger.replay.When;
import java.util.function.Function;

/**
 * One machine of the served ledger. Questions are answered from a store opened for reading, with
 * the events since folded on top in memory; the store's writer lock is taken only while {@link
 * #fold} brings the store up to the log, so commands on the same ledger find it free.
 */
final class ServedMachine implements AutoCloseable {
  private final LedgerUri uri;
  private final MachineId machine;
  private final LedgerOptions options;

  /** Null before the first fold. */
  private Held current;

  private boolean closed;

  /** A ledger with those who read it. */
  private static final class Held {
    private final Ledger ledger;
    private int readers;
    private boolean retired;

    Held(Ledger ledger) {
      this.ledger = ledger;
    }
  }

  ServedMachine(LedgerUri uri, MachineId machine, LedgerOptions options) {
    this.uri = uri;
    this.machine = machine;
    this.options = options;
  }

  MachineId machine() {
    return machine;
  }

  /**
   * Folds what the log has beyond the stored state, and stores it. For one thread; questions are
   * answered meanwhile.
   *
   * @return whether the state is near enough to the end of the log to be asked; it is not where
   *     another process folds at this moment
   */
  boolean fold() {
    Ledger next = Ledger.open(uri, machine, options);
    try {
      next.catchUp();
      Ledger reader = Ledger.open(uri, machine, options.withReadOnly(true));
      if (reader.store().position() >= next.store().position()) {
        next.close();
        next = reader;
      } else {
        // There is no place to store the state: it is in the memory of the one that folded.
        reader.close();
      }
    } catch (RuntimeException e) {
      next.close();
      throw e;
    }
    if (lag(next) >= options.batch()) {
      next.close();
      return false;
    }
    replace(next);
    return true;
  }

  private synchronized void replace(Ledger next) {
    if (closed) {
      next.close();
      return;
    }
    retire();
    current = new Held(next);
  }

  private static long lag(Ledger ledger) {
    return ledger.end() - ledger.store().position();
  }

  /** Whether it was folded once. */
  synchronized boolean ready() {
    return current != null;
  }

  /** Whether so many events are to be folded on top that storing them pays. */
  synchronized boolean behind() {
    return current == null || lag(current.ledger) >= options.batch();
  }

  /** Position that the stored state is at. */
  synchronized long stored() {
    return current == null ? 0 : current.ledger.store().position();
  }

  /** For whoever reads longer than one question takes. */
  synchronized Reading read() {
    if (current == null || closed) {
      throw new Unavailable("the log of " + machine + " is still being folded; try again later");
    }
    Held held = current;
    held.readers++;
    return new Reading(held.ledger, () -> release(held));
  }

  private synchronized void release(Held held) {
    held.readers--;
    if (held.retired && held.readers == 0) {
      held.ledger.close();
    }
  }

  private void retire() {
    if (current != null) {
      current.retired = true;
      if (current.readers == 0) {
        current.ledger.close();
      }
      current = null;
    }
  }

  /**
   * Answers a question about a moment.
   *
   * @throws NoSuchMoment if the log has no such moment
   */
  <T> T ask(When when, Function<Asked, T> question) {
    try (Reading reading = read()) {
      Ledger ledger = reading.ledger();
      long position;
      try {
        position = ledger.position(when);
      } catch (IllegalArgumentException e) {
        throw new NoSuchMoment(e.getMessage(), e);
      }
      long end = ledger.end();
      try (AsOf asOf = ledger.stateAt(position)) {
        return question.apply(new Asked(ledger, asOf.state(), position, end));
      }
    }
  }

  /** Whoever still reads goes on; the last one closes what it reads. */
  @Override
  public synchronized void close() {
    closed = true;
    retire();
  }
}
