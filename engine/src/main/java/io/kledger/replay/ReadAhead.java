package io.kledger.replay;

import io.kledger.event.avro.Event;
import io.kledger.log.Cursor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Reads and decodes a stretch of a log in a thread of its own, ahead of the thread that folds it:
 * decoding is a third of the work of folding. The order of events is the log's; at most {@link
 * #BATCHES} batches wait, so memory is bounded. One thread takes events; closing waits for the
 * reader, which never outlives it. The cursor stays its owner's to close.
 */
final class ReadAhead implements AutoCloseable {
  private static final int BATCH = 256;
  private static final int BATCHES = 16;

  /** How long a reader whose batch nobody takes goes without looking whether it is closed. */
  private static final long PATIENCE_MILLIS = 20;

  /** Some events; after the last of the stretch, or where reading failed, {@code last} is true. */
  private record Batch(List<Event> events, boolean last, RuntimeException failure) {}

  private final Cursor cursor;
  private final long to;
  private final BlockingQueue<Batch> queue = new ArrayBlockingQueue<>(BATCHES);
  private final Thread reader;
  private volatile boolean closed;
  private Batch current = new Batch(List.of(), false, null);
  private int next;

  /**
   * Begins to read.
   *
   * @param cursor used by the reader alone until {@link #close} returns
   * @param to the last position read
   */
  ReadAhead(Cursor cursor, long to) {
    this.cursor = cursor;
    this.to = to;
    reader = Thread.ofPlatform().daemon().name("kledger-read-ahead").start(this::run);
  }

  /**
   * The next event, or null after the last of the stretch, and where the log ends before.
   *
   * @throws RuntimeException what reading failed with, at the place where it did
   */
  Event next() {
    while (next == current.events().size()) {
      if (current.last()) {
        if (current.failure() != null) {
          throw current.failure();
        }
        return null;
      }
      try {
        current = queue.take();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return null;
      }
      next = 0;
    }
    return current.events().get(next++);
  }

  private void run() {
    Batch batch;
    do {
      batch = read();
    } while (hand(batch) && !batch.last());
  }

  private Batch read() {
    List<Event> events = new ArrayList<>(BATCH);
    try {
      while (events.size() < BATCH && cursor.position() <= to) {
        Event event = cursor.next();
        if (event == null) {
          return new Batch(events, true, null);
        }
        events.add(event);
      }
      return new Batch(events, cursor.position() > to, null);
    } catch (RuntimeException e) {
      return new Batch(events, true, e);
    }
  }

  private boolean hand(Batch batch) {
    try {
      while (!closed) {
        if (queue.offer(batch, PATIENCE_MILLIS, TimeUnit.MILLISECONDS)) {
          return true;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return false;
  }

  /** Ends the reader and waits for it. It is not interrupted: that would close a log's channel. */
  @Override
  public void close() {
    closed = true;
    boolean interrupted = false;
    while (reader.isAlive()) {
      try {
        reader.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
