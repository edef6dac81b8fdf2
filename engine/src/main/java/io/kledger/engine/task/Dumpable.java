package io.kledger.engine.task;

import io.kledger.engine.CallContext;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Machine;
import io.kledger.kernel.Tables;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.task.Credentials;
import io.kledger.kernel.task.Task;
import io.kledger.kernel.task.TaskSettings;
import io.kledger.kernel.task.ThreadGroup;
import java.util.List;

/**
 * Whether a process may be dumped, traced and looked at: get_dumpable() in include/linux, and what
 * commit_creds() in kernel/cred.c does to it. It belongs to the memory of a process: the row of its
 * leader has it.
 */
public final class Dumpable {
  private static final String SETTING = "fs.suid_dumpable=";

  /** SUID_DUMP_USER. */
  private static final int USER = 1;

  private Dumpable() {}

  /** The value that PR_GET_DUMPABLE returns. */
  public static int of(KernelState state, Task task) {
    TaskSettings row = state.taskSettings.get(leader(state, task));
    return row == null ? USER : row.dumpable();
  }

  /**
   * fs.suid_dumpable: what a process is that gained ids or capabilities; SUID_DUMP_DISABLE at boot.
   */
  static int afterGain(KernelState state) {
    Machine machine = state.machine.get(1);
    for (String line : machine == null ? List.<String>of() : machine.settings()) {
      if (line.matches("fs\\.suid_dumpable=[012]")) {
        return line.charAt(SETTING.length()) - '0';
      }
    }
    return 0;
  }

  /** Whether only who may trace everything may look at the process. */
  public static boolean guarded(KernelState state, Task task) {
    return of(state, task) != USER;
  }

  /** PR_SET_DUMPABLE, and what else changes it. */
  public static void set(CallContext context, Task task, int value) {
    KernelState state = context.state();
    long key = leader(state, task);
    TaskSettings old = state.taskSettings.get(key);
    if (of(state, task) != value) {
      TaskSettings base = old == null ? TaskSettings.initial(key) : old;
      context.put(
          Tables.TASK_SETTINGS,
          new TaskSettings(key, base.parentDeathSignal(), value, base.execComm()));
    }
  }

  /**
   * The task has other credentials now: with other effective ids, or capabilities that it had not,
   * it is no longer dumpable and hears no more of its parent's death.
   */
  public static void committed(CallContext context, Task task, Credentials old, Credentials now) {
    KernelState state = context.state();
    boolean same =
        !old.known()
            || old.euid() == now.euid()
                && old.egid() == now.egid()
                && old.fsuid() == now.fsuid()
                && old.fsgid() == now.fsgid()
                && subset(state, old, now);
    if (same) {
      return;
    }
    set(context, task, afterGain(state));
    TaskSettings own = state.taskSettings.get(task.key());
    if (own != null && own.parentDeathSignal() != 0) {
      context.put(
          Tables.TASK_SETTINGS, new TaskSettings(own.key(), 0, own.dumpable(), own.execComm()));
    }
  }

  /** cred_cap_issubset(). */
  private static boolean subset(KernelState state, Credentials old, Credentials now) {
    if (old.userNs() == now.userNs()) {
      return (now.capPermitted() & ~old.capPermitted()) == 0;
    }
    Namespace at = state.namespaces.get(now.userNs());
    while (at != null && at.level() > 0) {
      var owner = state.userNamespaces.get(at.key());
      if (at.parent() == old.userNs() && owner != null && owner.ownerUid() == old.euid()) {
        return true;
      }
      at = state.namespaces.get(at.parent());
    }
    return false;
  }

  private static long leader(KernelState state, Task task) {
    ThreadGroup group = state.groups.get(task.group());
    return group == null || group.leader() == 0 ? task.key() : group.leader();
  }
}
