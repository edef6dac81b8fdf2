package io.kledger.view;

import io.kledger.kernel.KernelState;
import io.kledger.kernel.task.Task;
import io.kledger.kernel.task.TaskState;
import io.kledger.kernel.task.ThreadGroup;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The process tree by real parents (task->real_parent), as indented text and in the language of
 * Graphviz. Children are in the order of the parent's list, roots by number.
 */
public final class TaskTree {
  private TaskTree() {}

  /**
   * One line a process: its number, what it is called, its state unless it runs, its numbers in
   * inner pid namespaces, and its other threads.
   *
   * @param top number of the process to begin with; null = all
   */
  public static List<String> lines(KernelState state, Integer top) {
    List<String> lines = new ArrayList<>();
    for (ThreadGroup root : roots(state, top)) {
      add(state, root, 0, lines);
    }
    return lines;
  }

  /** The same as a directed graph; processes are named by the ledger's keys, which never repeat. */
  public static List<String> dot(KernelState state, Integer top) {
    List<String> nodes = new ArrayList<>();
    List<String> edges = new ArrayList<>();
    for (ThreadGroup root : roots(state, top)) {
      graph(state, root, nodes, edges);
    }
    List<String> lines = new ArrayList<>();
    lines.add("digraph tasks {");
    lines.add("  node [shape=box];");
    lines.addAll(nodes);
    lines.addAll(edges);
    lines.add("}");
    return lines;
  }

  private static List<ThreadGroup> roots(KernelState state, Integer top) {
    List<ThreadGroup> roots = new ArrayList<>();
    for (ThreadGroup group : state.groups.rows()) {
      boolean root = top == null ? state.groups.get(group.parent()) == null : group.tgid() == top;
      if (root) {
        roots.add(group);
      }
    }
    roots.sort(Comparator.comparingInt(ThreadGroup::tgid).thenComparingLong(ThreadGroup::key));
    return roots;
  }

  private static void add(KernelState state, ThreadGroup group, int depth, List<String> into) {
    into.add("  ".repeat(depth) + label(state, group));
    for (long key : state.groupsByParent.keys(group.key())) {
      add(state, state.groups.require(key), depth + 1, into);
    }
  }

  private static void graph(
      KernelState state, ThreadGroup group, List<String> nodes, List<String> edges) {
    String label = label(state, group).replace("\\", "\\\\").replace("\"", "\\\"");
    nodes.add("  p" + group.key() + " [label=\"" + label + "\"];");
    for (long key : state.groupsByParent.keys(group.key())) {
      edges.add("  p" + group.key() + " -> p" + key + ";");
      graph(state, state.groups.require(key), nodes, edges);
    }
  }

  private static String label(KernelState state, ThreadGroup group) {
    Task leader = state.tasks.get(group.leader());
    if (leader == null) {
      return group.tgid() + " ?";
    }
    StringBuilder text = new StringBuilder();
    text.append(group.tgid()).append(' ').append(leader.comm().latin1());
    if (leader.state() == TaskState.ZOMBIE) {
      text.append(" <defunct>");
    }
    List<Integer> numbers = Tasks.numbers(state, leader);
    if (numbers.size() > 1) {
      text.append(" ns:");
      for (int level = 1; level < numbers.size(); level++) {
        text.append(level == 1 ? "" : "/").append(numbers.get(level));
      }
    }
    for (long key : state.tasksByGroup.keys(group.key())) {
      Task thread = state.tasks.require(key);
      if (thread.key() != leader.key()) {
        text.append(" {").append(thread.tid()).append(' ');
        text.append(thread.comm().latin1()).append('}');
      }
    }
    return text.toString();
  }
}
