package io.kledger.log;

import io.kledger.event.MachineId;
import io.kledger.event.avro.Event;
import java.util.List;
import java.util.function.Supplier;

/**
 * The one writer of a machine's log. Events are buffered and written in batches; {@link #commit()}
 * makes everything appended so far durable at once (group commit). Used by one thread at a time.
 *
 * <p>After a {@link LogException} nothing more can be appended; what was acknowledged is kept. Open
 * another appender to go on.
 */
public interface Appender extends AutoCloseable {

  /** The machine whose log this is. */
  MachineId machine();

  /**
   * Appends an event: sets its {@code position} to the next one and encodes it at once, so that the
   * object may be changed and reused afterwards. Not durable before {@link #commit()}.
   *
   * @return the event's position
   */
  long append(Event event);

  /** The position that the next event will get. */
  long next();

  /** The last acknowledged position, 0 if none. */
  long committed();

  /**
   * Notes how far a source has been consumed. Becomes durable with the events appended before it,
   * in one atomic step: after a crash either both are there or none. Replaces what was noted before
   * under the same number.
   */
  void progress(SourceProgress progress);

  /**
   * Asks for the progress of a source each time events are written, so that no crash leaves events
   * without it: large amounts are written before they are committed.
   *
   * @param progress gives what {@link #progress} would be told, or null for nothing new; a null
   *     reference ends it
   */
  void progressFrom(Supplier<SourceProgress> progress);

  /** What was imported from which source, by number, with what is not yet committed. */
  List<SourceProgress> sources();

  /**
   * Makes everything appended durable, and visible to readers. Does nothing if nothing was
   * appended.
   *
   * @return the last acknowledged position
   */
  long commit();

  /** Lets others write. What was appended and not committed is dropped. */
  @Override
  void close();
}
