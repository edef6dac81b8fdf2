package io.kledger.ingest.strace;

import io.kledger.abi.Errno;
import io.kledger.event.Bytes;
import io.kledger.event.avro.OpaqueCall;
import io.kledger.event.avro.Outcome;
import java.util.List;
import org.apache.avro.specific.SpecificRecordBase;

/**
 * Prints calls as {@code strace -X abbrev} does: the inverse of the parser. Parsing what is printed
 * gives the same record again.
 */
public final class CallRenderer {
  private static final long LARGEST_DECIMAL = 1L << 32;

  private CallRenderer() {}

  /** The name of the system call of a record, or of an {@code OpaqueCall}. */
  public static String name(Object call) {
    return call instanceof OpaqueCall opaque
        ? opaque.getName()
        : ((SpecificRecordBase) call).getSchema().getProp("syscall");
  }

  /** The text between the parentheses. */
  public static Bytes arguments(Object call) {
    TextBuffer out = new TextBuffer();
    arguments(call, out);
    return out.toBytes();
  }

  /** The arguments as values, to be compared with those of a parsed line. */
  public static List<Value> values(Object call) {
    byte[] text = arguments(call).toArray();
    try {
      return new ValueParser(Integer.MAX_VALUE).arguments(text, 0, text.length, true);
    } catch (TextCursor.Mismatch e) {
      throw new IllegalArgumentException("raw text that is no value in " + name(call), e);
    }
  }

  /** {@code name(arguments) = result}; without the result if there is none. */
  public static Bytes line(Object call, Outcome outcome) {
    TextBuffer out = new TextBuffer();
    out.put(name(call)).put('(');
    arguments(call, out);
    out.put(')');
    if (outcome != null) {
      out.put(" = ");
      result(outcome, out);
    }
    return out.toBytes();
  }

  /** The text after {@code = }. */
  public static Bytes result(Outcome outcome) {
    TextBuffer out = new TextBuffer();
    result(outcome, out);
    return out.toBytes();
  }

  static void arguments(Object call, TextBuffer out) {
    if (call instanceof OpaqueCall opaque) {
      out.put(opaque.getArguments());
    } else {
      SpecificRecordBase record = (SpecificRecordBase) call;
      new RecordWriter(out).arguments(record, 0, record.getSchema().getFields().size());
    }
  }

  /** The arguments that strace prints when the call is entered: those before the first result. */
  static void entered(Object call, TextBuffer out) {
    if (call instanceof SpecificRecordBase record && !(call instanceof OpaqueCall)) {
      int split = split(record);
      new RecordWriter(out).arguments(record, 0, split);
      if (split > 0 && split < record.getSchema().getFields().size()) {
        out.put(", ");
      }
    } else {
      arguments(call, out);
    }
  }

  /** The other arguments, which strace prints when the call returns. */
  static void resumed(Object call, TextBuffer out) {
    if (call instanceof SpecificRecordBase record && !(call instanceof OpaqueCall)) {
      int end = record.getSchema().getFields().size();
      new RecordWriter(out).arguments(record, split(record), end);
    } else {
      arguments(call, out);
    }
  }

  private static int split(SpecificRecordBase record) {
    RecordPlan plan = RecordPlan.of(record.getSchema());
    for (FieldPlan field : plan.fields) {
      if (field.out && field.positional()) {
        return field.index;
      }
    }
    return plan.fields.length;
  }

  static void result(Outcome outcome, TextBuffer out) {
    int error = outcome.getError();
    if (error >= Errno.ERESTARTSYS) {
      out.put("? ");
    } else if (outcome.getUnknown()) {
      out.put('?');
    } else {
      out.put(number(outcome));
    }
    RecordWriter.target(outcome.getTarget(), out);
    if (outcome.getTracerPid() != null) {
      out.put(" /* " + outcome.getTracerPid() + " in strace's PID NS */");
    }
    if (error != 0) {
      String text = Errno.text(error);
      out.put(error >= Errno.ERESTARTSYS ? "" : " ");
      out.put(text.isEmpty() ? "(errno " + error + ")" : Errno.name(error) + " (" + text + ")");
    }
    if (outcome.getDetail() != null) {
      out.put(' ').put(outcome.getDetail());
    }
  }

  /** Addresses and status flags are hexadecimal, all else is decimal. */
  private static String number(Outcome outcome) {
    long value = outcome.getValue();
    boolean flags =
        outcome.getDetail() != null && Bytes.of(outcome.getDetail()).startsWith(Bytes.of("(flags"));
    return flags || Math.abs(value) >= LARGEST_DECIMAL
        ? "0x" + Long.toHexString(value)
        : Long.toString(value);
  }
}
