package io.kledger.ingest.live;

import io.kledger.abi.SyscallNumbers;
import java.util.Map;

/**
 * The bpftrace program. It prints, each as one record of {@code -f json}, so that no name can be
 * taken for a record: {@code B NSECS} at the start; {@code E TID NSECS PID NR A0 .. A4} at the
 * entry of a watched call, then {@code S TID INDEX TEXT} for its strings and {@code W TID FLAGS}
 * for clone3(2); {@code X TID NSECS NR RESULT} at its end; {@code F TID NSECS CHILD} for a new
 * task; {@code D TID NSECS CODE} for one that ends.
 */
public final class LiveProgram {
  private LiveProgram() {}

  /**
   * The text of the program, for this architecture's numbers.
   *
   * @param own a process of which only the making of tasks is watched: the one that reads what is
   *     printed
   */
  public static String text(long own) {
    StringBuilder out = new StringBuilder("BEGIN {\n");
    for (Map.Entry<String, Integer> call : LiveCalls.WATCHED.entrySet()) {
      int number = number(call.getKey());
      out.append("  @watched[" + number + "] = 1;");
      out.append(call.getValue() == 0 ? "" : " @text[" + number + "] = " + call.getValue() + ";");
      out.append(LiveCalls.forks(call.getKey()) ? " @forks[" + number + "] = 1;\n" : "\n");
    }
    out.append("  printf(\"B %llu\", nsecs);\n}\n");
    String filter = " /@watched[args->id] && (pid != " + own + " || @forks[args->id])/ {\n";
    out.append("tracepoint:raw_syscalls:sys_enter").append(filter);
    out.append("  printf(\"E %d %llu %d %d %lx %lx %lx %lx %lx\", tid, nsecs, pid, args->id");
    for (int i = 0; i < 5; i++) {
      out.append(", args->args[" + i + "]");
    }
    out.append(");\n  $t = @text[args->id];\n");
    for (int i = 0; i < 5; i++) {
      out.append("  if ($t & " + (1 << i) + ") { printf(\"S %d " + i + " %s\", tid, ");
      out.append("str(uptr(args->args[" + i + "]))); }\n");
    }
    out.append("  if (args->id == " + number("clone3") + ") { printf(\"W %d %llx\", tid, ");
    out.append("*(uint64 *)uptr(args->args[0])); }\n}\n");
    out.append("tracepoint:raw_syscalls:sys_exit").append(filter);
    out.append("  printf(\"X %d %llu %d %lld\", tid, nsecs, args->id, args->ret);\n}\n");
    out.append("tracepoint:sched:sched_process_fork {\n");
    out.append("  printf(\"F %d %llu %d\", tid, nsecs, args->child_pid);\n}\n");
    out.append("tracepoint:sched:sched_process_exit {\n");
    out.append("  printf(\"D %d %llu %d\", tid, nsecs, curtask->exit_code);\n}\n");
    out.append("END { clear(@watched); clear(@text); clear(@forks); }\n");
    return out.toString();
  }

  private static int number(String name) {
    int number = SyscallNumbers.number(name);
    if (number < 0) {
      throw new IllegalStateException("no number of " + name);
    }
    return number;
  }
}
