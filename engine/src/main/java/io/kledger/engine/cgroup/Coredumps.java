package io.kledger.engine.cgroup;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.cgroup.Cgroup;
import io.kledger.kernel.cgroup.CgroupCoredump;
import io.kledger.kernel.task.Task;
import java.util.List;
import java.util.Locale;

/** The proposed files coredump.max and coredump.events: how much the members of a cgroup dump. */
public final class Coredumps {
  static final String MAX = "coredump.max";
  static final String EVENTS = "coredump.events";
  private static final String SUFFIXES = "kmgtpe";

  private Coredumps() {}

  /** How a dump ended. */
  public enum Outcome {
    DUMPED,
    TRUNCATED,
    SUPPRESSED
  }

  /**
   * The limit that holds for a task.
   *
   * @param bytes -1 = none
   * @param cgroup that supplies it; without a limit the task's own
   */
  public record Limit(long bytes, long cgroup) {}

  /** The row of a cgroup. */
  public static CgroupCoredump row(KernelState state, long cgroup) {
    CgroupCoredump row = state.cgroupCoredumps.get(cgroup);
    return row == null ? CgroupCoredump.initial(cgroup) : row;
  }

  /** The cgroup whose limits hold for a task: the root of its threaded subtree. */
  public static long domain(KernelState state, Task task) {
    Cgroup at = state.cgroups.get(task.cgroup());
    while (at != null && at.type() == Cgroup.Type.THREADED) {
      at = state.cgroups.get(at.parent());
    }
    return at == null ? 0 : at.key();
  }

  /** The least limit of the domain cgroup of a task and of those above it. */
  public static Limit of(KernelState state, Task task) {
    return of(state, state.cgroups.get(domain(state, task)));
  }

  /** The least limit of a cgroup and of those above it. */
  public static Limit of(KernelState state, Cgroup from) {
    long least = -1;
    long supplier = from == null ? 0 : from.key();
    for (Cgroup at = from; at != null; at = state.cgroups.get(at.parent())) {
      long max = row(state, at.key()).max();
      if (max >= 0 && (least < 0 || max < least)) {
        least = max;
        supplier = at.key();
      }
    }
    return new Limit(least, supplier);
  }

  /** A dump ended so: it is counted in a cgroup and in those above it. */
  public static void count(CallContext context, long cgroup, Outcome outcome) {
    KernelState state = context.state();
    for (Cgroup at = state.cgroups.get(cgroup);
        at != null && at.parent() != 0;
        at = state.cgroups.get(at.parent())) {
      CgroupCoredump old = row(state, at.key());
      context.put(
          Tables.CGROUP_COREDUMPS,
          new CgroupCoredump(
              at.key(),
              old.max(),
              old.dumped() + (outcome == Outcome.DUMPED ? 1 : 0),
              old.truncated() + (outcome == Outcome.TRUNCATED ? 1 : 0),
              old.suppressed() + (outcome == Outcome.SUPPRESSED ? 1 : 0)));
      CgroupEvents.coresCounted(context, at);
    }
  }

  /** A write to coredump.max; null if it is done. */
  static Result write(CallContext context, Cgroup cgroup, String text) {
    Long value = text.equals("max") ? Long.valueOf(-1) : bytes(text);
    if (value == null) {
      return context.refuse("F26 limit") ? context.fail(Errno.EINVAL, "F26 limit") : null;
    }
    CgroupCoredump old = row(context.state(), cgroup.key());
    if (old.max() != value) {
      context.put(
          Tables.CGROUP_COREDUMPS,
          new CgroupCoredump(old.key(), value, old.dumped(), old.truncated(), old.suppressed()));
      CgroupWrites.limited(context, cgroup, MAX, text(value));
    }
    return null;
  }

  /** memparse(): a number, perhaps with a suffix; null if it is none. */
  static Long bytes(String text) {
    String digits = text;
    int shift = 0;
    if (!text.isEmpty()) {
      String last = text.substring(text.length() - 1).toLowerCase(Locale.ROOT);
      int power = SUFFIXES.indexOf(last);
      boolean hex = text.startsWith("0x") || text.startsWith("0X");
      if (power >= 0 && !(hex && last.equals("e"))) {
        shift = 10 * (power + 1);
        digits = text.substring(0, text.length() - 1);
      }
    }
    boolean plain = !digits.isEmpty() && Character.isDigit(digits.charAt(0));
    Long number = plain ? CgroupWrites.number(digits) : null;
    return number == null || number > Long.MAX_VALUE >> shift ? null : number << shift;
  }

  private static String text(long max) {
    return max < 0 ? "max" : Long.toString(max);
  }

  /** The lines of one of the two files. */
  static List<String> lines(KernelState state, Cgroup cgroup, String file) {
    CgroupCoredump row = row(state, cgroup.key());
    return file.equals(MAX)
        ? List.of(text(row.max()))
        : List.of(
            "dumped " + row.dumped(),
            "truncated " + row.truncated(),
            "suppressed " + row.suppressed());
  }
}
