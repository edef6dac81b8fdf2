package io.kledger.ingest.strace;

import io.kledger.abi.ConstantGroup;
import io.kledger.abi.DeviceNumber;
import io.kledger.event.avro.Fd;
import io.kledger.event.avro.Raw;
import io.kledger.event.avro.Text;
import java.util.List;
import org.apache.avro.specific.SpecificRecordBase;

/** Prints records as {@code strace -X abbrev} does: what {@link CallBinder} reads. */
final class RecordWriter {
  private static final int AT_FDCWD = -100;

  private final TextBuffer out;

  RecordWriter(TextBuffer out) {
    this.out = out;
  }

  /** The arguments of fields {@code [from, to)}, separated by commas. */
  void arguments(SpecificRecordBase call, int from, int to) {
    RecordPlan plan = RecordPlan.of(call.getSchema());
    int last = lastPrinted(plan, call, to);
    boolean first = true;
    for (int i = from; i < last; i++) {
      FieldPlan field = plan.fields[i];
      Object value = call.get(i);
      if (!field.positional() || field.labelled && value == null && !field.always) {
        continue;
      }
      if (!first) {
        out.put(", ");
      }
      first = false;
      if (field.labelled) {
        out.put(field.label, 0, field.label.length).put('=');
      }
      value(plan, field, value, call);
      FieldPlan back = i + 1 < plan.fields.length ? plan.fields[i + 1] : null;
      if (back != null && back.writeback && call.get(i + 1) != null) {
        out.put(" => ");
        value(plan, back, call.get(i + 1), call);
      }
    }
  }

  /** Arguments that a program may leave out are not printed at the end of the list. */
  private static int lastPrinted(RecordPlan plan, SpecificRecordBase call, int to) {
    int last = to;
    // What is written back has no place of its own: it does not keep an argument before it.
    while (last > 0
        && (plan.fields[last - 1].optional || plan.fields[last - 1].writeback)
        && call.get(last - 1) == null) {
      last--;
    }
    return last;
  }

  private void structure(SpecificRecordBase record) {
    RecordPlan plan = RecordPlan.of(record.getSchema());
    out.put('{');
    boolean first = true;
    for (FieldPlan field : plan.fields) {
      Object value = record.get(field.index);
      boolean shown = value != null || field.always;
      if (!shown || field.abstractMark || field.omitZero && Long.valueOf(0).equals(value)) {
        continue;
      }
      if (!first) {
        out.put(", ");
      }
      first = false;
      if (!field.rest) {
        out.put(field.label, 0, field.label.length).put('=');
      }
      value(plan, field, value, record);
    }
    out.put('}');
  }

  private void value(RecordPlan plan, FieldPlan field, Object value, SpecificRecordBase owner) {
    switch (value) {
      case null -> out.put("NULL");
      case Text text -> {
        if (plan.abstractMark != null && Boolean.TRUE.equals(owner.get(plan.abstractMark.index))) {
          out.put('@');
        }
        text(text);
      }
      case Raw raw -> out.put(raw.getText());
      case Fd fd -> fd(fd);
      case Long number -> number(field, number, owner);
      case SpecificRecordBase record -> structure(record);
      case List<?> list -> list(list);
      default -> throw new IllegalArgumentException("cannot print " + value.getClass());
    }
  }

  private void list(List<?> list) {
    out.put('[');
    String separator = "";
    for (Object element : list) {
      out.put(separator);
      separator = ", ";
      switch (element) {
        case Text text -> text(text);
        case Fd fd -> fd(fd);
        case Long number -> out.put(Long.toString(number));
        case SpecificRecordBase record -> structure(record);
        default -> throw new IllegalArgumentException("cannot print " + element.getClass());
      }
    }
    out.put(']');
  }

  private void text(Text text) {
    if (text.getAddress() != null) {
      long address = text.getAddress();
      out.put(text.getCut() && address == 0 ? "..." : "0x" + Long.toHexString(address));
      return;
    }
    byte[] bytes = new byte[text.getValue().remaining()];
    text.getValue().get(text.getValue().position(), bytes);
    out.put('"');
    Escapes.escape(bytes, out);
    out.put(text.getCut() ? "\"..." : "\"");
  }

  private void fd(Fd fd) {
    out.put(fd.getNumber() == AT_FDCWD ? "AT_FDCWD" : Integer.toString(fd.getNumber()));
    target(fd.getTarget(), out);
  }

  /** The annotation of a descriptor; one of a deleted file brings its bracket along. */
  static void target(java.nio.ByteBuffer target, TextBuffer out) {
    if (target == null) {
      return;
    }
    out.put('<').put(target);
    int end = target.limit();
    if (target.remaining() < 10 || target.get(end - 10) != '>' || target.get(end - 1) != ')') {
      out.put('>');
    }
  }

  private void number(FieldPlan field, long value, SpecificRecordBase owner) {
    ConstantGroup group = field.group;
    if (field.selector != null) {
      group =
          field.groupsBySelector.get(owner.get(owner.getSchema().getField(field.selector).pos()));
      if (group != null) {
        out.put(group.constantOrFlags(value));
        return;
      }
    }
    out.put(
        switch (field.base) {
          case FLAGS -> group.flags(value);
          case CONSTANT -> group.constant(value);
          case OCTAL -> octal(value);
          case HEX -> value == 0 ? "0" : "0x" + Long.toHexString(value);
          case DEVICE ->
              "makedev("
                  + hex(DeviceNumber.major(value))
                  + ", "
                  + hex(DeviceNumber.minor(value))
                  + ")";
          case DECIMAL -> Long.toString(value);
        });
  }

  private static String hex(int number) {
    return number == 0 ? "0" : "0x" + Integer.toHexString(number);
  }

  private static String octal(long value) {
    String digits = Long.toOctalString(value);
    return digits.length() < 3 ? "000".substring(digits.length()) + digits : "0" + digits;
  }
}
