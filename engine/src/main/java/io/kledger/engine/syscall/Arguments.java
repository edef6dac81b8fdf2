package io.kledger.engine.syscall;

import io.kledger.event.Bytes;
import io.kledger.event.avro.Raw;

/** Reads numbers out of arguments that no record describes: what strace printed. */
final class Arguments {
  private Arguments() {}

  /** The text of an argument; empty if there is none. */
  static String text(Raw raw) {
    return raw == null ? "" : Bytes.of(raw.getText()).latin1();
  }

  /** Whether an address is NULL, so that nothing can be read from it. */
  static boolean isNull(Raw raw) {
    return raw == null || text(raw).strip().equals("NULL");
  }

  /** A number, plain, in brackets, or before a comment; {@code otherwise} if it is none. */
  static long number(String text, long otherwise) {
    String word = text.strip();
    if (word.startsWith("[")) {
      word = word.substring(1);
    }
    int end = 0;
    while (end < word.length()
        && (Character.isLetterOrDigit(word.charAt(end)) || end == 0 && word.charAt(0) == '-')) {
      end++;
    }
    try {
      return Long.decode(word.substring(0, end));
    } catch (NumberFormatException e) {
      return otherwise;
    }
  }

  /** Sum of the iov_len members of an array of struct iovec. */
  static long vectorLength(Raw vectors) {
    String text = text(vectors);
    long sum = 0;
    int at = text.indexOf("iov_len=");
    while (at >= 0) {
      sum += number(text.substring(at + 8), 0);
      at = text.indexOf("iov_len=", at + 8);
    }
    return sum;
  }

  /** Whether a word is in a flag or option expression, by name or as its number. */
  static boolean is(Raw raw, String name, long value) {
    String text = text(raw);
    return text.contains(name) || number(text, -1) == value;
  }
}
