package io.kledger.store;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.RecordComponent;
import java.util.Set;
import java.util.SplittableRandom;

/** How a record is stored: its components in order, nothing between them. */
final class RecordShape {
  private enum Kind {
    LONG,
    INT,
    BOOLEAN,
    OTHER
  }

  private final Class<?> type;
  private final RecordComponent[] components;
  private final Kind[] kinds;
  private final Shape[] shapes;
  private MethodHandle[] getters;
  private MethodHandle constructor;

  RecordShape(Class<?> type) {
    this.type = type;
    components = type.getRecordComponents();
    kinds = new Kind[components.length];
    shapes = new Shape[components.length];
  }

  Class<?> type() {
    return type;
  }

  RecordComponent[] components() {
    return components;
  }

  /** Tells how a component is stored; all are told before the shape is used. */
  void component(int index, Shape shape) {
    Class<?> declared = components[index].getType();
    kinds[index] =
        declared == long.class
            ? Kind.LONG
            : declared == int.class
                ? Kind.INT
                : declared == boolean.class ? Kind.BOOLEAN : Kind.OTHER;
    shapes[index] = shape;
  }

  void writeFields(Object record, ByteSink out) {
    MethodHandle[] get = getters == null ? link() : getters;
    try {
      for (int i = 0; i < get.length; i++) {
        switch (kinds[i]) {
          case LONG -> out.zigzag((long) get[i].invokeExact(record));
          case INT -> out.zigzag((int) get[i].invokeExact(record));
          case BOOLEAN -> out.u8((boolean) get[i].invokeExact(record) ? 1 : 0);
          case OTHER -> shapes[i].write((Object) get[i].invokeExact(record), out);
        }
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("reading a " + type.getName(), e);
    }
  }

  Object readFields(ByteReader in) {
    Object[] values = new Object[shapes.length];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (kinds[i]) {
            case LONG -> in.zigzag();
            case INT -> (int) in.zigzag();
            case BOOLEAN -> in.u8() != 0;
            case OTHER -> shapes[i].read(in);
          };
    }
    return make(values);
  }

  void describe(StringBuilder out, Set<Class<?>> seen) {
    out.append(type.getSimpleName());
    if (seen.add(type)) {
      out.append('(');
      for (int i = 0; i < shapes.length; i++) {
        out.append(components[i].getName()).append(':');
        shapes[i].describe(out, seen);
        out.append(',');
      }
      out.append(')');
    }
  }

  /** A pseudo-random record. Records whose constructor refuses null get none of it. */
  Object sampleFields(SplittableRandom random, boolean nulls) {
    SplittableRandom again = random.split();
    try {
      return make(sampleValues(random, nulls));
    } catch (NullPointerException e) {
      return make(sampleValues(again, false));
    }
  }

  private Object[] sampleValues(SplittableRandom random, boolean nulls) {
    Object[] values = new Object[shapes.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = shapes[i].sample(random, nulls);
    }
    return values;
  }

  private Object make(Object[] values) {
    if (getters == null) {
      link();
    }
    try {
      return constructor.invokeExact(values);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("making a " + type.getName(), e);
    }
  }

  /** Method handles are made at first use: most programs touch few tables. */
  private MethodHandle[] link() {
    try {
      MethodHandles.Lookup lookup = MethodHandles.privateLookupIn(type, MethodHandles.lookup());
      MethodHandle[] get = new MethodHandle[components.length];
      Class<?>[] types = new Class<?>[components.length];
      for (int i = 0; i < get.length; i++) {
        types[i] = components[i].getType();
        Class<?> result = types[i].isPrimitive() ? types[i] : Object.class;
        get[i] =
            lookup
                .unreflect(components[i].getAccessor())
                .asType(MethodType.methodType(result, Object.class));
      }
      constructor =
          lookup
              .findConstructor(type, MethodType.methodType(void.class, types))
              .asSpreader(Object[].class, types.length)
              .asType(MethodType.methodType(Object.class, Object[].class));
      getters = get;
      return get;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("no access to record " + type.getName(), e);
    }
  }
}
