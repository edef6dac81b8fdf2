package io.kledger.view;

import io.kledger.kernel.KernelState;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.task.Task;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** Namespaces of all kinds with the tasks in them: the columns of lsns(8). */
public final class Namespaces {
  private Namespaces() {}

  /** Tasks in each namespace, by the key of its row. */
  private static SortedMap<Long, TreeSet<Integer>> members(KernelState state) {
    SortedMap<Long, TreeSet<Integer>> members = new TreeMap<>();
    for (Task task : state.tasks.rows()) {
      if (task.alive()) {
        Tasks.namespaces(task)
            .forEach(
                (name, key) -> {
                  if (!name.endsWith("_for_children")) {
                    members.computeIfAbsent(key, k -> new TreeSet<>()).add(Tasks.tgid(state, task));
                  }
                });
      }
    }
    return members;
  }

  /** A table of namespaces; detached mount trees are among them. */
  public static Sheet sheet(KernelState state) {
    Sheet sheet =
        Sheet.of(
            "NS",
            "TYPE",
            "NPROCS",
            "PID",
            "COMMAND",
            "OWNER",
            "PARENT",
            "PINNED-BY",
            "MOUNTS",
            "DETACHED",
            "SINCE");
    SortedMap<Long, TreeSet<Integer>> members = members(state);
    for (Namespace namespace : state.namespaces.rows()) {
      TreeSet<Integer> pids = members.getOrDefault(namespace.key(), new TreeSet<>());
      Task first = pids.isEmpty() ? null : state.task(pids.first());
      sheet.row(
          namespace.inode() == 0 ? null : namespace.inode(),
          namespace.kind().procName(),
          pids.size(),
          pids.isEmpty() ? null : pids.first(),
          first == null ? null : first.comm(),
          known(Tasks.inode(state, namespace.owner())),
          known(Tasks.inode(state, namespace.parent())),
          pinnedBy(state, namespace.key()),
          state.mountsByNamespace.count(namespace.key()),
          namespace.anonymous(),
          namespace.createdAt());
    }
    return sheet;
  }

  private static Object known(long inode) {
    return inode == 0 ? null : inode;
  }

  /** Fds that keep a namespace, as PID:FD. */
  public static List<Object> pinnedBy(KernelState state, long namespace) {
    TreeSet<String> pins = new TreeSet<>();
    for (long description : state.descriptionsByObject.keys(namespace)) {
      if (state.descriptions.get(description).kind() == io.kledger.kernel.file.FileKind.NAMESPACE) {
        pins.addAll(holders(state, description));
      }
    }
    return new ArrayList<>(pins);
  }

  private static List<String> holders(KernelState state, long description) {
    List<String> holders = new ArrayList<>();
    for (long slot : state.fdsByDescription.keys(description)) {
      var row = state.fds.get(slot);
      for (long task : state.tasksByFiles.keys(row.table())) {
        holders.add(state.tasks.get(task).tid() + ":" + row.fd());
      }
    }
    return holders.isEmpty() ? Collections.emptyList() : holders;
  }

  /** Lines of the scenario view `namespaces`: TYPE INODE and the processes in it. */
  public static List<String> text(KernelState state) {
    List<String> lines = new ArrayList<>();
    SortedMap<Long, TreeSet<Integer>> members = members(state);
    for (Namespace namespace : state.namespaces.rows()) {
      StringBuilder line = new StringBuilder();
      line.append(namespace.kind().procName()).append(' ').append(namespace.inode());
      members
          .getOrDefault(namespace.key(), new TreeSet<>())
          .forEach(pid -> line.append(' ').append(pid));
      lines.add(line.toString());
    }
    return lines;
  }
}
