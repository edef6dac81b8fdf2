package io.kledger.ingest.audit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Cuts a stream into records: lines of a log, or entries of {@code journalctl -o export}, whichever
 * the first line is of.
 */
final class RecordSource {
  /** What was read: a record, what the kernel said of losses, or text that is neither. */
  sealed interface Item {
    long line();
  }

  /** A record. */
  record Found(AuditRecord record) implements Item {
    @Override
    public long line() {
      return record.line();
    }
  }

  /** The kernel dropped records: the counter, or -1 if the line tells none. */
  record Lost(long counter, String node, long line) implements Item {}

  /** Not a record. */
  record Bad(String text, int column, String problem, long line) implements Item {}

  private static final String LOST = "audit_lost=";
  private static final String BACKLOG = "backlog limit exceeded";
  private static final String RATE = "rate limit exceeded";
  private static final int FIELD_LIMIT = 4 << 20;

  private final InputStream in;
  private final int maxLine;
  private final byte[] buffer = new byte[1 << 16];
  private int at;
  private int filled;
  private long line;
  private boolean tooLong;
  private Boolean journal;
  private String first;

  RecordSource(InputStream in, int maxLine) {
    this.in = in;
    this.maxLine = maxLine;
  }

  /** Lines read so far. */
  long lines() {
    return line;
  }

  /** The next item, null at the end. */
  Item next() throws IOException {
    if (journal == null) {
      first = readLine();
      journal = first != null && first.startsWith("__CURSOR=");
    }
    while (true) {
      String text = first == null ? readLine() : first;
      first = null;
      if (text == null) {
        return null;
      }
      Item item = journal ? entry(text) : plain(text);
      if (item != null) {
        return item;
      }
    }
  }

  private Item plain(String text) {
    if (tooLong) {
      return new Bad(text, maxLine, "the line is longer than " + maxLine + " bytes", line);
    }
    if (text.isBlank() || text.equals("----") || text.startsWith("time->")) {
      return null;
    }
    return parse(text, line);
  }

  /** A line with {@code type=} and {@code audit(TIME:SERIAL):}. */
  private static Item parse(String text, long line) {
    int node = text.startsWith("node=") ? 5 : -1;
    String name = node < 0 ? "" : text.substring(node, blank(text, node));
    int type = text.startsWith("type=") ? 0 : text.indexOf(" type=");
    int stamp = type < 0 ? -1 : text.indexOf("audit(", type);
    int close = stamp < 0 ? -1 : text.indexOf(')', stamp);
    if (close < 0) {
      Item lost = lost(text, name, line);
      return lost != null ? lost : new Bad(text, 1, "no audit record", line);
    }
    int typeAt = text.indexOf('=', type) + 1;
    String kind = AuditTypes.name(text.substring(typeAt, blank(text, typeAt)));
    int dot = text.indexOf('.', stamp);
    int colon = text.indexOf(':', stamp);
    long seconds = dot < 0 || dot > close ? -1 : digits(text, stamp + 6, dot);
    long millis = dot < 0 || colon < dot || colon > close ? -1 : digits(text, dot + 1, colon);
    long serial = colon < 0 || colon > close ? -1 : digits(text, colon + 1, close);
    if (seconds < 0 || seconds > 1L << 33 || millis < 0 || millis > 999 || serial < 0) {
      return new Bad(text, stamp + 1, "expected audit(SECONDS.MILLISECONDS:SERIAL)", line);
    }
    int from = close + 1 < text.length() && text.charAt(close + 1) == ':' ? close + 2 : close + 1;
    String fields = text.substring(from).strip();
    return new Found(new AuditRecord(name, kind, seconds * 1000 + millis, serial, fields, line));
  }

  private static Item lost(String text, String node, long line) {
    int counter = text.indexOf(LOST);
    if (counter >= 0) {
      int from = counter + LOST.length();
      return new Lost(digits(text, from, blank(text, from)), node, line);
    }
    boolean dropped = text.contains(BACKLOG) || text.contains(RATE);
    return dropped ? new Lost(-1, node, line) : null;
  }

