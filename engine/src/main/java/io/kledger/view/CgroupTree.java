package io.kledger.view;

import io.kledger.engine.cgroup.CgroupText;
import io.kledger.engine.cgroup.Coredumps;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.cgroup.Cgroup;
import io.kledger.kernel.task.Task;
import java.util.ArrayList;
import java.util.List;

/**
 * The cgroup tree with what the control files say: type, events, limits that are set, controllers
 * given to children, and members with their commands.
 */
public final class CgroupTree {
  private static final List<String> LIMITS = List.of("cgroup.max.depth", "cgroup.max.descendants");

  private CgroupTree() {}

  /**
   * The cgroups at or below a path, one line each, and below it one line for each member process.
   *
   * @param below null = all
   */
  public static List<String> lines(KernelState state, Bytes below) {
    List<String> lines = new ArrayList<>();
    int top = -1;
    for (Cgroup cgroup : Cgroups.tree(state, below)) {
      int depth = depth(state, cgroup);
      top = top < 0 ? depth : top;
      String indent = "  ".repeat(Math.max(0, depth - top));
      lines.add(indent + line(state, cgroup));
      for (int pid : Cgroups.processes(state, cgroup.key())) {
        Task leader = state.task(pid);
        String comm = leader == null ? "?" : leader.comm().latin1();
        lines.add(indent + "  - " + pid + " " + comm);
      }
    }
    return lines;
  }

  private static int depth(KernelState state, Cgroup cgroup) {
    int depth = 0;
    for (Cgroup at = state.cgroups.get(cgroup.parent()); at != null; depth++) {
      at = state.cgroups.get(at.parent());
    }
    return depth;
  }

  private static String line(KernelState state, Cgroup cgroup) {
    boolean root = cgroup.parent() == 0;
    StringBuilder line = new StringBuilder(root ? "/" : cgroup.name().latin1());
    if (!root) {
      line.append(" [").append(first(state, cgroup, "cgroup.type")).append(']');
      CgroupText.lines(state, cgroup, "cgroup.events", 0)
          .forEach(event -> line.append(' ').append(event.replace(' ', '=')));
    }
    for (String file : LIMITS) {
      String value = first(state, cgroup, file);
      if (!value.equals("max")) {
        line.append(' ').append(file).append('=').append(value);
      }
    }
    Coredumps.Limit cores = Coredumps.of(state, cgroup);
    if (cores.bytes() >= 0) {
      line.append(" coredump.max=").append(cores.bytes());
      if (cores.cgroup() != cgroup.key()) {
        line.append(" (of ").append(Cgroups.path(state, cores.cgroup()).latin1()).append(')');
      }
    }
    String control = first(state, cgroup, "cgroup.subtree_control");
    return control.isEmpty() ? line.toString() : line + " +" + control.replace(" ", " +");
  }

  private static String first(KernelState state, Cgroup cgroup, String file) {
    List<String> lines = CgroupText.lines(state, cgroup, file, 0);
    return lines == null || lines.isEmpty() ? "" : lines.getFirst();
  }
}
