package io.kledger.cli.render;

import io.kledger.event.Bytes;
import io.kledger.view.Sheet;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Values as JSON. Bytes that are not UTF-8 become text with each wrong byte as a code point of
 * U+DC80 to U+DCFF, so that nothing is lost.
 */
public final class Json {
  private Json() {}

  /** One row as an object. */
  public static String object(List<String> columns, List<Object> row) {
    StringBuilder out = new StringBuilder("{");
    for (int i = 0; i < columns.size(); i++) {
      if (i > 0) {
        out.append(',');
      }
      string(out, key(columns.get(i)));
      out.append(':');
      value(out, row.get(i));
    }
    return out.append('}').toString();
  }

  private static String key(String column) {
    return column.toLowerCase(Locale.ROOT);
  }

  /** A text as a JSON string. */
  public static String quote(String text) {
    StringBuilder out = new StringBuilder();
    string(out, text);
    return out.toString();
  }

  private static void value(StringBuilder out, Object value) {
    switch (value) {
      case null -> out.append("null");
      case Number number -> out.append(number);
      case Boolean truth -> out.append(truth);
      case Bytes bytes -> string(out, decode(bytes));
      case List<?> list -> {
        out.append('[');
        String separator = "";
        for (Object element : list) {
          out.append(separator);
          value(out, element);
          separator = ",";
        }
        out.append(']');
      }
      case Map<?, ?> map -> {
        List<String> names = map.keySet().stream().map(Object::toString).toList();
        out.append(object(names, new ArrayList<>(map.values())));
      }
      case Sheet sheet -> {
        out.append('[');
        String separator = "";
        for (List<Object> row : sheet.rows()) {
          out.append(separator).append(object(sheet.columns(), row));
          separator = ",";
        }
        out.append(']');
      }
      default -> string(out, value.toString());
    }
  }

  static String decode(Bytes bytes) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(bytes.toArray()))
          .toString();
    } catch (CharacterCodingException e) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < bytes.length(); i++) {
        int b = bytes.at(i);
        text.append((char) (b < 0x80 ? b : 0xdc00 + b));
      }
      return text.toString();
    }
  }

  private static void string(StringBuilder out, String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\t' -> out.append("\\t");
        case '\r' -> out.append("\\r");
        default -> {
          if (c < 0x20 || c == 0x7f || c >= 0xd800 && c < 0xe000 && lone(text, i)) {
            out.append("\\u%04x".formatted((int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }

  private static boolean lone(String text, int i) {
    char c = text.charAt(i);
    return Character.isHighSurrogate(c)
        ? i + 1 == text.length() || !Character.isLowSurrogate(text.charAt(i + 1))
        : i == 0 || !Character.isHighSurrogate(text.charAt(i - 1));
  }
}
