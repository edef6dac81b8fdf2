package io.kledger.engine.syscall;

import io.kledger.abi.Constants;
import io.kledger.event.Bytes;
import io.kledger.event.avro.Raw;
import io.kledger.event.avro.Text;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A structure argument that no record describes: <code>{name=value, ...}</code> as the trace prints
 * it, or <code>{in} =&gt; {out}</code>. Only what goes in is read here; members that are not
 * written are zero.
 */
final class RawStruct {
  /** A name behind a number, as -X verbose prints it; it may hold a bar. */
  private static final Pattern COMMENT = Pattern.compile("/\\*.*?\\*/");

  private final String input;
  private final Map<String, String> members = new LinkedHashMap<>();

  private RawStruct(String input) {
    this.input = input;
  }

  /** The structure of an argument; null if the argument shows none (a pointer, NULL, a number). */
  static RawStruct of(Object argument) {
    String text = text(argument);
    int arrow = topLevel(text, " => ");
    String in = (arrow < 0 ? text : text.substring(0, arrow)).strip();
    if (!in.startsWith("{") || !in.endsWith("}")) {
      return null;
    }
    RawStruct struct = new RawStruct(in);
    for (String part : split(in.substring(1, in.length() - 1))) {
      int equals = part.indexOf('=');
      if (equals > 0) {
        struct.members.put(part.substring(0, equals).strip(), part.substring(equals + 1).strip());
      }
    }
    return struct;
  }

  /** The text of an argument, empty if it is absent. */
  static String text(Object argument) {
    return switch (argument) {
      case null -> "";
      case Raw raw -> Bytes.of(raw.getText()).latin1();
      case Text text -> '"' + Bytes.of(text.getValue()).latin1() + '"';
      default -> argument.toString();
    };
  }

  /** What goes in, as printed. */
  String input() {
    return input;
  }

  boolean has(String name) {
    return members.containsKey(name);
  }

  /** A member as printed; null if it is not written. */
  String member(String name) {
    return members.get(name);
  }

  /** Elements of a member that is a list, each as printed; empty if it is not written. */
  List<String> list(String name) {
    String text = members.get(name);
    return text == null || !text.startsWith("[") || !text.endsWith("]")
        ? List.of()
        : split(text.substring(1, text.length() - 1));
  }

  /** A member as a number: digits, or names of constants joined by {@code |}; 0 if not written. */
  long number(String name) {
    String text = members.get(name);
    return text == null ? 0 : number(text, 0);
  }

  /** The bytes of a member in quotes; null if it is none. */
  Bytes quoted(String name) {
    return unquoted(members.get(name));
  }

  /** The bytes between quotes, with C escapes resolved; null if the text is not in quotes. */
  static Bytes unquoted(String text) {
    if (text == null || text.length() < 2 || text.charAt(0) != '"') {
      return null;
    }
    int end = text.lastIndexOf('"');
    return end < 1 ? null : RawText.unescape(text.substring(1, end));
  }

  /**
   * A number, or names of constants and numbers joined by {@code |}; {@code otherwise} if the text
   * is neither.
   */
  static long number(String text, long otherwise) {
    long sum = 0;
    for (String word : COMMENT.matcher(text).replaceAll("").strip().split("\\|")) {
      String plain = word.strip();
      Long value = RawText.number(plain);
      if (value == null) {
        value = Constants.value(plain);
      }
      if (value == null) {
        return otherwise;
      }
      sum |= value;
    }
    return sum;
  }

  /** Splits at commas that are not within brackets or quotes. */
  static List<String> split(String text) {
    List<String> parts = new ArrayList<>();
    int from = 0;
    while (from < text.length()) {
      int comma = topLevel(text.substring(from), ",");
      String part = comma < 0 ? text.substring(from) : text.substring(from, from + comma);
      if (!part.isBlank()) {
        parts.add(part.strip());
      }
      if (comma < 0) {
        break;
      }
      from += comma + 1;
    }
    return parts;
  }

  /** Index of a word that is not within brackets or quotes, -1 if there is none. */
  private static int topLevel(String text, String word) {
    int depth = 0;
    boolean quoted = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quoted) {
        if (c == '\\') {
          i++;
        } else if (c == '"') {
          quoted = false;
        }
      } else if (c == '"') {
        quoted = true;
      } else if (depth == 0 && text.startsWith(word, i)) {
        return i;
      } else if (c == '{' || c == '[' || c == '(') {
        depth++;
      } else if (c == '}' || c == ']' || c == ')') {
        depth--;
      }
    }
    return -1;
  }
}
