package io.kledger.ingest.audit;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Threads of processes. A SYSCALL record has the number of the process ({@code pid} is the tgid),
 * never that of the thread: only the return of clone(2) shows it. So the calls of threads are those
 * of their process, and which thread an exit(2) was of is concluded.
 */
final class AuditThreads {
  private static final int MAX_PROCESSES = 1 << 16;
  private static final int MAX_THREADS = 1 << 16;
  private static final long CLONE_THREAD = 0x10000;

  private final Map<Integer, List<Integer>> live =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, List<Integer>> eldest) {
          return size() > MAX_PROCESSES;
        }
      };

  /**
   * Whether a call of the clone family made a thread. The flags of clone3(2) are not recorded: a
   * number that shows up as that of a process, or that is waited for, is none of a thread; if an
   * exit(2) of the caller's process follows, it is.
   */
  static boolean made(AuditEvent fork, EventQueue queue) {
    if (fork.failed() || fork.number("exit") <= 0) {
      return false;
    }
    return switch (AuditCalls.name(fork)) {
      case "clone" -> (AuditRecord.number(fork.syscall().get("a0"), 16, 0) & CLONE_THREAD) != 0;
      case "clone3" -> follows(fork.number("pid"), fork.number("exit"), queue);
      default -> false;
    };
  }

  private static boolean follows(int process, int made, EventQueue queue) {
    boolean exits = false;
    for (AuditEvent event : queue.pending()) {
      if (event.syscall() == null) {
        continue;
      }
      if (event.number("pid") == made) {
        return false;
      }
      if (event.number("pid") == process) {
        String name = AuditCalls.name(event);
        if (name.equals("wait4") && event.number("exit") == made) {
          return false;
        }
        exits |= name.equals("exit");
      }
    }
    return exits;
  }

  /** A thread has begun. */
  void begin(int process, int thread) {
    List<Integer> threads = live.computeIfAbsent(process, p -> new ArrayList<>());
    if (threads.size() < MAX_THREADS) {
      threads.add(thread);
    }
  }

  /** How many threads beside the first a process has. */
  int count(int process) {
    return live.getOrDefault(process, List.of()).size();
  }

  /** The thread that an exit(2) of this process is taken to be of: the oldest; 0 if none. */
  int exit(int process) {
    List<Integer> threads = live.getOrDefault(process, List.of());
    return threads.isEmpty() ? 0 : threads.removeFirst();
  }

  /** The process ends, or starts a program: its threads are gone. */
  List<Integer> end(int process) {
    List<Integer> threads = live.remove(process);
    return threads == null ? List.of() : threads;
  }
}
