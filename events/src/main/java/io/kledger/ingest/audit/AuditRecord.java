package io.kledger.ingest.audit;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One record. Texts are bytes, one a char (ISO 8859-1).
 *
 * @param node name of the machine, empty if the record has none
 * @param type {@code SYSCALL}, {@code PATH} ...
 * @param millis milliseconds since 1970
 * @param serial number of the event that the record belongs to
 * @param text the fields, as printed
 * @param line where it stands
 */
record AuditRecord(String node, String type, long millis, long serial, String text, long line) {
  /** Between what the kernel said and what auditd adds in {@code log_format=ENRICHED}. */
  static final char ENRICHED = 0x1d;

  /** Fields by name, undecoded; of a name that occurs twice the first. */
  Map<String, String> fields() {
    Map<String, String> fields = new LinkedHashMap<>();
    int at = 0;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == ' ' || c == ',' || c == ENRICHED) {
        at++;
        continue;
      }
      int end = tokenEnd(at);
      int equals = text.indexOf('=', at);
      if (equals > at && equals < end) {
        fields.putIfAbsent(text.substring(at, equals), text.substring(equals + 1, end));
      }
      at = Math.max(end, at + 1);
    }
    return fields;
  }

  private int tokenEnd(int from) {
    int at = from;
    while (at < text.length() && text.charAt(at) != ' ' && text.charAt(at) != ENRICHED) {
      char c = text.charAt(at);
      boolean value = at > from && text.charAt(at - 1) == '=';
      char closing = c == '"' ? '"' : c == '\'' ? '\'' : c == '{' ? '}' : 0;
      int close = value && closing != 0 ? text.indexOf(closing, at + 1) : -1;
      at = close > 0 ? close + 1 : at + 1;
    }
    return at;
  }

  /**
   * audit_log_untrustedstring(): quoted if harmless, else hexadecimal. Null for {@code (null)},
   * {@code ?} and what is missing.
   */
  static String decode(String value) {
    if (value == null || value.equals("(null)") || value.equals("?")) {
      return null;
    }
    int n = value.length();
    if (n >= 2 && value.charAt(0) == '"' && value.charAt(n - 1) == '"') {
      return value.substring(1, n - 1);
    }
    if (n == 0 || n % 2 != 0) {
      return value;
    }
    StringBuilder bytes = new StringBuilder(n / 2);
    for (int i = 0; i < n; i += 2) {
      int high = Character.digit(value.charAt(i), 16);
      int low = Character.digit(value.charAt(i + 1), 16);
      if (high < 0 || low < 0) {
        return value;
      }
      bytes.append((char) (high << 4 | low));
    }
    return bytes.toString();
  }

  /** A number in base 10 or 16; the alternative if there is none. */
  static long number(String value, int base, long otherwise) {
    if (value == null || value.isEmpty()) {
      return otherwise;
    }
    try {
      return base == 16 ? Long.parseUnsignedLong(value, 16) : Long.parseLong(value, base);
    } catch (NumberFormatException e) {
      return otherwise;
    }
  }
}
