package io.kledger.projection.http;

import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.task.FsStruct;
import io.kledger.kernel.task.Task;
import io.kledger.projection.ledger.Asked;
import io.kledger.view.Tasks;
import jakarta.ws.rs.core.Response;

/** Finds what the numbers of a request mean in a state. */
final class Selected {
  private final KernelState state;
  private final Asked asked;
  private final String machine;

  Selected(Asked asked, String machine) {
    this.state = asked.state();
    this.asked = asked;
    this.machine = machine;
  }

  /** The task, which must be there. */
  Task task(int pid) {
    Task task = state.task(pid);
    if (task == null) {
      throw new Problem(
          Response.Status.NOT_FOUND,
          "no process "
              + pid
              + " on "
              + machine
              + " at @"
              + asked.position()
              + "; see /api/v1/machines/"
              + machine
              + "/tasks?at=@"
              + asked.position());
    }
    return task;
  }

  /** The task of that number; without one the first that is alive. */
  Task taskOrFirst(Integer pid) {
    if (pid != null) {
      return task(pid);
    }
    for (Task task : Tasks.all(state)) {
      if (task.alive()) {
        return task;
      }
    }
    throw new Problem(
        Response.Status.NOT_FOUND,
        "no process is alive on " + machine + " at @" + asked.position());
  }

  /** The mounts to show: a namespace's, as seen from a root. */
  record MountView(long namespace, Place root) {}

  /** A whole mount namespace, or what a task sees of its own. */
  MountView mounts(Integer pid, Long namespace) {
    if (namespace == null) {
      Task task = taskOrFirst(pid);
      FsStruct fs = state.fs.get(task.fs());
      return new MountView(task.namespaces().mount(), fs == null ? Place.UNKNOWN : fs.root());
    }
    Namespace row = state.namespacesByInode.last(namespace);
    if (row == null) {
      throw new Problem(
          Response.Status.NOT_FOUND,
          "no namespace "
              + namespace
              + " on "
              + machine
              + " at @"
              + asked.position()
              + "; see /api/v1/machines/"
              + machine
              + "/namespaces?at=@"
              + asked.position());
    }
    return new MountView(row.key(), Place.UNKNOWN);
  }
}
