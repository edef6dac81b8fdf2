package io.kledger.log.codec;

import io.kledger.event.avro.Event;
import io.kledger.log.LogException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongFunction;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.AvroTypeException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaFormatter;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.util.ClassSecurityValidator;

/**
 * Events to bytes and back: Avro's binary encoding of the {@code Event} record. The same event
 * always gives the same bytes. Safe for several threads; the {@link Decoder}s are not.
 */
public final class EventCodec {

  private static final String PACKAGE = "io.kledger.event.avro";

  static {
    restrictAvro();
  }

  /** The schema that events are written with. */
  public static final Schema SCHEMA = Event.getClassSchema();

  /** CRC-64-AVRO of {@link #SCHEMA}'s parsing canonical form. */
  public static final long FINGERPRINT = fingerprint(SCHEMA);

  /** How many bytes stand before the record in the single-object encoding. */
  public static final int SINGLE_OBJECT_HEADER = 10;

  private static final short SINGLE_OBJECT_MAGIC = (short) 0xC301;
  static final RecordPlan.Record PLAN = RecordPlan.of(SCHEMA);

  private EventCodec() {}

  /** Decodes events that were written with one schema. Used by one thread at a time. */
  public sealed interface Decoder {
    /**
     * Decodes one event, which must take up the whole range.
     *
     * @throws WireException if the bytes are not an event of the writer's schema
     * @throws LogException.Schema if it is of a type that this program does not know
     */
    Event decode(byte[] bytes, int offset, int length);
  }

  /** CRC-64-AVRO of a schema: names it in batches and records. */
  public static long fingerprint(Schema schema) {
    return SchemaNormalization.parsingFingerprint64(schema);
  }

  /** A schema object that was found to be the current one: a fingerprint takes a millisecond. */
  private static volatile Schema alike = SCHEMA;

  /** Whether events written with a schema are laid out as this program writes them. */
  static boolean current(Schema writer) {
    if (writer == SCHEMA || writer == alike) {
      return true;
    }
    if (fingerprint(writer) != FINGERPRINT) {
      return false;
    }
    alike = writer;
    return true;
  }

  /** A schema as the text of an .avsc file. */
  public static String json(Schema schema) {
    return SchemaFormatter.format("json/pretty", schema) + "\n";
  }

  /** A fingerprint as it is written in messages and file names: 16 hexadecimal digits. */
  public static String hex(long fingerprint) {
    return String.format("%016x", fingerprint);
  }

  /**
   * Appends an event's bytes.
   *
   * @throws WireException if it lacks a value that the schema demands; nothing is written then
   */
  public static void encode(Event event, WireOut out) {
    int mark = out.size();
    try {
      PLAN.write(event, out);
    } catch (RuntimeException e) {
      out.truncate(mark);
      throw e;
    }
  }

  /** An event's bytes. */
  public static byte[] encode(Event event) {
    var out = new WireOut(256);
    encode(event, out);
    return out.toByteArray();
  }

  /** Decodes an event that was written with {@link #SCHEMA}. */
  public static Event decode(byte[] bytes) {
    return new Current().decode(bytes, 0, bytes.length);
  }

  /**
   * A decoder for events written with {@code writer}: the schema of this program or another
   * version.
   *
   * @throws LogException.Schema if this program cannot read such events
   */
  public static Decoder decoder(Schema writer) {
    return current(writer) ? new Current() : new Resolving(writer);
  }

  /** Single-object encoding: the bytes C3 01, the fingerprint (little endian), the record. */
  public static byte[] encodeSingleObject(Event event) {
    var out = new WireOut(256);
    var header =
        ByteBuffer.allocate(SINGLE_OBJECT_HEADER)
            .putShort(SINGLE_OBJECT_MAGIC)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(FINGERPRINT);
    out.write(header.array(), 0, SINGLE_OBJECT_HEADER);
    encode(event, out);
    return out.toByteArray();
  }

  /** The fingerprint in a record of single-object encoding. */
  public static long singleObjectFingerprint(byte[] bytes) {
    var in = ByteBuffer.wrap(bytes);
    if (bytes.length < SINGLE_OBJECT_HEADER || in.getShort() != SINGLE_OBJECT_MAGIC) {
      throw new WireException("not in single-object encoding: does not begin with C3 01");
    }
    return in.order(ByteOrder.LITTLE_ENDIAN).getLong();
  }

