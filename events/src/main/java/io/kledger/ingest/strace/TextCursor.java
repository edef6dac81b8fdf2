package io.kledger.ingest.strace;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A place in the text of a line, and the steps over its smallest parts. */
class TextCursor {
  private static final byte[] DELETED = ascii("(deleted)");

  /** The text is {@code s[..end)}; {@code i} is the place. */
  byte[] s;

  int end;
  int i;

  /** A place where the text is not what it should be; never leaves this package. */
  static final class Mismatch extends Exception {
    private static final long serialVersionUID = 1L;
    final int at;

    Mismatch(int at, String expected) {
      super(expected, null, false, false);
      this.at = at;
    }
  }

  final long digits() {
    long n = 0;
    if (i == end) {
      return n;
    }
    if (s[i] == '0' && i + 1 < end && s[i + 1] == 'x') {
      int start = i;
      i += 2;
      while (i < end && Escapes.hex(s[i]) >= 0) {
        n = n << 4 | Escapes.hex(s[i++]);
      }
      if (i == start + 2) {
        i = start + 1;
      }
      return n;
    }
    if (s[i] == '0') {
      while (i < end && s[i] >= '0' && s[i] <= '7') {
        n = n << 3 | s[i++] - '0';
      }
      return n;
    }
    while (i < end && s[i] >= '0' && s[i] <= '9') {
      n = n * 10 + s[i++] - '0';
    }
    return n;
  }

  /** Skips one comment, and the blank before it. */
  final boolean comment() throws Mismatch {
    if (i + 3 < end && s[i] == ' ' && s[i + 1] == '/' && s[i + 2] == '*') {
      i++;
      skipComment();
      return true;
    }
    return false;
  }

  /** Skips a comment; 6.1 prints one within another for unknown flags of memfd_create. */
  final void skipComment() throws Mismatch {
    int start = i;
    int nested = 0;
    while (i + 1 < end) {
      if (s[i] == '/' && s[i + 1] == '*') {
        nested++;
        i += 2;
      } else if (s[i] == '*' && s[i + 1] == '/') {
        i += 2;
        if (--nested == 0) {
          return;
        }
      } else {
        i++;
      }
    }
    throw new Mismatch(start, "comment does not end");
  }

  /** Skips {@code <...>} and returns the end of its text. */
  final int annotation() throws Mismatch {
    int to = new AnnotationScanner(s, end).end(i);
    i = to + 1;
    if (at(DELETED)) {
      i += DELETED.length;
      return i;
    }
    return to;
  }

  final int trimmed(int from) {
    int to = i;
    while (to > from && s[to - 1] == ' ') {
      to--;
    }
    return to;
  }

  final void skipWord() {
    while (i < end && wordByte(s[i])) {
      i++;
    }
  }

  final void skipBlanks() {
    while (i < end && s[i] == ' ') {
      i++;
    }
  }

  final boolean at(byte[] text) {
    return i + text.length <= end
        && s[i] == text[0]
        && Arrays.equals(s, i, i + text.length, text, 0, text.length);
  }

  static boolean delimiter(byte c) {
    return c == ',' || c == ')' || c == '}' || c == ']';
  }

  static boolean wordByte(byte c) {
    return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_';
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
