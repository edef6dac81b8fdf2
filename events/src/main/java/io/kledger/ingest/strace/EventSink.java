package io.kledger.ingest.strace;

import io.kledger.event.avro.Event;
import java.io.IOException;

/** Takes events in order. */
@FunctionalInterface
public interface EventSink {
  /**
   * Takes the next event.
   *
   * @return its position in the log; a later event may refer to it
   */
  long accept(Event event) throws IOException;
}