  /**
   * Decodes records of single-object encoding, each with the schema that it names. Used by one
   * thread.
   *
   * @param schemas finds the schema of a fingerprint; null if it does not know it
   */
  public static SingleObjectDecoder singleObjectDecoder(LongFunction<Schema> schemas) {
    return new SingleObjectDecoder(schemas);
  }

  /** See {@link #singleObjectDecoder}. */
  public static final class SingleObjectDecoder {
    private final LongFunction<Schema> schemas;
    private final Map<Long, Decoder> decoders = new ConcurrentHashMap<>();

    private SingleObjectDecoder(LongFunction<Schema> schemas) {
      this.schemas = schemas;
    }

    /**
     * Decodes one record.
     *
     * @throws LogException.Schema if its schema is not known or not readable
     */
    public Event decode(byte[] bytes) {
      long fingerprint = singleObjectFingerprint(bytes);
      return decoders
          .computeIfAbsent(fingerprint, this::find)
          .decode(bytes, SINGLE_OBJECT_HEADER, bytes.length - SINGLE_OBJECT_HEADER);
    }

    private Decoder find(long fingerprint) {
      if (fingerprint == FINGERPRINT) {
        return new Current();
      }
      var schema = schemas.apply(fingerprint);
      if (schema == null) {
        throw new LogException.Schema(
            "events with schema "
                + hex(fingerprint)
                + ", which is not known here; add its .avsc file",
            null);
      }
      return decoder(schema);
    }
  }

  /** Own schema: no resolution needed. */
  private static final class Current implements Decoder {
    private final WireIn in = new WireIn();

    @Override
    public Event decode(byte[] bytes, int offset, int length) {
      in.reset(bytes, offset, length);
      var event = (Event) PLAN.read(in);
      if (in.remaining() != 0) {
        throw new WireException(in.remaining() + " bytes left over after the event");
      }
      return event;
    }
  }

  /** Another schema: Avro resolves it. */
  private static final class Resolving implements Decoder {
    private final String fingerprint;
    private final SpecificDatumReader<Event> reader;
    private BinaryDecoder input;

    Resolving(Schema writer) {
      fingerprint = hex(EventCodec.fingerprint(writer));
      reader = new ResolvingReader(writer);
    }

    @Override
    public Event decode(byte[] bytes, int offset, int length) {
      try {
        input = DecoderFactory.get().binaryDecoder(bytes, offset, length, input);
        var event = reader.read(null, input);
        if (!input.isEnd()) {
          throw new WireException("bytes left over after the event");
        }
        return event;
      } catch (AvroTypeException e) {
        throw new LogException.Schema(
            "an event with schema "
                + fingerprint
                + " is not known to this"
                + " version (schema "
                + hex(FINGERPRINT)
                + "): "
                + reason(e)
                + "; read it with the version that wrote it, or a newer one",
            e);
      } catch (IOException | AvroRuntimeException | IndexOutOfBoundsException e) {
        throw new WireException("not an event of schema " + fingerprint + ": " + e.getMessage(), e);
      }
    }
  }

  /**
   * Avro's own reader of events, for Avro's container files.
   *
   * @param writer the schema that they were written with; null if it is said later
   */
  public static SpecificDatumReader<Event> avroReader(Schema writer) {
    return new ResolvingReader(writer);
  }

  /** Refuses types that it does not know, where Avro would take them for similar ones. */
  private static final class ResolvingReader extends SpecificDatumReader<Event> {
    ResolvingReader(Schema writer) {
      super(null, SCHEMA, new Event().getSpecificData());
      if (writer != null) {
        setSchema(writer);
      }
    }

    @Override
    public void setSchema(Schema writer) {
      super.setSchema(WriterSchema.guarded(writer, SCHEMA));
    }
  }

  /** Avro's message without the list of everything that it would have understood. */
  public static String reason(AvroTypeException e) {
    var message = String.valueOf(e.getMessage());
    int list = message.indexOf(", expecting");
    return list < 0 ? message : message.substring(0, list);
  }

  /** Lets Avro make objects of our own records only, whatever a schema in a file names. */
  private static void restrictAvro() {
    ClassSecurityValidator.setGlobal(
        ClassSecurityValidator.composite(
            ClassSecurityValidator.DEFAULT, type -> type.getPackageName().equals(PACKAGE)));
  }
}
