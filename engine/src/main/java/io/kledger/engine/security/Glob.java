package io.kledger.engine.security;

/**
 * Patterns of paths: {@code *} and {@code ?} stop at a slash, {@code **} does not. Linear in the
 * product of the lengths, whatever the pattern.
 */
final class Glob {
  private Glob() {}

  static boolean matches(String pattern, String text) {
    boolean[] now = new boolean[text.length() + 1];
    now[0] = true;
    int at = 0;
    while (at < pattern.length()) {
      char c = pattern.charAt(at++);
      boolean any = c == '*' && at < pattern.length() && pattern.charAt(at) == '*';
      at += any ? 1 : 0;
      now = c == '*' ? star(now, text, any) : one(now, text, c);
    }
    return now[text.length()];
  }

  /** Which beginnings of the text match once a star follows. */
  private static boolean[] star(boolean[] before, String text, boolean slashes) {
    boolean[] after = before.clone();
    for (int i = 1; i < after.length; i++) {
      after[i] |= after[i - 1] && (slashes || text.charAt(i - 1) != '/');
    }
    return after;
  }

  private static boolean[] one(boolean[] before, String text, char c) {
    boolean[] after = new boolean[before.length];
    for (int i = 1; i < after.length; i++) {
      char t = text.charAt(i - 1);
      after[i] = before[i - 1] && (c == '?' ? t != '/' : t == c);
    }
    return after;
  }
}
