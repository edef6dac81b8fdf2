package io.kledger.cli.command;

import io.kledger.engine.mount.MountTree;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.ns.NamespaceKind;
import io.kledger.kernel.task.FsStruct;
import io.kledger.kernel.task.Task;
import io.kledger.view.Tasks;

/**
 * Whose mounts are shown: those of a namespace, seen from a root.
 *
 * @param namespace key of the mount namespace
 * @param root where paths begin
 * @param task who looks; null if no process in particular
 */
record MountViewer(long namespace, Place root, Task task) {

  /**
   * The viewer that the command line names: a namespace, a process, else the oldest task. Where
   * every task is gone, one outside the trace in the oldest mount namespace.
   */
  static MountViewer of(KernelState state, Integer pid, Long inode) {
    if (inode != null) {
      return new MountViewer(NamespaceArgument.require(state, inode), Place.UNKNOWN, null);
    }
    if (pid != null) {
      return of(state, TaskArgument.require(state, pid));
    }
    for (Task task : Tasks.all(state)) {
      if (task.alive()) {
        return of(state, task);
      }
    }
    long[] oldest = state.namespacesByKind.keys(NamespaceKind.MOUNT.ordinal() + 1L);
    if (oldest.length == 0) {
      throw new IllegalArgumentException(
          "no task and no mount namespace at that moment; see kledger log");
    }
    return new MountViewer(oldest[0], top(state, state.namespaces.get(oldest[0])), null);
  }

  private static MountViewer of(KernelState state, Task task) {
    FsStruct fs = state.fs.get(task.fs());
    return new MountViewer(task.namespaces().mount(), fs == null ? Place.UNKNOWN : fs.root(), task);
  }

  private static Place top(KernelState state, Namespace namespace) {
    Mount root = state.mounts.get(namespace.root());
    return root == null
        ? Place.UNKNOWN
        : MountTree.topmost(state, new Place(root.key(), root.root()));
  }
}
