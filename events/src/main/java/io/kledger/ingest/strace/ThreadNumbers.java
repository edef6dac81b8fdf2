package io.kledger.ingest.strace;

import io.kledger.event.Bytes;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/**
 * Which task a line without a thread id belongs to. On a terminal strace leaves {@code [pid N]} out
 * as long as it traces a single process, so that the number of the first one shows only later.
 */
final class ThreadNumbers {
  private static final byte[] PID = ValueParser.ascii("[pid ");
  private static final byte[] ATTACHED = ValueParser.ascii("strace: Process ");

  private int first;

  /** Tasks known to live, kept only for traces with {@code [pid N]}. */
  private final Set<Integer> alive = new HashSet<>();

  private boolean terminal;

  /**
   * @param given the task of lines without a number, 0 to find it out
   */
  ThreadNumbers(int given, byte[] s, int from, int to) {
    first = given;
    if (given == 0) {
      int found = lookAhead(s, from, to);
      terminal = found != 0;
      first = terminal ? found : 1;
    }
    alive.add(first);
  }

  /** The smallest {@code [pid N]} that strace did not attach to as a child; 0 if there is none. */
  private static int lookAhead(byte[] s, int from, int to) {
    Set<Integer> attached = new HashSet<>();
    int smallest = 0;
    for (int i = from; i < to; i++) {
      if (s[i] == 's' && at(s, i, to, ATTACHED)) {
        attached.add(number(s, i + ATTACHED.length, to));
      } else if (s[i] == '[' && (i == from || s[i - 1] == '\n') && at(s, i, to, PID)) {
        int pid = number(s, i + PID.length, to);
        if (pid > 0 && !attached.contains(pid) && (smallest == 0 || pid < smallest)) {
          smallest = pid;
        }
      }
    }
    return smallest;
  }

  /** The task of a line with that number, or without one. */
  int of(LineHead head) {
    if (head.tid() != 0) {
      if (terminal) {
        alive.add(head.tid());
      }
      return head.tid();
    }
    return terminal && alive.size() == 1 ? alive.iterator().next() : first;
  }

  void died(int tid) {
    alive.remove(tid);
  }

  /** Takes note of {@code strace: Process 6 attached}; the number is followed by that word. */
  void message(Bytes text) {
    byte[] s = text.toArray();
    if (terminal && at(s, 0, s.length, ATTACHED)) {
      alive.add(number(s, ATTACHED.length, s.length));
    }
  }

  private static int number(byte[] s, int from, int to) {
    int i = from;
    while (i < to && s[i] == ' ') {
      i++;
    }
    int n = 0;
    while (i < to && n < 100_000_000 && s[i] >= '0' && s[i] <= '9') {
      n = n * 10 + s[i++] - '0';
    }
    // What is there of the text may end within the number.
    return i < to ? n : 0;
  }

  private static boolean at(byte[] s, int i, int to, byte[] text) {
    return i + text.length <= to && Arrays.equals(s, i, i + text.length, text, 0, text.length);
  }
}
