package io.kledger.log;

import io.kledger.event.avro.Event;
import java.time.Duration;

/**
 * Reads a machine's events in order, without a gap. Used by one thread at a time. At the end of the
 * log it stays there: a later {@link #next()} returns what has been acknowledged meanwhile.
 */
public interface Cursor extends AutoCloseable {

  /**
   * The next acknowledged event, or null if there is none now. The event is a new object.
   *
   * @throws LogException.Damaged if the log cannot be read here
   */
  Event next();

  /**
   * The next event; waits for one to be acknowledged, by this process or another.
   *
   * @param timeout how long to wait at most; zero is the same as {@link #next()}
   * @return null if there is none in that time, or the thread was interrupted (its flag is kept
   *     set)
   */
  Event await(Duration timeout);

  /** The position of the event that {@link #next()} returns next. */
  long position();

  @Override
  void close();
}
