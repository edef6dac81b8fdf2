package io.kledger.projection.feed;

import io.kledger.engine.Engine;
import io.kledger.engine.Engines;
import io.kledger.event.MachineId;
import io.kledger.event.avro.Event;
import io.kledger.kernel.KernelState;
import io.kledger.log.Cursor;
import io.kledger.log.EventLog;
import io.kledger.view.Notes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Folds a machine's log from its beginning, once for all who want to hear of it, and goes on as it
 * grows. Keeps the last events with what they came to, and counts all of them.
 */
public final class MachineFeed implements AutoCloseable {
  private static final int RING = 1 << 14;
  private static final Duration PATIENCE = Duration.ofMillis(200);

  private final EventLog log;
  private final MachineId machine;
  private final Happening[] ring = new Happening[RING];
  private final Density density = new Density();
  private final Thread thread;
  private long position;
  private volatile boolean closed;

  MachineFeed(EventLog log, MachineId machine) {
    this.log = log;
    this.machine = machine;
    thread = Thread.ofPlatform().daemon().name("feed " + machine).start(this::follow);
  }

  private void follow() {
    Engine engine = Engines.create(new KernelState());
    Notes notes = new Notes();
    engine.listener(notes);
    try (Cursor cursor = log.read(machine, 1)) {
      while (!closed) {
        Event event = cursor.await(PATIENCE);
        if (event == null) {
          if (Thread.currentThread().isInterrupted()) {
            return;
          }
          continue;
        }
        Happening happening = Happening.fold(engine, notes, event);
        density.add(happening);
        synchronized (this) {
          position = happening.position();
          ring[(int) (position % RING)] = happening;
        }
      }
    }
  }

  /** Position of the last event folded. */
  public synchronized long position() {
    return position;
  }

  /** Position of the last event of the log. */
  public long end() {
    return log.end(machine);
  }

  /** Differences between prediction and observation so far. */
  public long divergences() {
    return density.divergences();
  }

  /**
   * The events after a position, as far as they are kept.
   *
   * @return null if the first of them is not kept any more; empty if it is not there yet
   */
  public synchronized List<Happening> after(long from, int most) {
    if (from < position - RING) {
      return null;
    }
    List<Happening> result = new ArrayList<>();
    for (long at = from + 1; at <= position && result.size() < most; at++) {
      result.add(ring[(int) (at % RING)]);
    }
    return result;
  }

  /** See {@link Timeline}. */
  public Timeline timeline(long from, long to, int buckets, int mostMarks) {
    return density.timeline(from, to, buckets, mostMarks);
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join(5_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
