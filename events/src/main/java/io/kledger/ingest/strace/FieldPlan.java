package io.kledger.ingest.strace;

import io.kledger.abi.ConstantGroup;
import io.kledger.abi.Constants;
import io.kledger.event.EventClasses;
import java.util.List;
import java.util.Map;
import org.apache.avro.JsonProperties;
import org.apache.avro.Schema;

/** What the schema says of one field: which values fit, and how they are printed. */
final class FieldPlan {
  /** How a number is printed. */
  enum Base {
    DECIMAL,
    OCTAL,
    HEX,
    DEVICE,
    FLAGS,
    CONSTANT
  }

  final int index;

  /** Name of the field, and what strace prints before the {@code =}. */
  final String name;

  final byte[] label;

  /** Printed with its name even as an argument, as those of clone(2). */
  final boolean labelled;

  final boolean nullable;
  final boolean out;
  final boolean rest;

  /** What the call wrote into the memory of the field before it: the second half of {@code =>}. */
  final boolean writeback;

  /** Set by the {@code @} before the name of a socket, not a value of its own. */
  final boolean abstractMark;

  /** May be left out at the end of the arguments. */
  final boolean optional;

  /** Printed as NULL where others are left out. */
  final boolean always;

  /** Left out of a structure when it is zero. */
  final boolean omitZero;

  final Base base;
  final ConstantGroup group;

  /** Another argument that decides the group: its index, and the group of each of its values. */
  final String selector;

  final Map<Long, ConstantGroup> groupsBySelector;

  boolean number;
  boolean text;
  boolean raw;
  boolean fd;
  RecordPlan record;
  boolean numbers;
  boolean texts;
  boolean fds;
  RecordPlan records;

  /** Value of a field that is not printed, null if a fresh record has it already. */
  final Object initial;

  final boolean required;

  FieldPlan(Schema.Field field) {
    index = field.pos();
    name = field.name();
    String arg = field.getProp("arg");
    label = ValueParser.ascii(arg == null ? name : arg);
    labelled = arg != null;
    out = Boolean.TRUE.equals(field.getObjectProp("out"));
    rest = Boolean.TRUE.equals(field.getObjectProp("rest"));
    writeback = Boolean.TRUE.equals(field.getObjectProp("writeback"));
    abstractMark = Boolean.TRUE.equals(field.getObjectProp("abstract"));
    optional = optional(field);
    always = Boolean.TRUE.equals(field.getObjectProp("always"));
    omitZero = Boolean.TRUE.equals(field.getObjectProp("omitZero"));
    base = base(field);
    String named = base == Base.FLAGS ? field.getProp("flags") : field.getProp("const");
    group = named == null ? null : Constants.group(named);
    selector = field.getProp("selector");
    groupsBySelector = groups(field);
    boolean canBeNull = false;
    for (Schema type : types(field.schema())) {
      canBeNull |= type.getType() == Schema.Type.NULL;
      accept(type);
    }
    nullable = canBeNull;
    required = !field.hasDefaultValue();
    initial = required ? null : initial(field);
  }

  private static boolean optional(Schema.Field field) {
    boolean number = types(field.schema()).stream().anyMatch(t -> t.getType() == Schema.Type.LONG);
    return field.hasDefaultValue()
        && (number || Boolean.TRUE.equals(field.getObjectProp("optional")));
  }

  private static Base base(Schema.Field field) {
    if (field.getProp("flags") != null) {
      return Base.FLAGS;
    }
    if (field.getProp("const") != null) {
      return Base.CONSTANT;
    }
    String kind = field.getProp("kind");
    if (kind == null) {
      return Base.DECIMAL;
    }
    return switch (kind) {
      case "octal" -> Base.OCTAL;
      case "hex" -> Base.HEX;
      case "dev" -> Base.DEVICE;
      default -> throw new IllegalArgumentException("kind " + kind + " of " + field.name());
    };
  }

  private static Object initial(Schema.Field field) {
    Object value =
        field.defaultVal() == JsonProperties.NULL_VALUE
            ? null
            : EventClasses.MODEL.getDefaultValue(field);
    // What a fresh record has anyway need not be set.
    return Long.valueOf(0).equals(value) || Boolean.FALSE.equals(value) ? null : value;
  }

  private static Map<Long, ConstantGroup> groups(Schema.Field field) {
    if (!(field.getObjectProp("groups") instanceof Map<?, ?> names)) {
      return Map.of();
    }
    var groups = new java.util.HashMap<Long, ConstantGroup>();
    names.forEach(
        (value, name) ->
            groups.put(Constants.value((String) value), Constants.group((String) name)));
    return groups;
  }

  private static List<Schema> types(Schema schema) {
    return schema.getType() == Schema.Type.UNION ? schema.getTypes() : List.of(schema);
  }

  private void accept(Schema type) {
    switch (type.getType()) {
      case NULL, BOOLEAN -> {}
      case LONG, INT -> number = true;
      case RECORD -> {
        switch (type.getName()) {
          case "Text" -> text = true;
          case "Raw" -> raw = true;
          case "Fd" -> fd = true;
          default -> record = RecordPlan.of(type);
        }
      }
      case ARRAY -> {
        Schema element = type.getElementType();
        switch (element.getType()) {
          case LONG, INT -> numbers = true;
          case RECORD -> {
            switch (element.getName()) {
              case "Text" -> texts = true;
              case "Fd" -> fds = true;
              default -> records = RecordPlan.of(element);
            }
          }
          default -> throw new IllegalArgumentException("array of " + element + " in " + name);
        }
      }
      default -> throw new IllegalArgumentException(type + " in " + name);
    }
  }

  /** Whether the field takes an argument of its own. */
  boolean positional() {
    return !writeback && !rest && !abstractMark;
  }
}
