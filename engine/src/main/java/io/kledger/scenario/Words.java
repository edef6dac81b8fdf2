package io.kledger.scenario;

import io.kledger.event.Bytes;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The words of a directive, view or note: {@code a b=c d="e f"}.
 *
 * @param words positional ones
 * @param settings those with a key, in order
 */
public record Words(List<Bytes> words, List<Setting> settings) {
  /** {@code key=value}, unquoted. */
  public record Setting(String key, Bytes value) {}

  public Words {
    words = List.copyOf(words);
    settings = List.copyOf(settings);
  }

  /** The value of a key, or null. */
  public Bytes get(String key) {
    for (Setting setting : settings) {
      if (setting.key.equals(key)) {
        return setting.value;
      }
    }
    return null;
  }

  /** The value of a key as text, or null. */
  public String text(String key) {
    Bytes value = get(key);
    return value == null ? null : value.toString();
  }

  /** A text that is not words: where and why. */
  static final class Malformed extends Exception {
    private static final long serialVersionUID = 1L;
    private final int column;

    Malformed(int column, String problem) {
      super(problem);
      this.column = column;
    }

    /** Index in the text, from 0. */
    int column() {
      return column;
    }
  }

  /** Parses words with blanks between. */
  static Words parse(String text) throws Malformed {
    List<Bytes> words = new ArrayList<>();
    List<Setting> settings = new ArrayList<>();
    int i = 0;
    while (true) {
      while (i < text.length() && text.charAt(i) == ' ') {
        i++;
      }
      if (i == text.length()) {
        return new Words(words, settings);
      }
      int key = keyEnd(text, i);
      String name = key < 0 ? null : text.substring(i, key);
      int from = key < 0 ? i : key + 1;
      int to;
      Bytes value;
      if (from < text.length() && text.charAt(from) == '"') {
        to = closingQuote(text, from) + 1;
        value = unquote(text, from + 1, to - 1);
        if (to < text.length() && text.charAt(to) != ' ') {
          throw new Malformed(to, "expected a blank after the closing quote");
        }
      } else {
        to = text.indexOf(' ', from);
        to = to < 0 ? text.length() : to;
        value = Bytes.of(text.substring(from, to));
      }
      if (name == null) {
        words.add(value);
      } else {
        settings.add(new Setting(name, value));
      }
      i = to;
    }
  }

  /** Index of the {@code =} after a key that begins here, or -1. */
  private static int keyEnd(String text, int from) {
    int i = from;
    while (i < text.length()
        && (Character.isLetterOrDigit(text.charAt(i)) || "_-.".indexOf(text.charAt(i)) >= 0)) {
      i++;
    }
    return i > from && i < text.length() && text.charAt(i) == '=' ? i : -1;
  }

  private static int closingQuote(String text, int open) throws Malformed {
    for (int i = open + 1; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\') {
        i++;
      } else if (c == '"') {
        return i;
      }
    }
    throw new Malformed(open, "the closing quote is missing");
  }

  /** Undoes C escapes as strace prints them. */
  private static Bytes unquote(String text, int from, int to) throws Malformed {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int plain = from;
    for (int i = from; i < to; i++) {
      if (text.charAt(i) != '\\') {
        continue;
      }
      out.writeBytes(text.substring(plain, i).getBytes(StandardCharsets.UTF_8));
      i++;
      char c = text.charAt(i);
      int simple = "abtnvfr\"\\".indexOf(c);
      if (simple >= 0) {
        out.write("\7\b\t\n\13\f\r\"\\".charAt(simple));
      } else {
        int start = c == 'x' ? i + 1 : i;
        int radix = c == 'x' ? 16 : 8;
        int end = start;
        while (end < to
            && end - start < (c == 'x' ? 2 : 3)
            && Character.digit(text.charAt(end), radix) >= 0) {
          end++;
        }
        if (end == start) {
          throw new Malformed(i - 1, "unknown escape \\" + c);
        }
        out.write(Integer.parseInt(text.substring(start, end), radix));
        i = end - 1;
      }
      plain = i + 1;
    }
    out.writeBytes(text.substring(Math.min(plain, to), to).getBytes(StandardCharsets.UTF_8));
    return Bytes.wrap(out.toByteArray());
  }
}
