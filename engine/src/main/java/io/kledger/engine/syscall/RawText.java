package io.kledger.engine.syscall;

import io.kledger.event.Bytes;
import java.io.ByteArrayOutputStream;

/** Pieces of argument text: numbers, comments, strings with escapes, as strace prints them. */
final class RawText {
  private RawText() {}

  /** Without a trailing comment: {@code 0x1 /* NAME *}{@code /}. */
  static String withoutComment(String text) {
    int comment = text.indexOf("/*");
    return comment < 0 ? text : text.substring(0, comment);
  }

  /** A number: decimal, octal or hexadecimal, of up to 64 bits; null if the text is none. */
  static Long number(String text) {
    try {
      if (text.startsWith("0x")) {
        return Long.parseUnsignedLong(text.substring(2), 16);
      }
      if (text.length() > 1 && text.startsWith("0")) {
        return Long.parseUnsignedLong(text.substring(1), 8);
      }
      return text.startsWith("-") ? Long.parseLong(text) : Long.parseUnsignedLong(text);
    } catch (NumberFormatException e) {
      return null;
    }
  }

  /** The bytes that the body of a quoted string stands for. */
  static Bytes unescape(String body) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(body.length());
    for (int i = 0; i < body.length(); i++) {
      char c = body.charAt(i);
      if (c != '\\' || i + 1 == body.length()) {
        bytes.write(c);
        continue;
      }
      i = escape(body, i + 1, bytes);
    }
    return Bytes.of(bytes.toByteArray());
  }

  /** One escape sequence; returns the index of its last character. */
  private static int escape(String body, int at, ByteArrayOutputStream bytes) {
    char c = body.charAt(at);
    int end = at + 1;
    if (c == 'x') {
      while (end < body.length() && end < at + 3 && Character.digit(body.charAt(end), 16) >= 0) {
        end++;
      }
      bytes.write(end == at + 1 ? 'x' : Integer.parseInt(body.substring(at + 1, end), 16));
      return end - 1;
    }
    if (c >= '0' && c <= '7') {
      while (end < body.length() && end < at + 3 && Character.digit(body.charAt(end), 8) >= 0) {
        end++;
      }
      bytes.write(Integer.parseInt(body.substring(at, end), 8));
      return end - 1;
    }
    bytes.write(
        switch (c) {
          case 'n' -> '\n';
          case 't' -> '\t';
          case 'r' -> '\r';
          case 'v' -> 0x0b;
          case 'f' -> '\f';
          default -> c;
        });
    return at;
  }
}
