package io.kledger.log.codec;

import io.kledger.event.EventClasses;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecordBase;

/**
 * How values of a schema are read and written, worked out once: a tree of nodes, one per type,
 * shared by name. Only for the schema that the generated classes have.
 */
sealed interface RecordPlan {

  Object read(WireIn in);

  void write(Object value, WireOut out);

  /** The plan of a record type of the generated classes. */
  static Record of(Schema schema) {
    return (Record) new Builder().plan(schema);
  }

  /** A type without parts. */
  enum Primitive implements RecordPlan {
    NULL {
      @Override
      public Object read(WireIn in) {
        return null;
      }

      @Override
      public void write(Object value, WireOut out) {}
    },
    BOOLEAN {
      @Override
      public Object read(WireIn in) {
        return in.readBoolean();
      }

      @Override
      public void write(Object value, WireOut out) {
        out.writeBoolean((Boolean) value);
      }
    },
    INT {
      @Override
      public Object read(WireIn in) {
        return in.readInt();
      }

      @Override
      public void write(Object value, WireOut out) {
        out.writeLong((Integer) value);
      }
    },
    LONG {
      @Override
      public Object read(WireIn in) {
        return in.readLong();
      }

      @Override
      public void write(Object value, WireOut out) {
        out.writeLong((Long) value);
      }
    },
    BYTES {
      @Override
      public Object read(WireIn in) {
        return in.readBytes();
      }

      @Override
      public void write(Object value, WireOut out) {
        out.writeBytes((ByteBuffer) value);
      }
    },
    STRING {
      @Override
      public Object read(WireIn in) {
        return in.readString();
      }

      @Override
      public void write(Object value, WireOut out) {
        out.writeString(value.toString());
      }
    }
  }

  /** A generated record. */
  final class Record implements RecordPlan {
    private static final MethodType NO_ARGUMENTS = MethodType.methodType(void.class);
    private static final MethodType MAKES_RECORD = MethodType.methodType(SpecificRecordBase.class);

    private final String name;
    private final MethodHandle constructor;
    private RecordPlan[] fields;

    private Record(Class<?> type) {
      name = type.getSimpleName();
      try {
        constructor =
            MethodHandles.publicLookup().findConstructor(type, NO_ARGUMENTS).asType(MAKES_RECORD);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("generated class without a constructor: " + type, e);
      }
    }

    @Override
    public SpecificRecordBase read(WireIn in) {
      SpecificRecordBase record;
      try {
        record = (SpecificRecordBase) constructor.invokeExact();
      } catch (RuntimeException | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new IllegalStateException(name, e);
      }
      read(record, 0, in);
      return record;
    }

    /** Reads the members from a number on. */
    void read(SpecificRecordBase record, int from, WireIn in) {
      var plans = fields;
      for (int i = from; i < plans.length; i++) {
        record.put(i, plans[i].read(in));
      }
    }

    @Override
    public void write(Object value, WireOut out) {
      write((SpecificRecordBase) value, 0, out);
    }

    /** Writes the members from a number on. */
    void write(SpecificRecordBase record, int from, WireOut out) {
      var plans = fields;
      for (int i = from; i < plans.length; i++) {
        try {
          plans[i].write(record.get(i), out);
        } catch (NullPointerException | ClassCastException e) {
          throw new WireException(
              name
                  + "."
                  + record.getSchema().getFields().get(i).name()
                  + " cannot be "
                  + record.get(i),
              e);
        }
      }
    }
  }

  /** A generated enum. */
  record Symbols(Object[] constants) implements RecordPlan {
    @Override
    public Object read(WireIn in) {
      int index = in.readInt();
      if (index < 0 || index >= constants.length) {
        throw new WireException("symbol number " + index + " of " + constants.length);
      }
      return constants[index];
    }

    @Override
    public void write(Object value, WireOut out) {
      out.writeLong(((Enum<?>) value).ordinal());
    }
  }

  /** A union of null and one other type. */
  record Optional(int nullIndex, RecordPlan other) implements RecordPlan {
    @Override
    public Object read(WireIn in) {
      int index = in.readInt();
      if (index == nullIndex) {
        return null;
      }
      if (index != 1 - nullIndex) {
        throw new WireException("union branch number " + index + " of 2");
      }
      return other.read(in);
    }

    @Override
    public void write(Object value, WireOut out) {
      if (value == null) {
        out.writeLong(nullIndex);
      } else {
        out.writeLong(1 - nullIndex);
        other.write(value, out);
      }
    }
  }

