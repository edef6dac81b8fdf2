package io.kledger.ingest.strace;

import io.kledger.abi.ConstantGroup;
import io.kledger.abi.Constants;
import io.kledger.abi.DeviceNumber;

/**
 * Evaluates what strace prints where the kernel has a number: {@code O_RDWR|O_CREAT}, {@code
 * makedev(0x8, 0)}, {@code 1<<CAP_KILL}, {@code QCMD(Q_SYNC, USRQUOTA)}, {@code FIOCLEX or
 * FICLONE}, with comments anywhere.
 */
final class Expression {
  private static final int MAX_DEPTH = 16;

  private final byte[] s;
  private final int end;
  private final ConstantGroup group;
  private int i;
  private int depth;

  private Expression(byte[] s, int from, int to, ConstantGroup group) {
    this.s = s;
    this.i = from;
    this.end = to;
    this.group = group;
  }

  /**
   * The value of the text.
   *
   * @param group where names are looked up first; null for any
   */
  static long evaluate(byte[] s, int from, int to, ConstantGroup group) throws BindException {
    if (to > from && wordOnly(s, from, to)) {
      // The usual case, one name, without an object for the parser.
      return named(s, from, to, group);
    }
    Expression expression = new Expression(s, from, to, group);
    long value = expression.alternatives();
    if (expression.i != to) {
      throw expression.failure();
    }
    return value;
  }

  private static boolean wordOnly(byte[] s, int from, int to) {
    if (s[from] >= '0' && s[from] <= '9') {
      return false;
    }
    for (int i = from; i < to; i++) {
      if (!ValueParser.wordByte(s[i])) {
        return false;
      }
    }
    return true;
  }

  private static long named(byte[] s, int from, int to, ConstantGroup group) throws BindException {
    Long value = group == null ? null : group.value(s, from, to);
    if (value == null) {
      value = Constants.value(s, from, to);
      if (value == null) {
        throw new BindException("unknown constant " + BindException.quote(s, from, to));
      }
    }
    return value;
  }

  /** {@code A or B}: two names of one number. */
  private long alternatives() throws BindException {
    long value = union();
    while (i + 3 < end && s[i] == 'o' && s[i + 1] == 'r' && s[i + 2] == ' ') {
      i += 3;
      union();
    }
    return value;
  }

  private long union() throws BindException {
    if (i < end && s[i] == '|') {
      // -X raw of statx begins with the separator.
      i++;
    }
    long value = product();
    while (i < end && s[i] == '|') {
      i++;
      value |= product();
    }
    return value;
  }

  private long product() throws BindException {
    long value = factor();
    while (i < end) {
      if (s[i] == '*') {
        i++;
        value *= factor();
      } else if (s[i] == '<' && i + 1 < end && s[i + 1] == '<') {
        i += 2;
        value <<= factor();
      } else {
        break;
      }
    }
    return value;
  }

  private long factor() throws BindException {
    skip();
    if (i == end || ++depth > MAX_DEPTH) {
      throw failure();
    }
    byte c = s[i];
    long value;
    if (c >= '0' && c <= '9') {
      value = number();
    } else if (c == '-') {
      i++;
      value = -factor();
    } else if (ValueParser.wordByte(c)) {
      value = word();
    } else {
      throw failure();
    }
    skip();
    depth--;
    return value;
  }

  private long number() throws BindException {
    long n = 0;
    if (s[i] == '0' && i + 1 < end && s[i + 1] == 'x') {
      i += 2;
      int start = i;
      while (i < end && Escapes.hex(s[i]) >= 0) {
        n = n << 4 | Escapes.hex(s[i++]);
      }
      if (i == start) {
        throw failure();
      }
    } else {
      int base = s[i] == '0' ? 8 : 10;
      while (i < end && s[i] >= '0' && s[i] <= '9') {
        n = n * base + s[i++] - '0';
      }
    }
    if (i < end && ValueParser.wordByte(s[i])) {
      throw failure();
    }
    return n;
  }

  private long word() throws BindException {
    int from = i;
    while (i < end && ValueParser.wordByte(s[i])) {
      i++;
    }
    int to = i;
    if (i < end && s[i] == '(') {
      return function(new String(s, from, to - from, java.nio.charset.StandardCharsets.US_ASCII));
    }
    return named(s, from, to, group);
  }

  private long function(String name) throws BindException {
    long[] args = new long[4];
    int n = 0;
    do {
      i++;
      if (n == args.length) {
        throw failure();
      }
      args[n++] = union();
    } while (i < end && s[i] == ',');
    if (i == end || s[i] != ')') {
      throw failure();
    }
    i++;
    return switch (name + "/" + n) {
      case "makedev/2" -> DeviceNumber.of(args[0], args[1]);
      case "QCMD/2" -> args[0] << 8 | args[1] & 0xff;
      case "_IOC/4" -> args[0] << 30 | args[3] << 16 | args[1] << 8 | args[2];
      case "_IO/2" -> args[0] << 8 | args[1];
      default -> throw new BindException("unknown function " + name);
    };
  }

  /** Skips blanks and comments. */
  private void skip() {
    while (i < end) {
      if (s[i] == ' ') {
        i++;
      } else if (s[i] == '/' && i + 1 < end && s[i + 1] == '*') {
        i += 2;
        while (i < end && !(s[i - 1] == '*' && s[i] == '/')) {
          i++;
        }
        i = Math.min(end, i + 1);
      } else {
        return;
      }
    }
  }

  private BindException failure() {
    return new BindException("not a number: " + BindException.quote(s, i, end));
  }
}
