package io.kledger.engine.task;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.mount.MountLife;
import io.kledger.engine.mount.MountTree;
import io.kledger.engine.ns.Capability;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.ns.NamespaceKind;
import io.kledger.kernel.task.Credentials;
import io.kledger.kernel.task.FsStruct;
import io.kledger.kernel.task.NamespaceSet;
import io.kledger.kernel.task.Task;
import io.kledger.kernel.task.TaskState;

/** Moving into namespaces that exist: setns(2), validate_nsset() in kernel/nsproxy.c. */
public final class SetNamespaces {
  /** The order in which the kernel checks and installs. */
  private static final NamespaceKind[] ORDER = {
    NamespaceKind.USER,
    NamespaceKind.MOUNT,
    NamespaceKind.UTS,
    NamespaceKind.IPC,
    NamespaceKind.PID,
    NamespaceKind.CGROUP,
    NamespaceKind.NET,
    NamespaceKind.TIME
  };

  /** Instead of types: those of which the process is in another namespace than the caller. */
  public static final long WHAT_DIFFERS = -1;

  private final CallContext context;
  private final Task before;
  private Task after;
  private Mount newRoot;

  private SetNamespaces(CallContext context) {
    this.context = context;
    this.before = context.task();
    this.after = before;
  }

  /** Into the namespace behind an nsfs file. */
  public static Result one(CallContext context, long key, long type) {
    Namespace target = context.state().namespaces.get(key);
    if (target == null) {
      return context.assuming() ? Result.ZERO : new Result.Unknown("which namespace this is");
    }
    if (type != 0 && type != target.kind().cloneFlag() && context.refuse("C8 type")) {
      return context.fail(Errno.EINVAL, "C8 type");
    }
    SetNamespaces set = new SetNamespaces(context);
    Result refused = set.into(target);
    return refused == null ? set.install() : refused;
  }

  /** Into the namespaces of a process. */
  public static Result ofProcess(CallContext context, long holder, long types) {
    KernelState state = context.state();
    long known = CloneFlags.OTHER_NAMESPACES | CloneFlags.NEWUSER;
    boolean differing = types == WHAT_DIFFERS;
    if (!differing && (types == 0 || (types & ~known) != 0) && context.refuse("C8 types")) {
      return context.fail(Errno.EINVAL, "C8 types");
    }
    Task target = state.tasksByPid.last(holder);
    if (target == null || target.state() == TaskState.ZOMBIE) {
      if (target == null && !Kernel.runs(context) && state.pids.get(holder) == null) {
        return new Result.Unknown("what the pidfd refers to");
      }
      return context.fail(Errno.ESRCH, "C8 reaped or a zombie");
    }
    if (!mayAccess(context, target) && context.refuse("C7.8 ptrace access")) {
      return context.fail(Errno.EPERM, "C7.8 ptrace access");
    }
    SetNamespaces set = new SetNamespaces(context);
    for (NamespaceKind kind : ORDER) {
      if (differing ? of(target, kind) != own(set.before, kind) : (types & kind.cloneFlag()) != 0) {
        Namespace row = state.namespaces.get(of(target, kind));
        Result refused = row == null ? null : set.into(row);
        if (refused != null) {
          return refused;
        }
      }
    }
    return set.install();
  }

  /** ptrace_may_access(PTRACE_MODE_READ_REALCREDS). */
  public static boolean mayAccess(CallContext context, Task target) {
    Credentials mine = context.task().credentials();
    return mayAccess(context, target, mine.uid(), mine.gid(), mine.capPermitted());
  }

  /** ptrace_may_access(PTRACE_MODE_READ_FSCREDS): what files of /proc and of pidfds ask. */
  public static boolean mayRead(CallContext context, Task target) {
    Credentials mine = context.task().credentials();
    return mayAccess(context, target, mine.fsuid(), mine.fsgid(), mine.capEffective());
  }

  private static boolean mayAccess(
      CallContext context, Task target, int uid, int gid, long capabilities) {
    Credentials mine = context.task().credentials();
    Credentials theirs = target.credentials();
    if (context.task().group() == target.group() || !mine.known() || !theirs.known()) {
      return true;
    }
    boolean same =
        uid == theirs.uid()
            && uid == theirs.euid()
            && uid == theirs.suid()
            && gid == theirs.gid()
            && gid == theirs.egid()
            && gid == theirs.sgid();
    // cap_ptrace_access_check(), and only who may trace looks at what is not dumpable.
    boolean covered =
        mine.userNs() == theirs.userNs() && (theirs.capPermitted() & ~capabilities) == 0;
    return same && covered && !Dumpable.guarded(context.state(), target)
        || Capability.over(context.state(), mine, theirs.userNs(), Capability.SYS_PTRACE);
  }

