package io.kledger.ingest.audit;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The records of one id. */
final class AuditEvent {
  private static final int MAX_RECORDS = 4096;

  final long serial;
  final long millis;
  final long line;
  private final List<AuditRecord> records = new ArrayList<>();
  private boolean complete;
  private Map<String, String> syscall;
  private boolean parsed;

  AuditEvent(AuditRecord first) {
    serial = first.serial();
    millis = first.millis();
    line = first.line();
  }

  /** Adds a record; false if there are too many of them. */
  boolean add(AuditRecord record) {
    complete |= AuditTypes.last(record.type());
    if (records.size() == MAX_RECORDS) {
      return false;
    }
    records.add(record);
    return true;
  }

  boolean complete() {
    return complete;
  }

  List<AuditRecord> records() {
    return records;
  }

  /** Fields of the SYSCALL record, null if there is none. */
  Map<String, String> syscall() {
    if (!parsed) {
      parsed = true;
      AuditRecord record = first("SYSCALL");
      syscall = record == null ? null : record.fields();
    }
    return syscall;
  }

  AuditRecord first(String type) {
    for (AuditRecord record : records) {
      if (record.type().equals(type)) {
        return record;
      }
    }
    return null;
  }

  /** A number of the SYSCALL record, -1 if it has none. */
  int number(String field) {
    Map<String, String> fields = syscall();
    long n = fields == null ? -1 : AuditRecord.number(fields.get(field), 10, -1);
    return n == (int) n ? (int) n : -1;
  }

  boolean failed() {
    return syscall() != null && "no".equals(syscall().get("success"));
  }

  /** The working directory, null if not recorded. */
  String cwd() {
    AuditRecord record = first("CWD");
    return record == null ? null : AuditRecord.decode(record.fields().get("cwd"));
  }

  /** Names of PATH records other than parents, each once, by {@code item}. */
  List<String> names() {
    Map<Long, String> byItem = new java.util.TreeMap<>();
    for (AuditRecord record : records) {
      if (record.type().equals("PATH")) {
        Map<String, String> fields = record.fields();
        String name = AuditRecord.decode(fields.get("name"));
        if (name != null && !"PARENT".equals(fields.get("nametype"))) {
          byItem.putIfAbsent(AuditRecord.number(fields.get("item"), 10, 0), name);
        }
      }
    }
    return byItem.values().stream().distinct().toList();
  }

  /** The words of EXECVE records; null if there are none, or one of them is missing. */
  List<String> argv() {
    Map<String, String> fields = new LinkedHashMap<>();
    for (AuditRecord record : records) {
      if (record.type().equals("EXECVE")) {
        record.fields().forEach(fields::putIfAbsent);
      }
    }
    long argc = AuditRecord.number(fields.get("argc"), 10, -1);
    if (argc < 0 || argc > MAX_RECORDS * 64) {
      return null;
    }
    List<String> words = new ArrayList<>();
    for (int i = 0; i < argc; i++) {
      String whole = AuditRecord.decode(fields.get("a" + i));
      String word = whole != null ? whole : pieces(fields, "a" + i);
      if (word == null) {
        return null;
      }
      words.add(word);
    }
    return words;
  }

  /** A long word is cut: {@code a1_len=9000 a1[0]=... a1[1]=...}. */
  private static String pieces(Map<String, String> fields, String name) {
    StringBuilder word = new StringBuilder();
    for (int i = 0; ; i++) {
      String piece = AuditRecord.decode(fields.get(name + "[" + i + "]"));
      if (piece == null) {
        return i == 0 ? null : word.toString();
      }
      word.append(piece);
    }
  }

  /** The command line of the PROCTITLE record if it is all there: 128 bytes are kept. */
  List<String> title() {
    AuditRecord record = first("PROCTITLE");
    String text = record == null ? null : AuditRecord.decode(record.fields().get("proctitle"));
    return text == null || text.length() >= 127 ? null : List.of(text.split("\0"));
  }
}
