package io.kledger.projection.feed;

import io.kledger.event.MachineId;
import io.kledger.event.avro.Event;
import io.kledger.log.EventLog;
import io.kledger.projection.ledger.Elsewhere;
import io.kledger.projection.ledger.ServedLedger;
import io.kledger.projection.ledger.Unavailable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;

/**
 * What happens on a machine from now on, folded once for all who want to hear of it. Begins with
 * the stored state at the end of the log; keeps the last events with what they came to, bounded in
 * number and in bytes, whatever the length of the log. Whoever wants earlier ones folds them from
 * the state stored at their place: see {@link Follower}.
 */
public final class MachineFeed implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger("io.kledger.feed");
  private static final int MOST_KEPT = 1 << 14;
  private static final long MOST_BYTES = 32L << 20;
  private static final Duration PATIENCE = Duration.ofMillis(200);
  private static final long RETRY_MILLIS = 1_000;

  private final EventLog log;
  private final ServedLedger ledger;
  private final MachineId machine;
  private final Happening[] kept = new Happening[MOST_KEPT];
  private final AtomicLong foldNanos = new AtomicLong();
  private final AtomicLong foldedEvents = new AtomicLong();
  private final Index index;
  private final Thread thread;
  private long bytes;

  /** Position before the first event kept. */
  private long from;

  private long position;
  private volatile boolean closed;

  MachineFeed(EventLog log, ServedLedger ledger, MachineId machine) {
    this.log = log;
    this.ledger = ledger;
    this.machine = machine;
    from = log.end(machine);
    position = from;
    thread = Thread.ofPlatform().daemon().name("feed " + machine).start(this::follow);
    index = new Index(this, ledger, machine);
  }

  private void follow() {
    while (!closed) {
      try (Follower.Replay replay = new Follower.Replay(ledger.read(machine), position())) {
        while (!closed && replay.folded() < Follower.REOPEN) {
          Event event = replay.cursor().await(PATIENCE);
          if (event == null) {
            if (Thread.currentThread().isInterrupted()) {
              return;
            }
            continue;
          }
          long begun = System.nanoTime();
          Happening happening = replay.fold(event);
          foldNanos.addAndGet(System.nanoTime() - begun);
          foldedEvents.incrementAndGet();
          keep(happening);
        }
      } catch (Unavailable | Elsewhere e) {
        pause();
      } catch (RuntimeException e) {
        if (!closed) {
          LOG.errorf(e, "the feed of %s at @%d; trying again", machine, position());
          pause();
        }
      }
    }
  }

  private void pause() {
    try {
      Thread.sleep(RETRY_MILLIS);
    } catch (InterruptedException e) {
      closed = true;
    }
  }

  private synchronized void keep(Happening happening) {
    position = happening.position();
    bytes += happening.bytes();
    while (position - from > MOST_KEPT || bytes > MOST_BYTES && position - from > 1) {
      from++;
      bytes -= kept[place(from)].bytes();
      kept[place(from)] = null;
    }
    kept[place(position)] = happening;
  }

  /** Positions have no holes. */
  private static int place(long position) {
    return (int) (position % MOST_KEPT);
  }

  /** Position of the last event folded. */
  public synchronized long position() {
    return position;
  }

  /** Position of the last event of the log. */
  public long end() {
    return log.end(machine);
  }

  /** Time spent folding, in nanoseconds. */
  public long foldNanos() {
    return foldNanos.get();
  }

  /** Events folded in that time. */
  public long foldedEvents() {
    return foldedEvents.get();
  }

  /** What happened when, as far as it has been counted. */
  public Density density() {
    return index.density();
  }

  /** Follows what happens after a position. */
  public Follower follow(long after) {
    return new Follower(this, ledger, machine, after);
  }

  /**
   * The events after a position, as far as they are kept.
   *
   * @return null if the first of them is not kept any more; empty if it is not there yet
   */
  synchronized List<Happening> after(long after, int most) {
    if (after < from) {
      return null;
    }
    List<Happening> result = new ArrayList<>();
    for (long at = after + 1; at <= position && result.size() < most; at++) {
      result.add(kept[place(at)]);
    }
    return result;
  }

  @Override
  public void close() {
    closed = true;
    index.close();
    thread.interrupt();
    try {
      thread.join(5_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
