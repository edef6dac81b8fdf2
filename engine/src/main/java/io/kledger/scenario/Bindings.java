package io.kledger.scenario;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The open places of expected texts: {@code _} stands for any run of characters without a blank,
 * {@code $name} for the same run each time.
 */
final class Bindings {
  private static final Pattern OPEN =
      Pattern.compile("\\$([A-Za-z_][A-Za-z0-9_]*)|(?<![A-Za-z0-9_$])_(?![A-Za-z0-9_])");
  private static final Pattern MODE =
      Pattern.compile("\\|((?:S_IS(?:UID|GID|VTX)\\|?)+)\\|?0?([0-7]{3})\\b");

  private final Map<String, String> values = new LinkedHashMap<>();

  /** The value of a name, or null if it has none yet. */
  String get(String name) {
    return values.get(name);
  }

  /** Gives a name its value. */
  void bind(String name, String value) {
    values.put(name, value);
  }

  /** The text with the names that have a value replaced by it. */
  String substitute(String text) {
    if (text.indexOf('$') < 0) {
      return text;
    }
    Matcher matcher = OPEN.matcher(text);
    StringBuilder result = new StringBuilder();
    while (matcher.find()) {
      String value = matcher.group(1) == null ? null : values.get(matcher.group(1));
      matcher.appendReplacement(
          result, Matcher.quoteReplacement(value == null ? matcher.group() : value));
    }
    return matcher.appendTail(result).toString();
  }

  /** Whether an actual text matches; if it does, new names get their values. */
  boolean matches(String expected, String actual) {
    String folded = fold(expected);
    Matcher open = OPEN.matcher(folded);
    StringBuilder regex = new StringBuilder();
    Map<String, Integer> groups = new LinkedHashMap<>();
    int from = 0;
    while (open.find()) {
      regex.append(Pattern.quote(folded.substring(from, open.start())));
      from = open.end();
      String name = open.group(1);
      if (name == null) {
        regex.append("\\S*");
      } else if (values.containsKey(name)) {
        regex.append(Pattern.quote(values.get(name)));
      } else if (groups.containsKey(name)) {
        regex.append('\\').append(groups.get(name)).append("(?:)");
      } else {
        groups.put(name, groups.size() + 1);
        regex.append(from == folded.length() ? "(\\S+)" : "([^\\s,/:)\\]]+)");
      }
    }
    regex.append(Pattern.quote(folded.substring(from)));
    Matcher matcher = Pattern.compile(regex.toString(), Pattern.DOTALL).matcher(fold(actual));
    if (!matcher.matches()) {
      return false;
    }
    groups.forEach((name, group) -> values.put(name, matcher.group(group)));
    return true;
  }

  /** Whether a text has an open place. */
  static boolean open(String text) {
    return OPEN.matcher(text).find();
  }

  private static String fold(String text) {
    String folded = text.strip().replaceAll("\\s+", " ");
    return folded.contains("|S_IS") ? modes(folded) : folded;
  }

  /** The upper bits of a mode by name are the same as in its number: S_ISGID|0755 is 02755. */
  private static String modes(String text) {
    return MODE.matcher(text)
        .replaceAll(
            found -> {
              int bits = Integer.parseInt(found.group(2), 8);
              for (String name : found.group(1).split("\\|")) {
                bits |=
                    switch (name) {
                      case "S_ISUID" -> 04000;
                      case "S_ISGID" -> 02000;
                      default -> 01000;
                    };
              }
              return "|0" + Integer.toOctalString(bits);
            });
  }
}
