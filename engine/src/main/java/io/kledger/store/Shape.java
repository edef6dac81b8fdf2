package io.kledger.store;

import io.kledger.event.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * How values of one type are stored. Of references, null is told from every value. What {@link
 * #describe} prints is part of the store's fingerprint, so a type that changes gives another one.
 */
sealed interface Shape {
  void write(Object value, ByteSink out);

  Object read(ByteReader in);

  /**
   * Appends what decides about the bytes; {@code seen} keeps types that contain themselves finite.
   */
  void describe(StringBuilder out, Set<Class<?>> seen);

  /** A pseudo-random value. With {@code nulls}, references may be null at any depth. */
  Object sample(SplittableRandom random, boolean nulls);

  /** A number: long, int, boolean and their boxes. Fields of primitive types bypass this. */
  record Number(Class<?> type, boolean nullable) implements Shape {
    @Override
    public void write(Object value, ByteSink out) {
      if (nullable) {
        out.u8(value == null ? 0 : 1);
        if (value == null) {
          return;
        }
      }
      switch (value) {
        case Long number -> out.zigzag(number);
        case Integer number -> out.zigzag(number);
        case Boolean flag -> out.u8(flag ? 1 : 0);
        default -> throw new IllegalArgumentException("not a " + type + ": " + value);
      }
    }

    @Override
    public Object read(ByteReader in) {
      if (nullable && in.u8() == 0) {
        return null;
      }
      return type == Long.class
          ? (Object) in.zigzag()
          : type == Integer.class ? (Object) (int) in.zigzag() : (Object) (in.u8() != 0);
    }

    @Override
    public void describe(StringBuilder out, Set<Class<?>> seen) {
      out.append(type.getSimpleName()).append(nullable ? "?" : "");
    }

    @Override
    public Object sample(SplittableRandom random, boolean nulls) {
      if (nullable && nulls && random.nextInt(4) == 0) {
        return null;
      }
      // Small numbers are frequent, as in life, so that groups and orders coincide now and then.
      long number = random.nextLong() >> random.nextInt(64);
      return type == Long.class
          ? (Object) number
          : type == Integer.class ? (Object) (int) number : (Object) ((number & 1) != 0);
    }
  }

  /** A byte string. */
  record Name() implements Shape {
    @Override
    public void write(Object value, ByteSink out) {
      out.nullable((Bytes) value);
    }

    @Override
    public Object read(ByteReader in) {
      return in.nullableBytes();
    }

    @Override
    public void describe(StringBuilder out, Set<Class<?>> seen) {
      out.append("Bytes");
    }

    @Override
    public Object sample(SplittableRandom random, boolean nulls) {
      if (nulls && random.nextInt(4) == 0) {
        return null;
      }
      byte[] bytes = new byte[random.nextInt(12)];
      random.nextBytes(bytes);
      return Bytes.wrap(bytes);
    }
  }

  /** Text. */
  record Text() implements Shape {
    @Override
    public void write(Object value, ByteSink out) {
      out.nullable((String) value);
    }

    @Override
    public Object read(ByteReader in) {
      return in.nullableString();
    }

    @Override
    public void describe(StringBuilder out, Set<Class<?>> seen) {
      out.append("String");
    }

    @Override
    public Object sample(SplittableRandom random, boolean nulls) {
      return nulls && random.nextInt(4) == 0
          ? null
          : Long.toString(random.nextLong(1L << random.nextInt(1, 40)), 36) + "\u00e4";
    }
  }

  /** A constant of an enum, by ordinal: the fingerprint holds the names in order. */
  record Constant(Class<?> type, Object[] constants) implements Shape {
    @Override
    public void write(Object value, ByteSink out) {
      out.varint(value == null ? 0 : ((Enum<?>) value).ordinal() + 1);
    }

    @Override
    public Object read(ByteReader in) {
      long tag = in.varint();
      if (tag < 0 || tag > constants.length) {
        throw ByteReader.damaged("no constant " + tag + " of " + type.getSimpleName());
      }
      return tag == 0 ? null : constants[(int) tag - 1];
    }

    @Override
    public void describe(StringBuilder out, Set<Class<?>> seen) {
      out.append(type.getSimpleName());
      if (seen.add(type)) {
        out.append(List.of(constants));
      }
    }

    @Override
    public Object sample(SplittableRandom random, boolean nulls) {
      return nulls && random.nextInt(4) == 0 ? null : constants[random.nextInt(constants.length)];
    }
  }

  /** A list. */
  record Many(Shape element) implements Shape {
    @Override
    public void write(Object value, ByteSink out) {
      if (value == null) {
        out.varint(0);
        return;
      }
      List<?> list = (List<?>) value;
      out.varint(list.size() + 1L);
      for (int i = 0; i < list.size(); i++) {
        element.write(list.get(i), out);
      }
    }

    @Override
    public Object read(ByteReader in) {
      long tag = in.varint();
      if (tag == 0) {
        return null;
      }
      int size = in.count(tag - 1);
      List<Object> list = new ArrayList<>(size);
      for (int i = 0; i < size; i++) {
        list.add(element.read(in));
      }
      return list;
    }

    @Override
    public void describe(StringBuilder out, Set<Class<?>> seen) {
      out.append("List<");
      element.describe(out, seen);
      out.append('>');
    }

    @Override
    public Object sample(SplittableRandom random, boolean nulls) {
      if (nulls && random.nextInt(4) == 0) {
        return null;
      }
      List<Object> list = new ArrayList<>();
      for (int left = random.nextInt(4); left > 0; left--) {
        list.add(element.sample(random, nulls));
      }
      return list;
    }
  }

  /** An array of numbers. */
  record Longs() implements Shape {
    @Override
    public void write(Object value, ByteSink out) {
      if (value == null) {
        out.varint(0);
        return;
      }
      long[] array = (long[]) value;
      out.varint(array.length + 1L);
      for (long number : array) {
        out.zigzag(number);
      }
    }

    @Override
    public Object read(ByteReader in) {
      long tag = in.varint();
      if (tag == 0) {
        return null;
      }
      long[] array = new long[in.count(tag - 1)];
      for (int i = 0; i < array.length; i++) {
        array[i] = in.zigzag();
      }
      return array;
    }

    @Override
    public void describe(StringBuilder out, Set<Class<?>> seen) {
      out.append("long[]");
    }

    @Override
    public Object sample(SplittableRandom random, boolean nulls) {
      return nulls && random.nextInt(4) == 0
          ? null
          : random.longs(random.nextInt(4), -1000, 1000).toArray();
    }
  }

  /** One of the records that a sealed interface permits. */
  record Choice(Class<?> type, List<RecordShape> options) implements Shape {
    @Override
    public void write(Object value, ByteSink out) {
      if (value == null) {
        out.varint(0);
        return;
      }
      for (int i = 0; i < options.size(); i++) {
        if (options.get(i).type() == value.getClass()) {
          out.varint(i + 1L);
          options.get(i).writeFields(value, out);
          return;
        }
      }
      throw new IllegalArgumentException("not permitted by " + type + ": " + value);
    }

    @Override
    public Object read(ByteReader in) {
      long tag = in.varint();
      if (tag < 0 || tag > options.size()) {
        throw ByteReader.damaged("no kind " + tag + " of " + type.getSimpleName());
      }
      return tag == 0 ? null : options.get((int) tag - 1).readFields(in);
    }

    @Override
    public void describe(StringBuilder out, Set<Class<?>> seen) {
      out.append(type.getSimpleName());
      if (seen.add(type)) {
        for (RecordShape option : options) {
          out.append('|');
          option.describe(out, seen);
        }
      }
    }

    @Override
    public Object sample(SplittableRandom random, boolean nulls) {
      return nulls && random.nextInt(4) == 0
          ? null
          : options.get(random.nextInt(options.size())).sampleFields(random, nulls);
    }
  }

  /** A record within a row: a byte says whether it is there. */
  record Nested(RecordShape shape) implements Shape {
    @Override
    public void write(Object value, ByteSink out) {
      out.u8(value == null ? 0 : 1);
      if (value != null) {
        shape.writeFields(value, out);
      }
    }

    @Override
    public Object read(ByteReader in) {
      return in.u8() == 0 ? null : shape.readFields(in);
    }

    @Override
    public void describe(StringBuilder out, Set<Class<?>> seen) {
      shape.describe(out, seen);
    }

    @Override
    public Object sample(SplittableRandom random, boolean nulls) {
      return nulls && random.nextInt(4) == 0 ? null : shape.sampleFields(random, nulls);
    }
  }
}
