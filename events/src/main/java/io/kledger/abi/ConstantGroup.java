package io.kledger.abi;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The names that one flag word or enumerated argument can have, in the order strace prints them.
 */
public final class ConstantGroup {
  /** A constant: its name and its bits. */
  public record Constant(String name, long value) {}

  /** A part of the word that is a number, not bits. */
  record Field(long mask, List<Constant> constants) {}

  private final String name;
  private final List<Field> fields;
  private final List<Constant> bits;
  private final Constant zero;
  private final long octal;
  private final long tailMask;
  private final ConstantGroup tail;
  private final boolean ioctl;
  private final NameTable<Long> values;

  ConstantGroup(Builder builder, Map<String, Long> values) {
    name = builder.name;
    fields = List.copyOf(builder.fields);
    bits = List.copyOf(builder.bits);
    zero = builder.zero;
    octal = builder.octal;
    tailMask = builder.tailMask;
    tail = builder.tail;
    ioctl = builder.ioctl;
    this.values = new NameTable<>(values);
  }

  /** What a group is made of, while its lines are read. */
  static final class Builder {
    final String name;
    final List<Field> fields = new ArrayList<>();
    final List<Constant> bits = new ArrayList<>();
    Constant zero;
    long octal;
    long tailMask;
    ConstantGroup tail;
    boolean ioctl;

    Builder(String name) {
      this.name = name;
    }
  }

  /** The name by which schemas refer to the group. */
  public String name() {
    return name;
  }

  /** The value of the name at {@code bytes[from, to)}, null if this group has no such name. */
  public Long value(byte[] bytes, int from, int to) {
    return values.get(bytes, from, to);
  }

  /** The name of exactly this value, null if there is none. */
  public String nameOf(long value) {
    for (Field field : fields) {
      for (Constant c : field.constants) {
        if (c.value == value) {
          return c.name;
        }
      }
    }
    for (Constant c : bits) {
      if (c.value == value) {
        return c.name;
      }
    }
    return zero != null && value == zero.value ? zero.name : null;
  }

  /** An enumerated value as strace prints it: its name, or the number. */
  public String constant(long value) {
    String known = nameOf(value);
    if (known != null) {
      return known;
    }
    return ioctl && value >>> 32 == 0 ? ioc(value) : number(value);
  }

  /** The name of exactly this value, or the names of its bits. */
  public String constantOrFlags(long value) {
    String known = fields.isEmpty() ? nameOf(value) : null;
    return known != null ? known : flags(value);
  }

  /**
   * A bit mask as strace prints it: {@code O_RDWR|O_CREAT}, what has no name as a hexadecimal
   * number.
   */
  public String flags(long value) {
    StringBuilder out = new StringBuilder();
    long rest = value;
    if (zero != null && value == 0) {
      return zero.name;
    }
    for (Field field : fields) {
      for (Constant c : field.constants) {
        if ((rest & field.mask) == c.value && (c.value != 0 || (value & field.mask) == 0)) {
          append(out, c.name);
          rest &= ~c.value;
          break;
        }
      }
    }
    for (Constant c : bits) {
      if (c.value != 0 && (rest & c.value) == c.value) {
        append(out, c.name);
        rest &= ~c.value;
      }
    }
    long last = rest & tailMask;
    rest &= ~tailMask;
    if (octal != 0) {
      String digits = Long.toOctalString(rest & octal);
      append(out, digits.length() < 3 ? "000".substring(digits.length()) + digits : "0" + digits);
      rest &= ~octal;
    }
    if (rest != 0) {
      append(out, "0x" + Long.toHexString(rest));
    }
    if (last != 0) {
      append(out, tail.constant(last));
    }
    return out.isEmpty() ? "0" : out.toString();
  }

  private static String ioc(long value) {
    String[] directions = {"_IOC_NONE", "_IOC_WRITE", "_IOC_READ", "_IOC_READ|_IOC_WRITE"};
    return "_IOC("
        + directions[(int) (value >>> 30)]
        + ", "
        + number(value >>> 8 & 0xff)
        + ", "
        + number(value & 0xff)
        + ", "
        + number(value >>> 16 & 0x3fff)
        + ")";
  }

  private static void append(StringBuilder out, String part) {
    if (!out.isEmpty()) {
      out.append('|');
    }
    out.append(part);
  }

  private static String number(long value) {
    return value >= 0 && value < 10 ? Long.toString(value) : "0x" + Long.toHexString(value);
  }
}
