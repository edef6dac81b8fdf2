package io.kledger.cli.render;

import io.kledger.event.Bytes;
import java.util.List;

/** Values as text for people: nothing in a name may steer the terminal or break a line. */
public final class Plain {
  private Plain() {}

  /** A value in a cell. */
  public static String cell(Object value) {
    return switch (value) {
      case null -> "";
      case Bytes bytes -> safe(bytes);
      case List<?> list -> String.join(" ", list.stream().map(Plain::cell).toList());
      case Boolean truth -> truth ? "yes" : "";
      default -> safe(value.toString());
    };
  }

  /** Bytes as UTF-8 with control characters and wrong bytes as {@code \xNN}. */
  public static String safe(Bytes bytes) {
    String text = Json.decode(bytes);
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            c -> {
              if (c >= 0xdc80 && c <= 0xdcff) {
                out.append("\\x%02x".formatted(c - 0xdc00));
              } else {
                append(out, c);
              }
            });
    return out.toString();
  }

  /** A text without control characters. */
  public static String safe(String text) {
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints().forEach(c -> append(out, c));
    return out.toString();
  }

  private static void append(StringBuilder out, int c) {
    if (c < 0x20 || c == 0x7f) {
      out.append("\\x%02x".formatted(c));
    } else if (c >= 0x80 && c < 0xa0 || Character.getType(c) == Character.FORMAT) {
      out.append("\\u%04x".formatted(c));
    } else {
      out.appendCodePoint(c);
    }
  }
}
