package io.kledger.projection.ledger;

import io.kledger.event.MachineId;
import io.kledger.log.LedgerUri;
import io.kledger.replay.AsOf;
import io.kledger.replay.Ledger;
import io.kledger.replay.LedgerOptions;
import io.kledger.replay.When;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
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
  private final ReadWriteLock lock = new ReentrantReadWriteLock();

  /** Null before the first fold. */
  private Ledger current;

  private boolean closed;

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

  private void replace(Ledger next) {
    lock.writeLock().lock();
    try {
      if (closed) {
        next.close();
        return;
      }
      if (current != null) {
        current.close();
      }
      current = next;
    } finally {
      lock.writeLock().unlock();
    }
  }

  private static long lag(Ledger ledger) {
    return ledger.end() - ledger.store().position();
  }

  /** Whether it was folded once. */
  boolean ready() {
    lock.readLock().lock();
    try {
      return current != null;
    } finally {
      lock.readLock().unlock();
    }
  }

  /** Whether so many events are to be folded on top that storing them pays. */
  boolean behind() {
    lock.readLock().lock();
    try {
      return current == null || lag(current) >= options.batch();
    } finally {
      lock.readLock().unlock();
    }
  }

  /** Position that the stored state is at. */
  long stored() {
    lock.readLock().lock();
    try {
      return current == null ? 0 : current.store().position();
    } finally {
      lock.readLock().unlock();
    }
  }

  /**
   * Answers a question about a moment.
   *
   * @throws NoSuchMoment if the log has no such moment
   */
  <T> T ask(When when, Function<Asked, T> question) {
    lock.readLock().lock();
    try {
      if (current == null || closed) {
        throw new Unavailable("the log of " + machine + " is still being folded; try again later");
      }
      long position;
      try {
        position = current.position(when);
      } catch (IllegalArgumentException e) {
        throw new NoSuchMoment(e.getMessage(), e);
      }
      long end = current.end();
      try (AsOf asOf = current.stateAt(position)) {
        return question.apply(new Asked(current, asOf.state(), position, end));
      }
    } finally {
      lock.readLock().unlock();
    }
  }

  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      closed = true;
      if (current != null) {
        current.close();
        current = null;
      }
    } finally {
      lock.writeLock().unlock();
    }
  }
}
