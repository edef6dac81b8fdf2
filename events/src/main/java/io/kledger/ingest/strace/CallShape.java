package io.kledger.ingest.strace;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Which arguments a system call has, for readers of sources that show argument words only. */
public final class CallShape {
  /** What an argument is, as far as its word tells. */
  public enum Kind {
    /** The word itself. */
    NUMBER,
    /** A file descriptor. */
    FD,
    /** The address of a string. */
    TEXT,
    /** The address of anything else. */
    POINTER
  }

  /**
   * An argument.
   *
   * @param name the record's field
   * @param label printed with this and {@code =} before it; null: by its place alone
   * @param flags a set of bits or an address: never negative
   * @param optional may be left out, with all after it
   */
  public record Argument(
      String name, String label, Kind kind, boolean flags, boolean nullable, boolean optional) {}

  private CallShape() {}

  /** The arguments in order; null if the call has no record. Allocates; keep it. */
  public static List<Argument> of(String call) {
    byte[] bytes = call.getBytes(StandardCharsets.ISO_8859_1);
    CallTable.Entry entry = CallTable.find(bytes, 0, bytes.length);
    if (entry == null || entry.plan() == null) {
      return null;
    }
    List<Argument> arguments = new ArrayList<>();
    for (FieldPlan field : entry.plan().fields) {
      if (field.positional()) {
        Kind kind = field.fd ? Kind.FD : kind(field);
        boolean bits = field.base == FieldPlan.Base.FLAGS || field.base == FieldPlan.Base.HEX;
        String label = field.labelled ? new String(field.label, StandardCharsets.US_ASCII) : null;
        arguments.add(new Argument(field.name, label, kind, bits, field.nullable, field.optional));
      }
    }
    return arguments;
  }

  private static Kind kind(FieldPlan field) {
    if (field.number) {
      return Kind.NUMBER;
    }
    return field.text && !field.out ? Kind.TEXT : Kind.POINTER;
  }
}
