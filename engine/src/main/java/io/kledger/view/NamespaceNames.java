package io.kledger.view;

import io.kledger.kernel.KernelState;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.task.Task;

/**
 * What a person calls a mount namespace: as /proc/PID/ns names it, or after a task where the log
 * never showed its number.
 */
public final class NamespaceNames {
  private NamespaceNames() {}

  /** {@code mount namespace mnt:[4026531841]}, {@code mount namespace of 19 (systemd-nspawn)}. */
  public static String full(KernelState state, Namespace namespace) {
    return "mount namespace " + name(state, namespace, true);
  }

  /** The same without the word and the command: it does not change with an exec. */
  public static String brief(KernelState state, Namespace namespace) {
    String name = name(state, namespace, false);
    return name.startsWith("mnt:") ? name : "mount namespace " + name;
  }

  private static String name(KernelState state, Namespace namespace, boolean command) {
    if (namespace.inode() != 0) {
      return "mnt:[" + namespace.inode() + "]";
    }
    Task task = member(state, namespace);
    if (task != null) {
      return "of " + task.tid() + (command ? " (" + task.comm() + ")" : "");
    }
    return namespace.createdAt() == 0
        ? "of which only mounts are known"
        : "made at @" + namespace.createdAt();
  }

  /** The oldest living task in it: the one that made it, or was made with it, while it lives. */
  private static Task member(KernelState state, Namespace namespace) {
    Task oldest = null;
    for (long key : state.tasksByMountNs.keys(namespace.key())) {
      Task task = state.tasks.get(key);
      if (task.alive() && (oldest == null || task.createdAt() < oldest.createdAt())) {
        oldest = task;
      }
    }
    return oldest;
  }
}
