package io.kledger.ingest.strace;

import java.util.Arrays;

/**
 * The escape sequences of strace's strings: those of C, octal of one to three digits, {@code \xhh}.
 */
public final class Escapes {
  private static final byte[] HEX =
      "0123456789abcdef".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

  private Escapes() {}

  /** The bytes that an escaped string stands for. */
  public static byte[] unescape(byte[] s, int from, int to) {
    byte[] out = new byte[to - from];
    int n = 0;
    int i = from;
    while (i < to) {
      byte c = s[i++];
      if (c != '\\' || i == to) {
        out[n++] = c;
        continue;
      }
      c = s[i++];
      if (c == 'x') {
        int value = 0;
        int digits = 0;
        while (digits < 2 && i < to && hex(s[i]) >= 0) {
          value = value << 4 | hex(s[i++]);
          digits++;
        }
        out[n++] = digits == 0 ? (byte) 'x' : (byte) value;
      } else if (c >= '0' && c <= '7') {
        int value = c - '0';
        for (int digits = 1; digits < 3 && i < to && s[i] >= '0' && s[i] <= '7'; digits++) {
          value = value << 3 | s[i++] - '0';
        }
        out[n++] = (byte) value;
      } else {
        out[n++] = single(c);
      }
    }
    return n == out.length ? out : Arrays.copyOf(out, n);
  }

  /** Bytes as {@code --strings-in-hex=non-ascii-chars} prints them, without the quotes. */
  public static String escaped(byte[] bytes) {
    StringBuilder out = new StringBuilder(bytes.length);
    for (byte b : bytes) {
      switch (b) {
        case '"', '\\' -> out.append('\\').append((char) b);
        case '\n' -> out.append("\\n");
        case '\t' -> out.append("\\t");
        case '\r' -> out.append("\\r");
        case 0x0b -> out.append("\\v");
        case '\f' -> out.append("\\f");
        default -> {
          if (b >= ' ' && b < 0x7f) {
            out.append((char) b);
          } else {
            out.append("\\x").append((char) HEX[b >> 4 & 15]).append((char) HEX[b & 15]);
          }
        }
      }
    }
    return out.toString();
  }

  private static byte single(byte c) {
    return switch (c) {
      case 'n' -> '\n';
      case 't' -> '\t';
      case 'r' -> '\r';
      case 'v' -> 0x0b;
      case 'f' -> '\f';
      case 'a' -> 7;
      case 'b' -> '\b';
      case 'e' -> 0x1b;
      default -> c;
    };
  }

  static int hex(byte c) {
    if (c >= '0' && c <= '9') {
      return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
      return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  }

  /** Writes bytes as {@code --strings-in-hex=non-ascii-chars} does, without the quotes. */
  static void escape(byte[] bytes, TextBuffer out) {
    for (byte b : bytes) {
      switch (b) {
        case '"', '\\' -> out.put('\\').put(b);
        case '\n' -> out.put('\\').put('n');
        case '\t' -> out.put('\\').put('t');
        case '\r' -> out.put('\\').put('r');
        case 0x0b -> out.put('\\').put('v');
        case '\f' -> out.put('\\').put('f');
        default -> {
          if (b >= ' ' && b < 0x7f) {
            out.put(b);
          } else {
            out.put('\\').put('x').put(HEX[b >> 4 & 15]).put(HEX[b & 15]);
          }
        }
      }
    }
  }
}
