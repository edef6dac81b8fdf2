package io.kledger.view;

import io.kledger.engine.cgroup.CgroupText;
import io.kledger.engine.cgroup.CgroupTypes;
import io.kledger.engine.ns.NamespaceRows;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.cgroup.Cgroup;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.ns.NamespaceKind;
import io.kledger.kernel.task.Task;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;

/** The v2 cgroup hierarchy: /proc/PID/cgroup (proc_cgroup_show()), and who is where. */
public final class Cgroups {
  private static final Bytes SLASH = Bytes.of("/");

  private Cgroups() {}

  /** Path from the root of the hierarchy; null if the cgroup is not known. */
  public static Bytes path(KernelState state, long cgroup) {
    return path(state, cgroup, 0);
  }

  /** Path as cgroup_path_ns() prints it for a cgroup namespace with this root. */
  private static Bytes path(KernelState state, long cgroup, long root) {
    if (state.cgroups.get(cgroup) == null) {
      return null;
    }
    List<Long> up = ancestors(state, root);
    Bytes below = Bytes.EMPTY;
    long key = cgroup;
    while (true) {
      int ups = up.indexOf(key);
      Cgroup row = state.cgroups.get(key);
      if (ups >= 0 || row == null || row.parent() == 0) {
        Bytes prefix = Bytes.EMPTY;
        for (int i = 0; i < ups; i++) {
          prefix = prefix.plus(Bytes.of("/.."));
        }
        Bytes path = prefix.plus(below);
        return path.isEmpty() ? SLASH : path;
      }
      below = SLASH.plus(row.name()).plus(below);
      key = row.parent();
    }
  }

  private static List<Long> ancestors(KernelState state, long cgroup) {
    List<Long> keys = new ArrayList<>();
    for (Cgroup row = state.cgroups.get(cgroup);
        row != null;
        row = state.cgroups.get(row.parent())) {
      keys.add(row.key());
    }
    return keys;
  }

  /** The text of /proc/PID/cgroup as a task in {@code reader}'s cgroup namespace reads it. */
  public static List<String> proc(KernelState state, Task task, Task reader) {
    Namespace namespace = state.namespaces.get(reader.namespaces().cgroup());
    Cgroup cgroup = state.cgroups.get(task.cgroup());
    Bytes path = path(state, task.cgroup(), namespace == null ? 0 : namespace.root());
    if (path == null) {
      return List.of();
    }
    return List.of("0::" + path.latin1() + (cgroup.removed() ? " (deleted)" : ""));
  }

  /** Lines of the scenario view `cgroups`: path, then member pids. */
  public static List<String> text(KernelState state, Bytes below) {
    List<String> lines = new ArrayList<>();
    for (Cgroup cgroup : tree(state, below)) {
      StringBuilder line = new StringBuilder(path(state, cgroup.key()).latin1());
      processes(state, cgroup.key()).forEach(pid -> line.append(' ').append(pid));
      lines.add(line.toString());
    }
    return lines;
  }

  /** The cgroups at or below a path, parents first, siblings by name. */
  public static List<Cgroup> tree(KernelState state, Bytes below) {
    List<Cgroup> cgroups = new ArrayList<>();
    for (Cgroup cgroup : state.cgroups.rows()) {
      if (cgroup.parent() == 0 && !cgroup.removed()) {
        add(state, cgroup, cgroups);
      }
    }
    Bytes top = below == null || below.equals(SLASH) ? Bytes.EMPTY : below;
    cgroups.removeIf(
        cgroup -> {
          Bytes path = path(state, cgroup.key());
          return !top.isEmpty() && !path.equals(top) && !path.startsWith(top.plus(SLASH));
        });
    return cgroups;
  }

  private static void add(KernelState state, Cgroup cgroup, List<Cgroup> into) {
    into.add(cgroup);
    List<Cgroup> children = new ArrayList<>();
    for (long key : state.cgroupsByParent.keys(cgroup.key())) {
      children.add(state.cgroups.get(key));
    }
    children.sort(Comparator.comparing(Cgroup::name));
    children.forEach(child -> add(state, child, into));
  }

  /** cgroup.procs: processes with a thread here, in the observer's numbers; no zombies. */
  public static List<Integer> processes(KernelState state, long cgroup) {
    TreeSet<Integer> pids = new TreeSet<>();
    for (long member : CgroupTypes.ofDomain(state, state.cgroups.require(cgroup))) {
      for (long key : state.tasksByCgroup.keys(member)) {
        Task task = state.tasks.get(key);
        if (task.alive()) {
          pids.add(Tasks.tgid(state, task));
        }
      }
    }
    return List.copyOf(pids);
  }

  /**
   * The lines of a control file; null if there is no such cgroup, or the ledger does not know it.
   */
  public static List<String> file(KernelState state, Bytes path, String file) {
    for (Cgroup cgroup : tree(state, null)) {
      if (path(state, cgroup.key()).equals(path)) {
        Namespace initial = NamespaceRows.initial(state, NamespaceKind.PID);
        return CgroupText.lines(state, cgroup, file, initial == null ? 0 : initial.key());
      }
    }
    return null;
  }

  /** A table of cgroups. */
  public static Sheet sheet(KernelState state, Bytes below) {
    return table(state, tree(state, below));
  }

  static Sheet table(KernelState state, List<Cgroup> cgroups) {
    Sheet sheet = Sheet.of("PATH", "PROCS", "TYPE", "SUBTREE-CONTROL", "FROZEN", "ID", "SINCE");
    for (Cgroup cgroup : cgroups) {
      sheet.row(
          path(state, cgroup.key()),
          new ArrayList<Object>(processes(state, cgroup.key())),
          CgroupTypes.shown(state, cgroup).name().toLowerCase(Locale.ROOT).replace('_', ' '),
          new ArrayList<Object>(cgroup.subtreeControl()),
          cgroup.frozen(),
          cgroup.id(),
          cgroup.createdAt());
    }
    return sheet;
  }
}
