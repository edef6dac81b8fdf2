package io.kledger.store;

import io.kledger.event.Bytes;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Codecs of rows, derived from their record components: long, int, boolean and their boxes, String,
 * Bytes, enums, records, sealed interfaces over records, long[], and lists of these. A field added
 * to a row is stored without another line of code; a component of any other type is refused when
 * the codec is made.
 */
public final class RecordCodecs {
  private final Map<Class<?>, RecordShape> shapes = new LinkedHashMap<>();
  private final RowCodec<?>[] byTable = new RowCodec<?>[256];

  /** Codecs for these tables, all checked now. */
  public RecordCodecs(List<? extends TableId<? extends Row>> tables) {
    for (TableId<? extends Row> table : tables) {
      byTable[table.number()] = new OfRecord<>(table, record(table.type()));
    }
  }

  /** The codec of a table's rows. */
  @SuppressWarnings("unchecked")
  public <V extends Row> RowCodec<V> codec(TableId<V> table) {
    RowCodec<?> codec = byTable[table.number()];
    if (codec == null) {
      throw new IllegalArgumentException("no codec for table " + table);
    }
    return (RowCodec<V>) codec;
  }

  /**
   * A pseudo-random row. With {@code nulls}, references in it may be null where the row allows it.
   */
  public <V extends Row> V sample(TableId<V> table, SplittableRandom random, boolean nulls) {
    return table.type().cast(shapes.get(table.type()).sampleFields(random, nulls));
  }

  /** What decides how a table's rows are stored: equal texts, equal bytes. */
  public String describe(TableId<? extends Row> table) {
    StringBuilder text = new StringBuilder();
    text.append(table.number()).append(' ');
    shapes.get(table.type()).describe(text, new LinkedHashSet<>());
    return text.toString();
  }

  private RecordShape record(Class<?> type) {
    RecordShape known = shapes.get(type);
    if (known != null) {
      return known;
    }
    if (!type.isRecord()) {
      throw new IllegalArgumentException("rows are records, but " + type.getName() + " is none");
    }
    RecordShape shape = new RecordShape(type);
    shapes.put(type, shape);
    RecordComponent[] components = shape.components();
    for (int i = 0; i < components.length; i++) {
      String where = type.getSimpleName() + "." + components[i].getName();
      shape.component(i, shape(components[i].getGenericType(), where));
    }
    return shape;
  }

  private Shape shape(Type type, String where) {
    if (type instanceof ParameterizedType generic && generic.getRawType() == List.class) {
      return new Shape.Many(shape(generic.getActualTypeArguments()[0], where));
    }
    if (type instanceof Class<?> c) {
      if (c == long.class || c == int.class || c == boolean.class) {
        return new Shape.Number(
            c == long.class ? Long.class : c == int.class ? Integer.class : Boolean.class, false);
      } else if (c == Long.class || c == Integer.class || c == Boolean.class) {
        return new Shape.Number(c, true);
      } else if (c == Bytes.class) {
        return new Shape.Name();
      } else if (c == String.class) {
        return new Shape.Text();
      } else if (c == long[].class) {
        return new Shape.Longs();
      } else if (c.isEnum()) {
        return new Shape.Constant(c, c.getEnumConstants());
      } else if (c.isRecord()) {
        return new Shape.Nested(record(c));
      } else if (c.isSealed() && c.isInterface()) {
        Set<RecordShape> options = new LinkedHashSet<>();
        permitted(c, options, where);
        return new Shape.Choice(c, new ArrayList<>(options));
      }
    }
    throw new IllegalArgumentException(
        "component "
            + where
            + " of type "
            + type.getTypeName()
            + " cannot be stored: use long, int, boolean, String, Bytes, an enum, a record, a"
            + " sealed interface over records, long[] or a List of these");
  }

  private void permitted(Class<?> type, Set<RecordShape> options, String where) {
    for (Class<?> option : type.getPermittedSubclasses()) {
      if (option.isSealed() && option.isInterface()) {
        permitted(option, options, where);
      } else if (option.isRecord()) {
        options.add(record(option));
      } else {
        throw new IllegalArgumentException(
            "component "
                + where
                + " cannot be stored: "
                + option.getName()
                + ", permitted by "
                + type.getSimpleName()
                + ", is neither a record nor a sealed interface");
      }
    }
  }

  private record OfRecord<V extends Row>(TableId<V> table, RecordShape shape)
      implements RowCodec<V> {
    @Override
    public void encode(V row, ByteSink out) {
      shape.writeFields(row, out);
    }

    @Override
    public V decode(ByteReader in) {
      V row;
      try {
        row = table.type().cast(shape.readFields(in));
      } catch (NullPointerException | IllegalArgumentException e) {
        throw new StoreException.Damaged("a stored row of table " + table + " is refused", e);
      }
      if (!in.atEnd()) {
        throw new StoreException.Damaged(
            "a stored row of table " + table + " has " + in.remaining() + " bytes too many");
      }
      return row;
    }
  }
}
