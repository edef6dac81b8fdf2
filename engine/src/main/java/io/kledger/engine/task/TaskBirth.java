package io.kledger.engine.task;

import io.kledger.engine.CallContext;
import io.kledger.engine.mount.NamespaceRoot;
import io.kledger.engine.ns.NamespaceRows;
import io.kledger.event.Bytes;
import io.kledger.event.avro.Phase;
import io.kledger.event.avro.Syscall;
import io.kledger.kernel.CounterId;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Machine;
import io.kledger.kernel.Tables;
import io.kledger.kernel.cgroup.Cgroup;
import io.kledger.kernel.change.TaskChange;
import io.kledger.kernel.file.FdTable;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.ns.NamespaceKind;
import io.kledger.kernel.task.Credentials;
import io.kledger.kernel.task.FsStruct;
import io.kledger.kernel.task.NamespaceSet;
import io.kledger.kernel.task.PendingCall;
import io.kledger.kernel.task.Pid;
import io.kledger.kernel.task.Task;
import io.kledger.kernel.task.TaskState;
import io.kledger.kernel.task.ThreadGroup;
import java.util.List;

/** Finds the task of an event; a task that was never seen comes into being with its first event. */
public final class TaskBirth {
  /** SIGCHLD of x86-64 and most others. */
  private static final int SIGCHLD = 17;

  private TaskBirth() {}

  /**
   * The task with this number in the tracer's pid namespace. An unknown one is the child of a clone
   * that has not returned yet; on the model machine a child of task 1; else it was there before the
   * trace began. Null for the last words of a task that is gone.
   */
  public static Task find(CallContext context, int tid) {
    KernelState state = context.state();
    Task task = state.task(tid);
    if (task != null) {
      return task;
    }
    Machine machine = state.machine.get(1);
    if (machine != null && machine.model()) {
      return childOfInit(context, tid);
    }
    if (context.event().getBody() instanceof Syscall call
        && call.getPhase() != Phase.ENTERED
        && context.observed() != null
        && context.observed().getUnknown()) {
      return null;
    }
    PendingCall clone = EarlyChildren.parentCall(context);
    return clone == null ? infer(context, tid) : EarlyChildren.born(context, clone, tid);
  }

  private static Task childOfInit(CallContext context, int tid) {
    Task init = context.state().tasksByTid.first(1);
    Task child = Births.declared(context, init, tid);
    return context.state().tasks.require(Births.rename(context, child, Bytes.of("t" + tid)).key());
  }

  /** A task of which only the number is known. */
  public static Task infer(CallContext context, int tid) {
    NamespaceRoot.infer(context);
    Pid pid = newPid(context, tid);
    ThreadGroup group = newGroup(context, tid, 0);
    FdTable files = new FdTable(context.newKey(), false);
    context.put(Tables.FD_TABLES, files);
    FsStruct fs = new FsStruct(context.newKey(), inferredRoot(context), Place.UNKNOWN, 022);
    context.put(Tables.FS, fs);
    NamespaceSet namespaces = initialNamespaces(context);
    long user =
        NamespaceRows.seen(
                context, NamespaceKind.USER, NamespaceRows.initialInode(NamespaceKind.USER), 0)
            .key();
    Task task =
        new Task(
            context.newKey(),
            tid,
            pid.key(),
            group.key(),
            Bytes.EMPTY,
            files.key(),
            fs.key(),
            unknownCredentials(user),
            namespaces,
            rootCgroup(context),
            TaskState.RUNNING,
            0,
            context.position(),
            true);
    context.put(Tables.GROUPS, group.withLeader(task.key()));
    context.emit(new TaskChange.Forked(task, 0));
    return task;
  }

  /** A task outside any chroot has the root of its namespace. */
  private static Place inferredRoot(CallContext context) {
    Namespace ns = NamespaceRows.initial(context.state(), NamespaceKind.MOUNT);
    var hidden = ns == null ? null : context.state().mounts.get(ns.root());
    if (hidden == null) {
      return Place.UNKNOWN;
    }
    Mount top = hidden;
    for (Mount on = hidden; on != null; on = context.state().mountAt(on.key(), on.root())) {
      top = on;
    }
    return new Place(top.key(), top.root());
  }

  private static Credentials unknownCredentials(long userNs) {
    Credentials root = Credentials.root(userNs);
    return new Credentials(
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        List.of(),
        0,
        root.capPermitted(),
        root.capEffective(),
        root.capBounding(),
        0,
        0,
        false,
        userNs,
        false);
  }

  /** A holder for a number of the tracer's pid namespace. */
  public static Pid newPid(CallContext context, int number) {
    Namespace ns = NamespaceRows.seen(context, NamespaceKind.PID, 0, 0);
    Pid pid =
        new Pid(context.newKey(), ns.key(), List.of(number), context.next(CounterId.PID_INODE));
    context.put(Tables.PIDS, pid);
    PidNumbers.taken(context, ns.key(), number);
    return pid;
  }

  private static ThreadGroup newGroup(CallContext context, int tgid, long pid) {
    return new ThreadGroup(
        context.newKey(),
        tgid,
        0,
        0,
        0,
        context.next(CounterId.ORDER),
        pid,
        pid,
        SIGCHLD,
        false,
        0,
        0,
        false,
        -1,
        -1,
        false,
        false,
        0);
  }

  /** The process with this number; one without tasks if the log has not shown it. */
  public static ThreadGroup process(CallContext context, int tgid) {
    ThreadGroup group = context.state().groupsByTgid.last(tgid);
    if (group == null) {
      group = newGroup(context, tgid, 0);
      context.put(Tables.GROUPS, group);
    }
    return group;
  }

  private static NamespaceSet initialNamespaces(CallContext context) {
    long pid = first(context, NamespaceKind.PID);
    long time = first(context, NamespaceKind.TIME);
    return new NamespaceSet(
        first(context, NamespaceKind.MOUNT),
        pid,
        pid,
        first(context, NamespaceKind.CGROUP),
        first(context, NamespaceKind.UTS),
        first(context, NamespaceKind.IPC),
        first(context, NamespaceKind.NET),
        time,
        time);
  }

  private static long first(CallContext context, NamespaceKind kind) {
    return NamespaceRows.seen(context, kind, 0, 0).key();
  }

  private static long rootCgroup(CallContext context) {
    for (long key : context.state().cgroups.keys()) {
      Cgroup cgroup = context.state().cgroups.get(key);
      if (cgroup.parent() == 0) {
        return key;
      }
    }
    return 0;
  }
}
