package io.kledger.log.seal;

import io.kledger.event.EventClasses;
import io.kledger.event.avro.Event;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.JsonProperties;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericEnumSymbol;
import org.apache.avro.specific.SpecificRecordBase;

/**
 * The bytes of an event that are hashed. They depend on what the event says, not on the version of
 * the schema that it was stored with: fields go by name in the order of names, those with their
 * default value are left out, whole numbers have 64 bits.
 *
 * <pre>
 * record  'r' name, then for each field its name and value, then 'z'
 * number  'i' 8 bytes, big endian        text  's' length bytes (UTF-8)     bytes 'b' length bytes
 * array   'a' count, the elements        enum  'e' its symbol as text       't', 'f', null 'n'
 * length, count: 4 bytes, big endian     name: as text
 * </pre>
 *
 * Used by one thread.
 */
public final class CanonicalEvent {
  private record Member(int index, byte[] name, Object initial, boolean hasDefault) {}

  private record Plan(byte[] name, List<Member> members) {}

  private final Map<Schema, Plan> plans = new IdentityHashMap<>();

  static {
    EventClasses.trust();
  }

  /** The bytes of one event. */
  public byte[] bytes(Event event) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(256);
    record(event, out);
    return out.toByteArray();
  }

  private Plan plan(Schema schema) {
    return plans.computeIfAbsent(
        schema,
        s -> {
          List<Member> members = new ArrayList<>();
          s.getFields().stream()
              .sorted(Comparator.comparing(Schema.Field::name))
              .forEach(field -> members.add(member(field)));
          return new Plan(utf8(s.getName()), members);
        });
  }

  private static Member member(Schema.Field field) {
    boolean has = field.hasDefaultValue();
    Object initial =
        !has || field.defaultVal() == JsonProperties.NULL_VALUE
            ? null
            : EventClasses.MODEL.getDefaultValue(field);
    return new Member(field.pos(), utf8(field.name()), initial, has);
  }

  private void record(SpecificRecordBase record, ByteArrayOutputStream out) {
    Plan plan = plan(record.getSchema());
    out.write('r');
    sized(plan.name, out);
    for (Member member : plan.members) {
      Object value = record.get(member.index);
      boolean initial = value == null ? member.initial == null : same(value, member.initial);
      if (!member.hasDefault || !initial) {
        sized(member.name, out);
        value(value, out);
      }
    }
    out.write('z');
  }

  private static boolean same(Object value, Object initial) {
    return value instanceof CharSequence text && initial instanceof CharSequence other
        ? text.toString().contentEquals(other)
        : value.equals(initial);
  }

  private void value(Object value, ByteArrayOutputStream out) {
    switch (value) {
      case null -> out.write('n');
      case Boolean truth -> out.write(truth ? 't' : 'f');
      case Number number -> {
        out.write('i');
        out.writeBytes(ByteBuffer.allocate(8).putLong(number.longValue()).array());
      }
      case ByteBuffer bytes -> {
        out.write('b');
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        sized(copy, out);
      }
      case CharSequence text -> {
        out.write('s');
        sized(utf8(text.toString()), out);
      }
      case List<?> list -> {
        out.write('a');
        out.writeBytes(ByteBuffer.allocate(4).putInt(list.size()).array());
        list.forEach(element -> value(element, out));
      }
      case SpecificRecordBase record -> record(record, out);
      case Enum<?> symbol -> {
        out.write('e');
        sized(utf8(symbol.name()), out);
      }
      case GenericEnumSymbol<?> symbol -> {
        out.write('e');
        sized(utf8(symbol.toString()), out);
      }
      default -> throw new IllegalArgumentException("cannot hash " + value.getClass());
    }
  }

  private static void sized(byte[] bytes, ByteArrayOutputStream out) {
    out.writeBytes(ByteBuffer.allocate(4).putInt(bytes.length).array());
    out.writeBytes(bytes);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