  /** The namespace of a kind that a task is in. */
  public static long of(Task task, NamespaceKind kind) {
    NamespaceSet set = task.namespaces();
    return switch (kind) {
      case USER -> task.credentials().userNs();
      case MOUNT -> set.mount();
      case UTS -> set.uts();
      case IPC -> set.ipc();
      case PID -> set.pid();
      case CGROUP -> set.cgroup();
      case NET -> set.net();
      case TIME -> set.time();
    };
  }

  /** What setns(2) would replace: of pid and time the namespace of children to come. */
  private static long own(Task task, NamespaceKind kind) {
    return switch (kind) {
      case PID -> task.namespaces().pidForChildren();
      case TIME -> task.namespaces().timeForChildren();
      case USER, MOUNT, UTS, IPC, CGROUP, NET -> of(task, kind);
    };
  }

  private boolean may(long userNs, int capability) {
    Credentials who = after.credentials();
    return !who.known() || Capability.over(context.state(), who, userNs, capability);
  }

  private Result check(boolean fine, int errno, String rule) {
    return !fine && context.refuse(rule) ? context.fail(errno, rule) : null;
  }

  private boolean alone() {
    return context.state().tasksByGroup.count(before.group()) <= 1;
  }

  /** The `install` of each kind's proc_ns_operations. */
  private Result into(Namespace target) {
    NamespaceSet set = after.namespaces();
    long key = target.key();
    return switch (target.kind()) {
      case USER -> user(target);
      case MOUNT -> mount(target);
      case UTS -> plain(target, set.withUts(key));
      case IPC -> plain(target, set.withIpc(key));
      case NET -> plain(target, set.withNet(key));
      case CGROUP -> plain(target, set.withCgroup(key));
      case PID -> {
        Result refused = admin(target);
        boolean below = PidNumbers.within(context.state(), key, set.pid());
        refused = refused == null ? check(below, Errno.EINVAL, "C8 pid namespace above") : refused;
        after = after.withNamespaces(set.withPidForChildren(key));
        yield refused;
      }
      case TIME -> {
        Result refused = check(alone(), Errno.EUSERS, "C8 several threads");
        after = after.withNamespaces(set.withTimeForChildren(key).withTime(key));
        yield refused == null ? admin(target) : refused;
      }
    };
  }

  private Result admin(Namespace target) {
    boolean fine =
        may(target.owner(), Capability.SYS_ADMIN)
            && may(after.credentials().userNs(), Capability.SYS_ADMIN);
    return check(fine, Errno.EPERM, "C8 CAP_SYS_ADMIN");
  }

  private Result plain(Namespace target, NamespaceSet set) {
    after = after.withNamespaces(set);
    return admin(target);
  }

  private Result user(Namespace target) {
    boolean fine = target.key() != after.credentials().userNs() && alone() && ownFs();
    Result refused = check(fine, Errno.EINVAL, "C8 user namespace");
    if (refused == null) {
      refused = check(may(target.key(), Capability.SYS_ADMIN), Errno.EPERM, "C8 CAP_SYS_ADMIN");
    }
    after = after.withCredentials(Births.ownerOf(after.credentials(), target.key()));
    return refused;
  }

  private boolean ownFs() {
    return context.state().tasksByFs.count(before.fs()) <= 1;
  }

  private Result mount(Namespace target) {
    long own = after.credentials().userNs();
    boolean fine =
        may(target.owner(), Capability.SYS_ADMIN)
            && may(own, Capability.SYS_CHROOT)
            && may(own, Capability.SYS_ADMIN);
    Result refused = check(fine, Errno.EPERM, "C8 mount namespace");
    if (refused == null) {
      refused = check(ownFs() && !target.anonymous(), Errno.EINVAL, "C8 shared fs");
    }
    after = after.withNamespaces(after.namespaces().withMount(target.key()));
    newRoot = context.state().mounts.get(target.root());
    return refused;
  }

  private Result install() {
    if (context.observed() != null && !context.succeeded()) {
      return new Result.Unknown("why the kernel refused");
    }
    if (before.namespaces().mount() != after.namespaces().mount() || newRoot != null) {
      Mount top = newRoot == null ? null : MountTree.top(context.state(), newRoot);
      FsStruct fs = context.state().fs.get(before.fs());
      UnshareTask.atTop(context, top == null ? Place.UNKNOWN : new Place(top.key(), top.root()));
      if (fs != null) {
        MountLife.releaseIfUnused(context, fs.cwd().mount());
        MountLife.releaseIfUnused(context, fs.root().mount());
      }
    }
    UnshareTask.switched(context, before, after);
    return Result.ZERO;
  }
}
