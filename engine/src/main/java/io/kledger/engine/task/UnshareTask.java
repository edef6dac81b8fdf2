package io.kledger.engine.task;

import io.kledger.engine.CallContext;
import io.kledger.engine.file.FdTables;
import io.kledger.engine.ns.NamespaceLife;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.change.NamespaceChange;
import io.kledger.kernel.change.TaskChange;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.ns.NamespaceKind;
import io.kledger.kernel.task.FsStruct;
import io.kledger.kernel.task.NamespaceSet;
import io.kledger.kernel.task.Task;

/** The effects of unshare(2): ksys_unshare() in kernel/fork.c. */
public final class UnshareTask {
  private UnshareTask() {}

  /** All checks have passed; {@code flags} with those that they imply. */
  public static void run(CallContext context, long flags) {
    if ((flags & CloneFlags.FILES) != 0) {
      FdTables.unshare(context);
    }
    if ((flags & CloneFlags.FS) != 0) {
      unshareFs(context);
    }
    Task task = context.task();
    NewNamespaces made = NewNamespaces.forSelf(context, task, flags);
    FsStruct fs = context.state().fs.get(task.fs());
    if (fs != null && (flags & CloneFlags.NEWNS) != 0) {
      context.put(Tables.FS, made.moved(fs));
    }
    Task now = context.task().withCredentials(made.credentials()).withNamespaces(made.namespaces());
    switched(context, task, now);
  }

  /** A shared fs_struct is copied (unshare_fs()). */
  private static void unshareFs(CallContext context) {
    KernelState state = context.state();
    Task task = context.task();
    FsStruct fs = state.fs.get(task.fs());
    if (fs != null && state.tasksByFs.count(task.fs()) > 1) {
      FsStruct own = new FsStruct(context.newKey(), fs.root(), fs.cwd(), fs.umask());
      context.put(Tables.FS, own);
      context.emit(new TaskChange.Changed(task.withFs(own.key())));
    }
  }

  /** The task is in other namespaces: one change for each kind, then the old ones may go. */
  static void switched(CallContext context, Task before, Task after) {
    NamespaceSet old = before.namespaces();
    NamespaceSet set = after.namespaces();
    Task now = context.state().tasks.require(before.key());
    if (before.credentials().userNs() != after.credentials().userNs()) {
      Dumpable.committed(context, now, before.credentials(), after.credentials());
      now = now.withCredentials(after.credentials());
      context.emit(new NamespaceChange.Switched(now, NamespaceKind.USER));
    }
    NamespaceSet step = now.namespaces();
    if (old.mount() != set.mount()) {
      step = step.withMount(set.mount());
      now = emit(context, now, step, NamespaceKind.MOUNT);
    }
    if (old.uts() != set.uts()) {
      step = step.withUts(set.uts());
      now = emit(context, now, step, NamespaceKind.UTS);
    }
    if (old.ipc() != set.ipc()) {
      step = step.withIpc(set.ipc());
      now = emit(context, now, step, NamespaceKind.IPC);
    }
    if (old.pidForChildren() != set.pidForChildren()) {
      step = step.withPidForChildren(set.pidForChildren());
      now = emit(context, now, step, NamespaceKind.PID);
    }
    if (old.cgroup() != set.cgroup()) {
      step = step.withCgroup(set.cgroup());
      now = emit(context, now, step, NamespaceKind.CGROUP);
    }
    if (old.net() != set.net()) {
      step = step.withNet(set.net());
      now = emit(context, now, step, NamespaceKind.NET);
    }
    if (old.timeForChildren() != set.timeForChildren() || old.time() != set.time()) {
      step = step.withTimeForChildren(set.timeForChildren()).withTime(set.time());
      emit(context, now, step, NamespaceKind.TIME);
    }
    NamespaceLife.left(context, old);
    NamespaceLife.dropIfUnused(context, before.credentials().userNs());
  }

  private static Task emit(CallContext context, Task task, NamespaceSet set, NamespaceKind kind) {
    Task changed = task.withNamespaces(set);
    context.emit(new NamespaceChange.Switched(changed, kind));
    return changed;
  }

  /** Root and working directory at the top of a mount namespace (mntns_install()). */
  static void atTop(CallContext context, Place top) {
    FsStruct fs = context.state().fs.get(context.task().fs());
    if (fs != null) {
      context.put(Tables.FS, fs.withRoot(top).withCwd(top));
    }
  }
}
