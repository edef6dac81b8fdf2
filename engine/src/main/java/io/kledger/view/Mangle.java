package io.kledger.view;

import io.kledger.event.Bytes;

/** Octal escapes as in the files of /proc: mangle_path() and seq_escape(). */
final class Mangle {
  private Mangle() {}

  /** Blank, tab, newline and backslash are escaped. */
  static String path(Bytes bytes) {
    return escape(bytes, " \t\n\\");
  }

  /** As {@link #path}, and the number sign. */
  static String source(Bytes bytes) {
    return escape(bytes, " \t\n\\#");
  }

  private static String escape(Bytes bytes, String special) {
    StringBuilder text = new StringBuilder(bytes.length());
    for (int i = 0; i < bytes.length(); i++) {
      char c = (char) bytes.at(i);
      if (special.indexOf(c) >= 0) {
        text.append('\\').append((char) ('0' + (c >> 6)));
        text.append((char) ('0' + (c >> 3 & 7))).append((char) ('0' + (c & 7)));
      } else {
        text.append(c);
      }
    }
    return text.toString();
  }
}
