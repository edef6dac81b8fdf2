package io.kledger.ingest.strace;

import io.kledger.ingest.strace.TextCursor.Mismatch;

/**
 * Finds the end of the annotation of a file descriptor, {@code <...>}. In paths, angle brackets are
 * escaped; a device nests a second pair; sockets have arrows and quoted names, but only within
 * {@code :[ ]}.
 */
final class AnnotationScanner {
  private final byte[] s;
  private final int end;

  AnnotationScanner(byte[] s, int end) {
    this.s = s;
    this.end = end;
  }

  /** Index of the bracket that closes the one at {@code open}. */
  int end(int open) throws Mismatch {
    int i = open + 1;
    int nested = 1;
    int brackets = 0;
    boolean path = i < end && (s[i] == '/' || s[i] == '\\');
    while (i < end) {
      byte c = s[i];
      if (c == '\\') {
        i++;
      } else if (c == '<') {
        nested++;
      } else if (c == '>') {
        if (brackets == 0 && --nested == 0) {
          return i;
        }
      } else if (!path && c == '[' && (brackets > 0 || s[i - 1] == ':')) {
        brackets++;
      } else if (brackets > 0 && c == ']') {
        brackets--;
      } else if (brackets > 0 && c == '"') {
        i = closingQuote(i);
      }
      i++;
    }
    throw new Mismatch(open, "annotation does not end");
  }

  private int closingQuote(int open) throws Mismatch {
    for (int i = open + 1; i < end; i++) {
      if (s[i] == '\\') {
        i++;
      } else if (s[i] == '"') {
        return i;
      }
    }
    throw new Mismatch(open, "string does not end");
  }
}
