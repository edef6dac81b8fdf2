package io.kledger.log.avro;

import io.kledger.event.EventClasses;
import io.kledger.event.avro.Event;
import io.kledger.log.Cursor;
import io.kledger.log.LogException;
import io.kledger.log.codec.EventCodec;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.io.JsonDecoder;
import org.apache.avro.io.JsonEncoder;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;

/**
 * Events as lines of JSON, in Avro's JSON encoding of the {@code Event} schema: every field is
 * there, a union's value stands under its type's name, bytes are text of code points up to 255.
 */
public final class JsonLines implements AutoCloseable {
  private final String name;
  private final InputStream in;
  private final SpecificDatumReader<Event> reader;
  private JsonDecoder decoder;
  private long events;

  static {
    EventClasses.trust();
  }

  private JsonLines(String name, InputStream in) {
    this.name = name;
    this.in = in;
    reader = new SpecificDatumReader<>(EventCodec.SCHEMA, EventCodec.SCHEMA, EventClasses.MODEL);
  }

  /**
   * Writes the events from the cursor's position up to {@code last}, or to the end of the log.
   *
   * @param out receives the lines; is flushed, not closed
   * @return how many events were written
   */
  public static long write(Cursor events, long last, OutputStream out) throws IOException {
    SpecificDatumWriter<Event> writer =
        new SpecificDatumWriter<>(EventCodec.SCHEMA, EventClasses.MODEL);
    JsonEncoder encoder = EncoderFactory.get().jsonEncoder(EventCodec.SCHEMA, out);
    long count = 0;
    for (Event event = next(events, last); event != null; event = next(events, last)) {
      writer.write(event, encoder);
      count++;
    }
    encoder.flush();
    if (count > 0) {
      out.write('\n');
    }
    out.flush();
    return count;
  }

  private static Event next(Cursor events, long last) {
    return events.position() <= last ? events.next() : null;
  }

  /**
   * Reads such lines.
   *
   * @param name what messages call them
   */
  public static JsonLines open(String name, InputStream in) {
    return new JsonLines(name, in);
  }

  /** How many events were read. */
  public long events() {
    return events;
  }

  /**
   * The next event, null at the end.
   *
   * @throws LogException.Damaged naming the event that cannot be read
   */
  public Event next() {
    try {
      if (decoder == null) {
        // It reads the first token at once, which may be none.
        decoder = DecoderFactory.get().jsonDecoder(EventCodec.SCHEMA, new BufferedInputStream(in));
      }
      Event event = reader.read(null, decoder);
      events++;
      return event;
    } catch (EOFException e) {
      return null;
    } catch (IOException | AvroRuntimeException | ClassCastException | IllegalStateException e) {
      throw new LogException.Damaged(
          name,
          -1,
          0,
          "line " + (events + 1) + " is no event of this schema: " + e.getMessage(),
          e);
    }
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
