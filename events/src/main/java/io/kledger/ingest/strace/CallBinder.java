package io.kledger.ingest.strace;

import io.kledger.event.avro.Fd;
import io.kledger.event.avro.Raw;
import io.kledger.event.avro.Text;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.avro.specific.SpecificRecordBase;

/**
 * Fills the record of a call from its arguments, as the properties in the schema say. It knows no
 * call by name: a new record in the vocabulary is bound without any code.
 */
final class CallBinder {
  private static final byte[] NULL = ValueParser.ascii("NULL");
  private static final byte[] MORE = ValueParser.ascii("...");
  private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);

  /**
   * Set while a call that took effect is bound: structures that were not shown are then missing.
   */
  private boolean needStructures;

  /**
   * The record of a call.
   *
   * @param rawWords the arguments are six bare words, more than the call has
   * @param effective the call succeeded, so that a structure of which only the address is known
   *     leaves its effect unknown
   */
  SpecificRecordBase bind(
      RecordPlan plan, List<Value> arguments, boolean rawWords, boolean effective)
      throws BindException {
    needStructures = effective;
    SpecificRecordBase record = plan.create();
    long seen = 0;
    int next = 0;
    FieldPlan[] fields = plan.fields;
    for (Value argument : arguments) {
      FieldPlan field = null;
      Value value = argument;
      if (argument instanceof Value.Named named) {
        field = plan.field(named);
        value = named.value();
      } else {
        while (next < fields.length && !fields[next].positional()) {
          next++;
        }
        if (next < fields.length) {
          field = fields[next++];
        }
      }
      if (field == null) {
        if (rawWords) {
          break;
        }
        throw new BindException("no field for argument " + shown(argument));
      }
      if (value instanceof Value.InOut pair && writeback(plan, field) != null) {
        FieldPlan back = writeback(plan, field);
        record.put(back.index, value(back, pair.out(), record, plan));
        value = pair.in();
      }
      record.put(field.index, value(field, value, record, plan));
      seen |= 1L << field.index;
    }
    for (FieldPlan field : fields) {
      if (field.required && (seen & 1L << field.index) == 0) {
        throw new BindException("no argument " + field.name);
      }
    }
    return record;
  }

  private static FieldPlan writeback(RecordPlan plan, FieldPlan field) {
    int next = field.index + 1;
    return next < plan.fields.length && plan.fields[next].writeback ? plan.fields[next] : null;
  }

  private Object value(FieldPlan field, Value value, SpecificRecordBase owner, RecordPlan plan)
      throws BindException {
    return switch (value) {
      case Value.Number number -> number(field, number);
      case Value.Descriptor fd -> descriptor(field, fd);
      case Value.Quoted quoted -> quoted(field, quoted, owner, plan);
      case Value.Token token -> token(field, token);
      case Value.Struct struct -> struct(field, struct);
      case Value.Sequence sequence -> sequence(field, sequence);
      case Value.InOut pair -> field.raw ? raw(pair) : value(field, pair.out(), owner, plan);
      case Value.Named named -> keepOr(field, named);
      case Value.Wildcard any -> wildcard(field, any);
    };
  }

  private Object number(FieldPlan field, Value.Number number) throws BindException {
    if (field.number) {
      return number.value();
    }
    if (field.fd) {
      return new Fd((int) number.value(), null);
    }
    boolean pointer = number.hex() && Long.compareUnsigned(number.value(), 4096) >= 0;
    if (field.text && pointer && number.to() == number.digitsTo()) {
      return new Text(EMPTY, false, number.value());
    }
    if (field.raw) {
      return raw(number);
    }
    if (number.value() == 0 && field.nullable) {
      return null;
    }
    if (field.text) {
      return new Text(EMPTY, false, number.value());
    }
    // argv and envp are cut to an address by plain strace, which hides nothing that takes effect.
    if (field.nullable && (field.out || field.texts || !needStructures)) {
      return null;
    }
    throw new BindException("memory of " + field.name + " is not shown");
  }

  private Object descriptor(FieldPlan field, Value.Descriptor fd) throws BindException {
    if (field.fd) {
      return fd(fd);
    }
    if (field.number) {
      return fd.number();
    }
    if (field.fds) {
      return new ArrayList<>(List.of(fd(fd)));
    }
    return keepOr(field, fd);
  }

  private static Fd fd(Value.Descriptor fd) {
    return new Fd((int) fd.number(), buffer(fd.source(), fd.targetFrom(), fd.targetTo()));
  }

  private Object quoted(
      FieldPlan field, Value.Quoted quoted, SpecificRecordBase owner, RecordPlan plan)
      throws BindException {
    if (!field.text) {
      return keepOr(field, quoted);
    }
    if (quoted.abstractName()) {
      if (plan.abstractMark == null) {
        throw new BindException("no place for the @ of " + field.name);
      }
      owner.put(plan.abstractMark.index, true);
    }
    return text(quoted);
  }

  private static Text text(Value.Quoted quoted) {
    return new Text(ByteBuffer.wrap(quoted.bytes()), quoted.cut(), null);
  }

  private Object token(FieldPlan field, Value.Token token) throws BindException {
    if (field.nullable && token.is(NULL)) {
      return null;
    }
    if (field.number) {
      try {
        return Expression.evaluate(token.source(), token.from(), token.to(), field.group);
      } catch (BindException e) {
        if (!field.raw) {
          throw e;
        }
      }
    } else if (field.fd) {
      return new Fd(
          (int) Expression.evaluate(token.source(), token.from(), token.to(), null), null);
    }
    return keepOr(field, token);
  }

  private Object struct(FieldPlan field, Value.Struct struct) throws BindException {
    if (field.record == null) {
      return keepOr(field, struct);
    }
    if (!field.raw) {
      return record(field.record, struct);
    }
    try {
      return record(field.record, struct);
    } catch (BindException e) {
      return raw(struct);
    }
  }

  private SpecificRecordBase record(RecordPlan plan, Value.Struct struct) throws BindException {
    SpecificRecordBase record = plan.create();
    TextBuffer rest = null;
    for (Value member : struct.members()) {
      FieldPlan field = member instanceof Value.Named named ? plan.field(named) : null;
      if (field != null) {
        record.put(field.index, value(field, ((Value.Named) member).value(), record, plan));
      } else if (plan.rest != null) {
        rest = rest == null ? new TextBuffer() : rest.put(", ");
        rest.put(member.source(), member.from(), member.to());
      } else if (!member.is(MORE)) {
        throw new BindException("no field for " + shown(member) + " in " + plan.schema.getName());
      }
    }
    if (rest != null) {
      record.put(plan.rest.index, new Raw(ByteBuffer.wrap(rest.toArray())));
    }
    return record;
  }

  private Object sequence(FieldPlan field, Value.Sequence sequence) throws BindException {
    try {
      if (field.fds) {
        return fds(sequence);
      }
      if (field.numbers) {
        return numbers(field, sequence);
      }
      if (field.texts) {
        return texts(sequence);
      }
      if (field.records != null) {
        return records(field.records, sequence);
      }
    } catch (BindException e) {
      if (!field.raw) {
        throw e;
      }
    }
    return keepOr(field, sequence);
  }

  private static List<Fd> fds(Value.Sequence sequence) throws BindException {
    List<Fd> fds = new ArrayList<>(sequence.elements().size());
    for (Value element : sequence.elements()) {
      fds.add(
          switch (element) {
            case Value.Descriptor fd -> fd(fd);
            case Value.Number number -> new Fd((int) number.value(), null);
            default -> throw new BindException("not a descriptor: " + shown(element));
          });
    }
    return fds;
  }

  private static List<Long> numbers(FieldPlan field, Value.Sequence sequence) throws BindException {
    List<Long> numbers = new ArrayList<>(sequence.elements().size());
    for (Value element : sequence.elements()) {
      numbers.add(
          switch (element) {
            case Value.Number number -> number.value();
            case Value.Descriptor fd -> fd.number();
            default ->
                Expression.evaluate(element.source(), element.from(), element.to(), field.group);
          });
    }
    return numbers;
  }

  /** Strings of argv; an element {@code ...} says that more follow, as a text cut at address 0. */
  private static List<Text> texts(Value.Sequence sequence) throws BindException {
    List<Text> texts = new ArrayList<>(sequence.elements().size());
    for (Value element : sequence.elements()) {
      texts.add(
          switch (element) {
            case Value.Quoted quoted -> text(quoted);
            case Value.Number number -> new Text(EMPTY, false, number.value());
            default -> {
              if (!element.is(MORE)) {
                throw new BindException("not a string: " + shown(element));
              }
              yield new Text(EMPTY, true, 0L);
            }
          });
    }
    return texts;
  }

  private List<SpecificRecordBase> records(RecordPlan plan, Value.Sequence sequence)
      throws BindException {
    List<SpecificRecordBase> records = new ArrayList<>(sequence.elements().size());
    for (Value element : sequence.elements()) {
      if (!(element instanceof Value.Struct struct)) {
        throw new BindException("not a structure: " + shown(element));
      }
      records.add(record(plan, struct));
    }
    return records;
  }

  /** What a scenario leaves open: an out-parameter, or one that may be missing. */
  private static Object wildcard(FieldPlan field, Value.Wildcard any) throws BindException {
    if (field.nullable) {
      return null;
    }
    if (field.out && field.raw) {
      return raw(any);
    }
    throw new BindException("argument " + field.name + " is open: " + shown(any));
  }

  private static Object keepOr(FieldPlan field, Value value) throws BindException {
    if (field.raw) {
      return raw(value);
    }
    throw new BindException("argument " + field.name + " cannot be " + shown(value));
  }

  private static Raw raw(Value value) {
    return new Raw(buffer(value.source(), value.from(), value.to()));
  }

  private static ByteBuffer buffer(byte[] s, int from, int to) {
    return ByteBuffer.wrap(Arrays.copyOfRange(s, from, to));
  }

  private static String shown(Value value) {
    return BindException.quote(value.source(), value.from(), value.to());
  }
}
