package io.kledger.abi;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** All named constants, by group: {@code constants.txt}. */
public final class Constants {
  private static final Map<String, ConstantGroup> GROUPS = new HashMap<>();
  private static final NameTable<Long> ALL;

  static {
    Map<String, Long> all = new LinkedHashMap<>();
    ConstantGroup.Builder builder = null;
    Map<String, Long> values = new LinkedHashMap<>();
    for (String line : Resources.lines("constants.txt")) {
      if (line.startsWith("[")) {
        finish(builder, values);
        builder = new ConstantGroup.Builder(line.substring(1, line.length() - 1));
        values = new LinkedHashMap<>();
      } else {
        read(line.split(" "), builder, values);
        values.forEach(all::putIfAbsent);
      }
    }
    finish(builder, values);
    ALL = new NameTable<>(all);
  }

  private Constants() {}

  private static void finish(ConstantGroup.Builder builder, Map<String, Long> values) {
    if (builder != null) {
      GROUPS.put(builder.name, new ConstantGroup(builder, values));
    }
  }

  private static void read(
      String[] words, ConstantGroup.Builder builder, Map<String, Long> values) {
    int from =
        switch (words[0]) {
          case "field" -> 2;
          case "alias", "zero" -> 1;
          case "octal" -> {
            builder.octal = Long.decode(words[1]);
            yield words.length;
          }
          case "tail" -> {
            builder.tailMask = Long.decode(words[1]);
            builder.tail = GROUPS.get(words[2]);
            yield words.length;
          }
          case "ioc" -> {
            builder.ioctl = true;
            yield words.length;
          }
          default -> 0;
        };
    var constants = new java.util.ArrayList<ConstantGroup.Constant>();
    for (int i = from; i + 1 < words.length; i += 2) {
      long value = parse(words[i + 1]);
      constants.add(new ConstantGroup.Constant(words[i], value));
      values.put(words[i], value);
    }
    switch (words[0]) {
      case "field" -> builder.fields.add(new ConstantGroup.Field(parse(words[1]), constants));
      case "zero" -> builder.zero = constants.getFirst();
      case "alias", "octal", "tail", "ioc" -> {}
      default -> builder.bits.addAll(constants);
    }
  }

  private static long parse(String number) {
    return number.startsWith("0x")
        ? Long.parseUnsignedLong(number.substring(2), 16)
        : Long.parseLong(number);
  }

  /** The group of that name; an unknown one is an error in the schema. */
  public static ConstantGroup group(String name) {
    ConstantGroup group = GROUPS.get(name);
    if (group == null) {
      throw new IllegalArgumentException("no group of constants named " + name);
    }
    return group;
  }

  /** The value of a name in any group, null if none has it. */
  public static Long value(byte[] bytes, int from, int to) {
    return ALL.get(bytes, from, to);
  }

  /** The value of a name in any group, null if none has it. */
  public static Long value(String name) {
    byte[] bytes = name.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    return ALL.get(bytes, 0, bytes.length);
  }
}