  /** A union that is no {@link Optional}; the index of a branch follows from the value's class. */
  record Choice(RecordPlan[] branches, Map<Class<?>, Integer> indexes) implements RecordPlan {
    @Override
    public Object read(WireIn in) {
      int index = in.readInt();
      if (index < 0 || index >= branches.length) {
        throw new WireException("union branch number " + index + " of " + branches.length);
      }
      return branches[index].read(in);
    }

    @Override
    public void write(Object value, WireOut out) {
      Integer index = indexes.get(classOf(value));
      if (index == null) {
        throw new WireException(
            "union has no branch for "
                + (value == null ? "null" : value.getClass().getSimpleName()));
      }
      out.writeLong(index);
      branches[index].write(value, out);
    }
  }

  private static Class<?> classOf(Object value) {
    return switch (value) {
      case null -> Void.class;
      case ByteBuffer bytes -> ByteBuffer.class;
      case List<?> items -> List.class;
      default -> value.getClass();
    };
  }

  /** The class that {@link #classOf} gives for values of a type. */
  private static Class<?> classOf(Schema type) {
    return switch (type.getType()) {
      case NULL -> Void.class;
      case BOOLEAN -> Boolean.class;
      case INT -> Integer.class;
      case LONG -> Long.class;
      case STRING -> String.class;
      case BYTES -> ByteBuffer.class;
      case ARRAY -> List.class;
      case RECORD, ENUM -> EventClasses.MODEL.getClass(type);
      case UNION, MAP, FIXED, FLOAT, DOUBLE ->
          throw new IllegalStateException("the vocabulary has no union with " + type.getType());
    };
  }

  /** An array. */
  record Items(RecordPlan item) implements RecordPlan {
    @Override
    public Object read(WireIn in) {
      var list = new ArrayList<Object>(0);
      while (true) {
        long count = in.readLong();
        if (count == 0) {
          return list;
        }
        if (count < 0) {
          count = -count;
          in.readLong();
        }
        if (count < 0 || count > in.remaining()) {
          throw new WireException("array of " + count + " with " + in.remaining() + " bytes left");
        }
        list.ensureCapacity(list.size() + (int) count);
        for (long i = 0; i < count; i++) {
          list.add(item.read(in));
        }
      }
    }

    @Override
    public void write(Object value, WireOut out) {
      var list = (List<?>) value;
      if (!list.isEmpty()) {
        out.writeLong(list.size());
        for (var element : list) {
          item.write(element, out);
        }
      }
      out.writeLong(0);
    }
  }

  /** Makes plans, each record type once. */
  final class Builder {
    private final Map<String, Record> records = new HashMap<>();

    RecordPlan plan(Schema schema) {
      return switch (schema.getType()) {
        case NULL -> Primitive.NULL;
        case BOOLEAN -> Primitive.BOOLEAN;
        case INT -> Primitive.INT;
        case LONG -> Primitive.LONG;
        case BYTES -> Primitive.BYTES;
        case STRING -> Primitive.STRING;
        case ENUM -> new Symbols(EventClasses.MODEL.getClass(schema).getEnumConstants());
        case ARRAY -> new Items(plan(schema.getElementType()));
        case RECORD -> record(schema);
        case UNION -> union(schema);
        case MAP, FIXED, FLOAT, DOUBLE ->
            throw new IllegalStateException("the vocabulary has no " + schema.getType());
      };
    }

    private RecordPlan record(Schema schema) {
      var known = records.get(schema.getFullName());
      if (known != null) {
        return known;
      }
      var record = new Record(EventClasses.MODEL.getClass(schema));
      records.put(schema.getFullName(), record);
      record.fields =
          schema.getFields().stream().map(field -> plan(field.schema())).toArray(RecordPlan[]::new);
      return record;
    }

    private RecordPlan union(Schema schema) {
      var types = schema.getTypes();
      if (types.size() == 2 && schema.isNullable()) {
        int nullIndex = types.get(0).getType() == Schema.Type.NULL ? 0 : 1;
        return new Optional(nullIndex, plan(types.get(1 - nullIndex)));
      }
      var indexes = new HashMap<Class<?>, Integer>();
      for (var type : types) {
        indexes.put(classOf(type), indexes.size());
      }
      return new Choice(types.stream().map(this::plan).toArray(RecordPlan[]::new), indexes);
    }
  }
}
