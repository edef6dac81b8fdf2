package io.kledger.ingest.strace;

import java.util.LinkedHashMap;
import java.util.Map;

/** The calls that were entered and have not returned, by task; bounded in number and size. */
final class PendingCalls {
  /** A call in progress and the position of its ENTERED event. */
  record Pending(StraceLine.Unfinished begun, long position) {}

  private static final long MAX_BYTES = 256L << 20;

  private final int limit;
  private final Map<Integer, Pending> byTid = new LinkedHashMap<>();
  private long bytes;

  PendingCalls(int limit) {
    this.limit = limit;
  }

  /** Remembers a call; returns one that the same task had not finished, or null. */
  Pending put(int tid, Pending pending) {
    Pending before = remove(tid);
    byTid.put(tid, pending);
    bytes += pending.begun.begun().length();
    return before;
  }

  /** The call of a task, which is then no longer pending; null if it has none. */
  Pending remove(int tid) {
    Pending pending = byTid.remove(tid);
    if (pending != null) {
      bytes -= pending.begun.begun().length();
    }
    return pending;
  }

  boolean isEmpty() {
    return byTid.isEmpty();
  }

  boolean overfull() {
    return byTid.size() > limit || bytes > MAX_BYTES;
  }

  /** The call that has waited longest, which is then no longer pending. */
  Pending removeOldest() {
    return remove(byTid.keySet().iterator().next());
  }
}
