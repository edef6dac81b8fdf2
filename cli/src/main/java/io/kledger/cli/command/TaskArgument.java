package io.kledger.cli.command;

import io.kledger.kernel.KernelState;
import io.kledger.kernel.task.Task;
import io.kledger.view.Tasks;

/** Finds the task that a number on the command line means. */
final class TaskArgument {
  private TaskArgument() {}

  /** The task, which must be there. */
  static Task require(KernelState state, int pid) {
    Task task = state.task(pid);
    if (task == null) {
      throw new IllegalArgumentException("no task " + pid + " at that moment; see kledger tasks");
    }
    return task;
  }

  /** The task of that number; without one the oldest that is alive. */
  static Task orFirst(KernelState state, Integer pid) {
    if (pid != null) {
      return require(state, pid);
    }
    for (Task task : Tasks.all(state)) {
      if (task.alive()) {
        return task;
      }
    }
    throw new IllegalArgumentException("no task is alive at that moment; see kledger tasks --at");
  }
}
