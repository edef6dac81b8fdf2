package io.kledger.engine.watch;

import io.kledger.engine.CallContext;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Machine;
import io.kledger.kernel.task.FileOpener;
import io.kledger.kernel.watch.InotifyInstance;

/**
 * How many instances and watches a user may have: inc_inotify_instances(), inc_inotify_watches().
 * Only a simulation counts; of a recorded kernel the ledger does not see all users' watches.
 */
public final class InotifyLimits {
  /** INOTIFY_INSTANCES_MAX by default. */
  private static final long INSTANCES = 128;

  private InotifyLimits() {}

  /** Whether the calling user has as many instances as fs.inotify.max_user_instances. */
  public static boolean instancesUsedUp(CallContext context) {
    if (!context.simulated()) {
      return false;
    }
    long most = most(context, "instances", INSTANCES);
    int user = context.task().credentials().euid();
    long count = 0;
    for (InotifyInstance instance : context.state().inotifyInstances.rows()) {
      count += owner(context.state(), instance.key()) == user ? 1 : 0;
    }
    return count >= most;
  }

  /** Whether the creator of an instance has as many watches as fs.inotify.max_user_watches. */
  public static boolean watchesUsedUp(CallContext context, long instance) {
    long most = context.simulated() ? most(context, "watches", Long.MAX_VALUE) : Long.MAX_VALUE;
    if (most == Long.MAX_VALUE) {
      return false;
    }
    KernelState state = context.state();
    int user = owner(state, instance);
    long count = 0;
    for (InotifyInstance one : state.inotifyInstances.rows()) {
      count += owner(state, one.key()) == user ? state.watchesByInstance.count(one.key()) : 0;
    }
    return count >= most;
  }

  private static int owner(KernelState state, long instance) {
    FileOpener opener = state.fileOpeners.get(instance);
    return opener == null ? 0 : opener.credentials().euid();
  }

  /** The one setting has two names: fs.inotify.max_user_* and user.max_inotify_*. */
  private static long most(CallContext context, String what, long otherwise) {
    return setting(
        context,
        "fs.inotify.max_user_" + what,
        setting(context, "user.max_inotify_" + what, otherwise));
  }

  static long setting(CallContext context, String name, long otherwise) {
    Machine machine = context.state().machine.get(1);
    String value = machine == null ? null : machine.setting(name);
    return value == null ? otherwise : Long.parseLong(value.strip());
  }
}
