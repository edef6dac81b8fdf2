package io.kledger.log.source;

import io.kledger.event.avro.Event;
import io.kledger.event.avro.Gap;
import io.kledger.event.avro.TracerMessage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.ToLongFunction;

/**
 * A reader as the real ones are: reads ahead, gives no, one or two events for a line, and holds a
 * line that begins with {@code +} back until the line after it.
 */
public final class LineReader {

  private LineReader() {}

  /** Reads all lines. */
  public static void read(InputStream input, ToLongFunction<Event> sink) throws IOException {
    var reader = new BufferedReader(new InputStreamReader(input, StandardCharsets.UTF_8), 3000);
    Event held = null;
    long line = 0;
    for (var text = reader.readLine(); text != null; text = reader.readLine()) {
      line++;
      var event = event(line, text);
      if (text.startsWith("+")) {
        held = event;
        continue;
      }
      if (!text.startsWith("#")) {
        sink.applyAsLong(event);
      }
      if (text.startsWith("2")) {
        sink.applyAsLong(new Event(0L, 0L, -1L, 7, 0, line, new Gap("second", -1L, null, 0L, 0)));
      }
      if (held != null) {
        sink.applyAsLong(held);
        held = null;
      }
    }
    if (held != null) {
      sink.applyAsLong(held);
    }
  }

  private static Event event(long line, String text) {
    return new Event(
        0L,
        0L,
        -1L,
        7,
        0,
        line,
        new TracerMessage(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8))));
  }
}
