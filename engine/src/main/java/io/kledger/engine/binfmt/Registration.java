package io.kledger.engine.binfmt;

import io.kledger.event.Bytes;
import io.kledger.ingest.strace.Escapes;

/**
 * What is written to {@code register}: {@code :name:type:offset:magic:mask:interpreter:flags}, with
 * any first character for the colon (create_entry()).
 */
record Registration(
    Bytes name,
    boolean byExtension,
    Bytes magic,
    Bytes mask,
    int offset,
    Bytes interpreter,
    String flags) {
  private static final int SHORTEST = 11;
  private static final int LONGEST = 1920;
  private static final int INTERPRETER_MAX = 127;

  /** BINPRM_BUF_SIZE: as much of a file is looked at. */
  private static final int LOOKED_AT = 256;

  /** Null if it is malformed. */
  static Registration parse(Bytes text) {
    if (text.length() < SHORTEST || text.length() > LONGEST) {
      return null;
    }
    int delimiter = text.at(0);
    Bytes[] fields = new Bytes[6];
    int at = 1;
    for (int i = 0; i < fields.length; i++) {
      int end = text.indexOf(delimiter, at);
      if (end < 0) {
        return null;
      }
      fields[i] = text.slice(at, end);
      at = end + 1;
    }
    String flags = text.slice(at, text.length()).latin1();
    if (flags.endsWith("\n")) {
      flags = flags.substring(0, flags.length() - 1);
    }
    return fields(fields, flags);
  }

  private static Registration fields(Bytes[] fields, String flags) {
    Bytes name = fields[0];
    String type = fields[1].latin1();
    boolean extension = type.equals("E");
    if (!goodName(name) || !extension && !type.equals("M") || !flags.matches("[POCF]*")) {
      return null;
    }
    Bytes interpreter = fields[5];
    if (interpreter.isEmpty() || interpreter.length() > INTERPRETER_MAX) {
      return null;
    }
    if (extension) {
      boolean bad = fields[3].isEmpty() || fields[3].indexOf('/', 0) >= 0;
      return bad
          ? null
          : new Registration(name, true, fields[3], Bytes.EMPTY, 0, interpreter, flags);
    }
    int offset = offset(fields[2].latin1());
    Bytes magic = unescaped(fields[3]);
    Bytes mask = unescaped(fields[4]);
    boolean bad =
        offset < 0
            || magic.isEmpty()
            || offset + magic.length() > LOOKED_AT
            || !mask.isEmpty() && mask.length() != magic.length();
    return bad ? null : new Registration(name, false, magic, mask, offset, interpreter, flags);
  }

  private static boolean goodName(Bytes name) {
    String text = name.latin1();
    return !text.isEmpty() && !text.equals(".") && !text.equals("..") && text.indexOf('/') < 0;
  }

  private static int offset(String text) {
    if (text.isEmpty()) {
      return 0;
    }
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  /** string_unescape() with hexadecimal escapes. */
  private static Bytes unescaped(Bytes text) {
    byte[] bytes = text.toArray();
    return Bytes.of(Escapes.unescape(bytes, 0, bytes.length));
  }
}
