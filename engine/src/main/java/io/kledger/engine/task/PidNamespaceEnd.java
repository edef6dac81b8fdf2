package io.kledger.engine.task;

import io.kledger.engine.CallContext;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.task.Task;
import io.kledger.kernel.task.TaskState;
import io.kledger.kernel.task.ThreadGroup;

/** The death of a pid namespace's init: zap_pid_ns_processes() in kernel/pid_namespace.c. */
final class PidNamespaceEnd {
  private PidNamespaceEnd() {}

  /**
   * All other members get SIGKILL and are reaped. In a trace each has its own end there, and only
   * what was a zombie is gone now.
   */
  static void kill(CallContext context, Task init) {
    KernelState state = context.state();
    long namespace = init.namespaces().pid();
    Namespace row = state.namespaces.require(namespace);
    if (row.dead()) {
      return;
    }
    TaskDeath.disable(context, namespace);
    boolean here = Kernel.runs(context);
    for (long key : state.tasks.keys()) {
      Task task = state.tasks.get(key);
      if (task == null
          || task.group() == init.group()
          || !PidNumbers.within(state, task.namespaces().pid(), namespace)) {
        continue;
      }
      ThreadGroup group = state.groups.get(task.group());
      if (group == null) {
        continue;
      }
      if (here && task.state() != TaskState.ZOMBIE) {
        TaskDeath.process(context, task.group(), Signals.KILL);
      }
      Task left = state.tasks.get(group.leader());
      if (left != null && left.state() == TaskState.ZOMBIE) {
        Reaping.release(context, left, init.key());
      }
    }
  }
}
