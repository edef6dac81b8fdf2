package io.kledger.engine.cgroup;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.cgroup.Cgroup;
import io.kledger.kernel.task.Task;
import java.util.List;

/** Who may go where: cgroup_attach_permissions(), cgroup_migrate_vet_dst(). */
public final class CgroupRules {
  /** Controllers that allow processes beside them: threaded ones. */
  private static final List<Bytes> THREADED =
      List.of(Bytes.of("cpu"), Bytes.of("cpuset"), Bytes.of("perf_event"), Bytes.of("pids"));

  private CgroupRules() {}

  /** The cgroup whose directory has this inode, or null. */
  public static Cgroup ofDirectory(KernelState state, long inode) {
    return inode == 0 ? null : state.cgroups.get(first(state.cgroupsByDirectory.keys(inode)));
  }

  private static long first(long[] keys) {
    return keys.length == 0 ? 0 : keys[0];
  }

  /**
   * CLONE_INTO_CGROUP: whether the child of a task may be born in a cgroup; null if it may
   * (cgroup_css_set_fork()).
   *
   * @param thread the child is a thread, which stays in its process's domain
   */
  public static Result mayBeBorn(CallContext context, Task task, Cgroup target, boolean thread) {
    if (target.removed()) {
      return context.refuse("C9.3 removed") ? context.fail(Errno.ENOENT, "C9.3 removed") : null;
    }
    KernelState state = context.state();
    if (!CgroupMigration.mayWrite(state, target, task.credentials())
        && context.refuse("C9.9 write permission")) {
      return context.fail(Errno.EACCES, "C9.9 write permission");
    }
    Cgroup source = state.cgroups.get(task.cgroup());
    Result refused =
        CgroupMigration.permitted(
            context, source, target, task.credentials(), task.namespaces().cgroup());
    if (refused == null) {
      refused = mayEnter(context, target);
    }
    boolean other =
        thread
            && source != null
            && CgroupTypes.domainRoot(state, source) != CgroupTypes.domainRoot(state, target);
    return refused == null && other && context.refuse("C9.6 other domain")
        ? context.fail(Errno.EOPNOTSUPP, "C9.6 other domain")
        : refused;
  }

  /** cgroup_migrate_vet_dst(): whether a cgroup may have processes; null if it may. */
  static Result mayEnter(CallContext context, Cgroup target) {
    if (target.removed()) {
      return context.refuse("C9.3 removed") ? context.fail(Errno.ENODEV, "C9.3 removed") : null;
    }
    boolean invalid = CgroupTypes.shown(context.state(), target) == Cgroup.Type.DOMAIN_INVALID;
    if (invalid && context.refuse("C9.6 invalid domain")) {
      return context.fail(Errno.EOPNOTSUPP, "C9.6 invalid domain");
    }
    if (target.parent() != 0
        && !target.subtreeControl().isEmpty()
        && target.type() != Cgroup.Type.THREADED
        && !canBeThreadRoot(context.state(), target)
        && context.refuse("C9.6 no inner processes")) {
      return context.fail(Errno.EBUSY, "C9.6 no inner processes");
    }
    return null;
  }

  /** Whether a controller allows processes beside it. */
  static boolean threaded(Bytes controller) {
    return THREADED.contains(controller);
  }

  /** Whether none of these is a domain controller. */
  static boolean threadedOnly(List<Bytes> controllers) {
    return THREADED.containsAll(controllers);
  }

  /** cgroup_can_be_thread_root(). */
  static boolean canBeThreadRoot(KernelState state, Cgroup cgroup) {
    if (!threadedOnly(cgroup.subtreeControl())) {
      return false;
    }
    for (long child : state.cgroupsByParent.keys(cgroup.key())) {
      if (state.cgroups.get(child).type() != Cgroup.Type.THREADED
          && CgroupLife.populated(state, child)) {
        return false;
      }
    }
    return true;
  }
}
