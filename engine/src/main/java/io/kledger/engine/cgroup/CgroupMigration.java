package io.kledger.engine.cgroup;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.file.Access;
import io.kledger.engine.file.Openers;
import io.kledger.engine.task.Kernel;
import io.kledger.engine.task.PidNumbers;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.cgroup.Cgroup;
import io.kledger.kernel.change.CgroupChange;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.task.Credentials;
import io.kledger.kernel.task.Task;
import io.kledger.kernel.task.ThreadGroup;
import java.util.ArrayList;
import java.util.List;

/** Moving tasks between cgroups: cgroup.procs and cgroup.threads (__cgroup_procs_write()). */
public final class CgroupMigration {
  private static final Bytes PROCS = Bytes.of("cgroup.procs");

  private CgroupMigration() {}

  static Result write(
      CallContext context, OpenFileDescription file, Cgroup target, String text, boolean threads) {
    Long number = CgroupWrites.number(text);
    if (number == null || number < 0) {
      return context.refuse("C9.4 one number")
          ? context.fail(Errno.EINVAL, "C9.4 one number")
          : null;
    }
    KernelState state = context.state();
    Task task =
        number == 0
            ? context.task()
            : PidNumbers.task(state, context.task().namespaces().pid(), number.intValue());
    if (task == null) {
      if (Kernel.runs(context)) {
        return context.fail(Errno.ESRCH, "C9.4 no such process");
      }
      return context.assuming() ? null : new Result.Unknown("a process outside the log");
    }
    Credentials who = Openers.credentials(context, file);
    return move(context, task, target, who, Openers.cgroupNs(context, file), threads);
  }

  /**
   * Moves a task, or its whole process; null if it may.
   *
   * @param who whose rights count
   * @param cgroupNs key of the cgroup namespace whose border counts
   */
  public static Result move(
      CallContext context,
      Task task,
      Cgroup target,
      Credentials who,
      long cgroupNs,
      boolean threads) {
    KernelState state = context.state();
    Cgroup source = state.cgroups.get(task.cgroup());
    Result refused = permitted(context, source, target, who, cgroupNs);
    if (refused == null) {
      refused = CgroupRules.mayEnter(context, target);
    }
    if (refused != null) {
      return refused;
    }
    if (threads
        && source != null
        && CgroupTypes.domainRoot(state, source) != CgroupTypes.domainRoot(state, target)
        && context.refuse("C9.6 other domain")) {
      return context.fail(Errno.EOPNOTSUPP, "C9.6 other domain");
    }
    if (threads) {
      move(context, task, target.key());
    } else {
      moveProcess(context, state.groups.require(task.group()), target.key());
    }
    return null;
  }

  /** cgroup_procs_write_permission(); null if it may. */
  static Result permitted(
      CallContext context, Cgroup source, Cgroup target, Credentials who, long cgroupNs) {
    if (!mayMove(context, source, target, who) && context.refuse("C9.5 write permission")) {
      return context.fail(Errno.EACCES, "C9.5 write permission");
    }
    return NamespaceDelegation.mayMove(context, source, target, cgroupNs);
  }

  /** cgroup_attach_permissions(): the common ancestor's cgroup.procs must be writable. */
  private static boolean mayMove(
      CallContext context, Cgroup source, Cgroup target, Credentials who) {
    KernelState state = context.state();
    if (!who.known() || source == null) {
      return true;
    }
    List<Long> up = new ArrayList<>();
    for (Cgroup at = source; at != null; at = state.cgroups.get(at.parent())) {
      up.add(at.key());
    }
    Cgroup common = target;
    while (common != null && !up.contains(common.key())) {
      common = state.cgroups.get(common.parent());
    }
    return common == null || mayWrite(state, common, who);
  }

  /** Whether credentials may write to a cgroup's cgroup.procs. */
  public static boolean mayWrite(KernelState state, Cgroup cgroup, Credentials who) {
    for (long key : state.dentriesByInode.keys(cgroup.directory())) {
      Dentry procs = state.child(key, PROCS);
      Inode inode = procs == null ? null : state.inodes.get(procs.inode());
      if (inode != null) {
        return Access.allowed(state, who, inode, Access.WRITE);
      }
    }
    return true;
  }

  private static void moveProcess(CallContext context, ThreadGroup group, long target) {
    KernelState state = context.state();
    List<Long> sources = new ArrayList<>();
    boolean first = true;
    for (long key : state.tasksByGroup.keys(group.key())) {
      Task task = state.tasks.require(key);
      if (task.alive() && task.cgroup() != target) {
        if (!sources.contains(task.cgroup())) {
          sources.add(task.cgroup());
        }
        place(context, task, target, first);
        first = false;
      }
    }
    settle(context, sources, target, group.key());
  }

  private static void move(CallContext context, Task task, long target) {
    if (task.alive() && task.cgroup() != target) {
      long source = task.cgroup();
      place(context, task, target, true);
      settle(context, List.of(source), target, task.group());
    }
  }

  /** One change a process, not one a thread: the others follow silently. */
  private static void place(CallContext context, Task task, long target, boolean news) {
    Task moved = task.withCgroup(target);
    if (news) {
      context.emit(new CgroupChange.Migrated(moved, task.cgroup()));
    } else {
      context.put(Tables.TASKS, moved);
    }
  }

  private static void settle(CallContext context, List<Long> sources, long target, long group) {
    for (long source : sources) {
      CgroupLife.left(context, source);
    }
    CgroupLife.entered(context, sources, target, group);
  }
}