  private static int blank(String text, int from) {
    int blank = text.indexOf(' ', from);
    return blank < 0 ? text.length() : blank;
  }

  private static long digits(String text, int from, int to) {
    return to - from > 18 ? -1 : AuditRecord.number(text.substring(from, to), 10, -1);
  }

  /** Fields up to an empty line; a field without {@code =} has a length and raw bytes. */
  private Item entry(String firstField) throws IOException {
    Map<String, String> fields = new LinkedHashMap<>();
    long start = line;
    for (String text = firstField; text != null && !text.isEmpty(); text = readLine()) {
      int equals = text.indexOf('=');
      if (equals >= 0) {
        fields.putIfAbsent(text.substring(0, equals), text.substring(equals + 1));
        continue;
      }
      String value = binary();
      if (value == null) {
        return new Bad(text, 1, "the field has no whole value", start);
      }
      fields.putIfAbsent(text, value);
    }
    return fields.isEmpty() ? null : journal(fields, start);
  }

  private static Item journal(Map<String, String> fields, long line) {
    String message = fields.get("MESSAGE");
    String node = fields.getOrDefault("_HOSTNAME", "");
    if (message == null) {
      return null;
    }
    if (!"audit".equals(fields.get("_TRANSPORT"))) {
      boolean kernel = "kernel".equals(fields.get("_TRANSPORT")) && message.startsWith("audit: ");
      Item item = kernel ? parse(message, line) : null;
      return switch (item) {
        case Found found -> new Found(named(found.record(), node));
        case Lost lost -> new Lost(lost.counter(), node, line);
        case null -> null;
        case Bad bad -> null;
      };
    }
    String type = fields.getOrDefault("_AUDIT_TYPE_NAME", fields.get("_AUDIT_TYPE"));
    String time =
        fields.getOrDefault("_SOURCE_REALTIME_TIMESTAMP", fields.get("__REALTIME_TIMESTAMP"));
    long micros = AuditRecord.number(time, 10, -1);
    long serial = AuditRecord.number(fields.get("_AUDIT_ID"), 10, -1);
    if (type == null || micros < 0 || serial < 0) {
      return new Bad(message, 1, "an entry of audit without type, time or id", line);
    }
    String text = message.startsWith(type + " ") ? message.substring(type.length() + 1) : message;
    String kind = AuditTypes.name(type);
    return new Found(new AuditRecord(node, kind, micros / 1000, serial, text.strip(), line));
  }

  private static AuditRecord named(AuditRecord r, String node) {
    return new AuditRecord(node, r.type(), r.millis(), r.serial(), r.text(), r.line());
  }

  private String binary() throws IOException {
    long length = 0;
    for (int i = 0; i < 8; i++) {
      int b = read();
      if (b < 0) {
        return null;
      }
      length |= (long) b << (8 * i);
    }
    if (length < 0 || length > FIELD_LIMIT) {
      return null;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (long i = 0; i < length; i++) {
      int b = read();
      if (b < 0) {
        return null;
      }
      line += b == '\n' ? 1 : 0;
      bytes.write(b);
    }
    int end = read();
    line++;
    return end == '\n' ? bytes.toString(StandardCharsets.ISO_8859_1) : null;
  }

  private int read() throws IOException {
    if (at == filled) {
      filled = Math.max(0, in.read(buffer, 0, buffer.length));
      at = 0;
      if (filled == 0) {
        return -1;
      }
    }
    return buffer[at++] & 0xff;
  }

  /** A line without its end, cut at the limit; null at the end of the stream. */
  private String readLine() throws IOException {
    int b = read();
    if (b < 0) {
      return null;
    }
    line++;
    tooLong = false;
    StringBuilder text = new StringBuilder(256);
    for (; b >= 0 && b != '\n'; b = read()) {
      if (text.length() < maxLine) {
        text.append((char) b);
      } else {
        tooLong = true;
      }
    }
    int end = text.length();
    return end > 0 && text.charAt(end - 1) == '\r' ? text.substring(0, end - 1) : text.toString();
  }
}
