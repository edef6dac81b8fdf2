package io.kledger.log.codec;

import io.kledger.event.avro.Event;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Random;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecordBase;

/** Events with random values in every field, of every type that the schema has. */
public final class RandomRecords {

  private final Random random;

  /** The same seed gives the same events. */
  public RandomRecords(long seed) {
    random = new Random(seed);
  }

  /** An event whose body is of a random type. */
  public Event event() {
    return (Event) value(EventCodec.SCHEMA);
  }

  private Object value(Schema schema) {
    return switch (schema.getType()) {
      case NULL -> null;
      case BOOLEAN -> random.nextBoolean();
      case INT -> (int) number();
      case LONG -> number();
      case BYTES -> ByteBuffer.wrap(bytes());
      case STRING -> new StringBuilder("né").repeat('x', random.nextInt(20)).toString();
      case ENUM -> {
        var constants = SpecificData.get().getClass(schema).getEnumConstants();
        yield constants[random.nextInt(constants.length)];
      }
      case ARRAY -> {
        var list = new ArrayList<Object>();
        for (int i = random.nextInt(4); i > 0; i--) {
          list.add(value(schema.getElementType()));
        }
        yield list;
      }
      case UNION -> value(schema.getTypes().get(random.nextInt(schema.getTypes().size())));
      case RECORD -> {
        var record =
            (SpecificRecordBase)
                SpecificData.newInstance(SpecificData.get().getClass(schema), schema);
        for (var field : schema.getFields()) {
          record.put(field.pos(), value(field.schema()));
        }
        yield record;
      }
      case MAP, FIXED, FLOAT, DOUBLE -> throw new IllegalStateException(schema.toString());
    };
  }

  private long number() {
    long value = random.nextLong() >> random.nextInt(64);
    return random.nextInt(10) == 0 ? -value : value;
  }

  private byte[] bytes() {
    byte[] bytes = new byte[random.nextInt(3) == 0 ? random.nextInt(300) : random.nextInt(12)];
    random.nextBytes(bytes);
    return bytes;
  }
}
