package io.kledger.ingest.audit;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Puts records of one id together and events into the order of their ids. The kernel's processors
 * take ids and queue records side by side, so records of neighbours are mixed; an event is held
 * until {@link #WINDOW} later ones are there or {@link #MILLIS} have gone by (as auparse does).
 */
final class EventQueue {
  static final int WINDOW = 512;
  static final long MILLIS = 2000;
  private static final long MAX_BYTES = 32L << 20;

  private final TreeMap<Long, AuditEvent> waiting = new TreeMap<>();
  private final ArrayDeque<AuditEvent> ready = new ArrayDeque<>();
  private long bytes;
  private long newest;
  private long done;
  private boolean anew;

  /** Takes a record. */
  void add(AuditRecord record) {
    if (AuditTypes.ownSerial(record.type())) {
      AuditEvent event = new AuditEvent(record);
      event.add(record);
      ready.add(event);
      return;
    }
    long serial = record.serial();
    boolean later = record.millis() > newest + MILLIS;
    if (!waiting.isEmpty() || done > 0) {
      long last = waiting.isEmpty() ? done : waiting.lastKey();
      if (serial < last && (later || serial <= done && record.millis() > newest)) {
        // Numbers begin again at each boot.
        flush();
        done = 0;
        anew = true;
      }
    }
    newest = Math.max(anew ? record.millis() : newest, record.millis());
    anew = false;
    AuditEvent event = waiting.computeIfAbsent(serial, s -> new AuditEvent(record));
    event.add(record);
    bytes += record.text().length();
    if (AuditTypes.alone(record.type())) {
      event.add(new AuditRecord("", "EOE", record.millis(), serial, "", record.line()));
    }
    release();
  }

  private void release() {
    while (!waiting.isEmpty()) {
      AuditEvent head = waiting.firstEntry().getValue();
      boolean old = newest - head.millis > MILLIS;
      boolean full = waiting.size() > 2 * WINDOW || bytes > MAX_BYTES;
      if (!old && !full && !(head.complete() && waiting.size() > WINDOW)) {
        return;
      }
      pop();
    }
  }

  private void pop() {
    Map.Entry<Long, AuditEvent> entry = waiting.pollFirstEntry();
    entry.getValue().records().forEach(record -> bytes -= record.text().length());
    done = Math.max(done, entry.getKey());
    ready.add(entry.getValue());
  }

  /** Nothing more comes. */
  void flush() {
    while (!waiting.isEmpty()) {
      pop();
    }
  }

  /** The next event in order, null if none is due. */
  AuditEvent poll() {
    return ready.poll();
  }

  /** What is not given yet: what is due, then what waits for its neighbours. */
  Iterable<AuditEvent> pending() {
    List<AuditEvent> all = new ArrayList<>(ready);
    all.addAll(waiting.values());
    return all;
  }

  /**
   * Takes an event out before its turn: the return of a call of the clone family whose child was
   * seen first.
   */
  AuditEvent takeFork(int parent, int child) {
    AuditEvent exact = fork(ready, parent, child, true);
    exact = exact != null ? exact : fork(waiting.values(), parent, child, true);
    exact = exact != null ? exact : fork(ready, parent, child, false);
    exact = exact != null ? exact : fork(waiting.values(), parent, child, false);
    if (exact != null && !ready.remove(exact)) {
      waiting.remove(exact.serial);
      exact.records().forEach(record -> bytes -= record.text().length());
    }
    return exact;
  }

  private static AuditEvent fork(
      Iterable<AuditEvent> events, int parent, int child, boolean exact) {
    for (AuditEvent event : events) {
      if (event.syscall() == null
          || event.number("pid") != parent
          || event.failed()
          || !AuditCalls.forks(event)) {
        continue;
      }
      int result = event.number("exit");
      // A caller in an inner pid namespace gets the number that counts there.
      if (exact ? result == child : result > 0 && result < child && result < 300) {
        return event;
      }
    }
    return null;
  }
}
