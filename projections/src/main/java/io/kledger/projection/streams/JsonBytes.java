package io.kledger.projection.streams;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Writes JSON, straight to bytes. Texts are bytes (one char a byte); what is not UTF-8 becomes
 * U+FFFD. Used by one thread.
 */
final class JsonBytes {
  private static final String HEX = "0123456789abcdef";

  private final ByteArrayOutputStream out = new ByteArrayOutputStream(512);

  void begin() {
    out.reset();
  }

  JsonBytes ascii(String text) {
    for (int i = 0; i < text.length(); i++) {
      out.write(text.charAt(i));
    }
    return this;
  }

  JsonBytes bytes(byte[] bytes) {
    out.write(bytes, 0, bytes.length);
    return this;
  }

  /** A text of the engine, as a string. */
  JsonBytes quoted(String latin1) {
    out.write('"');
    boolean plain = true;
    for (int i = 0; i < latin1.length() && plain; i++) {
      plain = plain(latin1.charAt(i));
    }
    if (plain) {
      ascii(latin1);
    } else {
      escaped(latin1.getBytes(StandardCharsets.ISO_8859_1));
    }
    out.write('"');
    return this;
  }

  private static boolean plain(int c) {
    return c >= ' ' && c < 0x7f && c != '"' && c != '\\';
  }

  /** A string for later, with its quotes. */
  byte[] string(byte[] text) {
    out.reset();
    out.write('"');
    escaped(text);
    out.write('"');
    return out.toByteArray();
  }

  private void escaped(byte[] text) {
    byte[] utf8 = valid(text);
    for (byte b : utf8) {
      int c = b & 0xff;
      if (c >= 0x80 || plain(c)) {
        out.write(c);
      } else if (c == '"' || c == '\\') {
        out.write('\\');
        out.write(c);
      } else {
        ascii("\\u00");
        out.write(HEX.charAt(c >> 4));
        out.write(HEX.charAt(c & 15));
      }
    }
  }

  private static byte[] valid(byte[] text) {
    boolean ascii = true;
    for (byte b : text) {
      ascii &= b >= 0;
    }
    if (ascii) {
      return text;
    }
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text));
      return text;
    } catch (CharacterCodingException e) {
      return new String(text, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8);
    }
  }

  byte[] toArray() {
    return out.toByteArray();
  }
}
