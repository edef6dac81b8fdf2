package io.kledger.engine.task;

import io.kledger.engine.CallContext;
import io.kledger.engine.cgroup.CgroupLife;
import io.kledger.engine.file.FdTables;
import io.kledger.engine.file.FilePut;
import io.kledger.engine.lock.LockTable;
import io.kledger.engine.mount.MountLife;
import io.kledger.engine.ns.NamespaceLife;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.change.NamespaceChange;
import io.kledger.kernel.change.TaskChange;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.task.FsStruct;
import io.kledger.kernel.task.NamespaceSet;
import io.kledger.kernel.task.PidCounter;
import io.kledger.kernel.task.Program;
import io.kledger.kernel.task.Task;
import io.kledger.kernel.task.TaskState;
import io.kledger.kernel.task.ThreadGroup;

/** The end of threads and processes: kernel/exit.c. */
public final class TaskDeath {
  private TaskDeath() {}

  /** One thread ends. */
  public static void thread(CallContext context, Task task, int status) {
    begin(context, task.key());
    finish(context, task.key(), status);
  }

  /** The whole process ends: exit_group(2) or a fatal signal. */
  public static void process(CallContext context, long groupKey, int status) {
    beginProcess(context, groupKey, status);
    KernelState state = context.state();
    ThreadGroup group = state.groups.get(groupKey);
    if (group == null) {
      return;
    }
    for (long key : state.tasksByGroup.keys(groupKey)) {
      if (key != group.leader()) {
        finish(context, key, status);
      }
    }
    finish(context, group.leader(), status);
  }

  /** The whole process begins to end; the trace will show the end of each thread. */
  public static void beginProcess(CallContext context, long groupKey, int status) {
    KernelState state = context.state();
    ThreadGroup group = state.groups.get(groupKey);
    if (group == null || group.untraced()) {
      return;
    }
    if (!group.groupExit()) {
      context.put(Tables.GROUPS, group.withExit(true, status));
    }
    JobControl.ended(context, groupKey);
    for (long key : state.tasksByGroup.keys(groupKey)) {
      begin(context, key);
    }
  }

  /**
   * exit_mm() to exit_task_namespaces(): the task gives up all it holds. Once, however often it is
   * called.
   */
  public static void begin(CallContext context, long key) {
    KernelState state = context.state();
    Task task = state.tasks.get(key);
    if (task == null || !task.alive()) {
      return;
    }
    VforkWait.childLeft(context, task);
    LockTable.taskDied(context, key);
    if (context.state().pending.get(key) != null) {
      context.remove(Tables.PENDING, key);
    }
    NamespaceSet old = task.namespaces();
    // The numbers of a zombie still resolve, so it keeps its pid namespace.
    NamespaceSet left = new NamespaceSet(0, old.pid(), 0, 0, 0, 0, 0, 0, 0);
    Task exiting = task.withFiles(0).withFs(0).withNamespaces(left).withState(TaskState.EXITING, 0);
    context.emit(new TaskChange.Changed(exiting));
    dropProgram(context, task.group());
    long acting = context.actAs(key);
    FdTables.releaseTable(context, task.files());
    context.actAs(acting);
    dropFs(context, task.fs());
    NamespaceLife.left(context, old);
    CgroupLife.left(context, task.cgroup());
  }

  /** exit_mm() of the last thread: the file it ran may be written again. */
  private static void dropProgram(CallContext context, long group) {
    KernelState state = context.state();
    boolean live = state.programs.get(group) == null;
    for (long key : live ? new long[0] : state.tasksByGroup.keys(group)) {
      live |= state.tasks.require(key).alive();
    }
    if (!live) {
      Program ran = state.programs.require(group);
      context.remove(Tables.PROGRAMS, group);
      released(context, ran);
    }
  }

  /** set_mm_exe_file(): what ran holds its mount and its file no longer. */
  static void released(CallContext context, Program program) {
    MountLife.releaseIfUnused(context, program.place().mount());
    FilePut.dropInode(context, program.inode());
  }

  private static void dropFs(CallContext context, long key) {
    FsStruct fs = context.state().fs.get(key);
    if (fs != null && context.state().tasksByFs.count(key) == 0) {
      context.remove(Tables.FS, key);
      MountLife.releaseIfUnused(context, fs.cwd().mount());
      MountLife.releaseIfUnused(context, fs.root().mount());
    }
  }

  /** exit_notify(): the thread is gone; with the last one the process is a zombie. */
  public static void finish(CallContext context, long key, int status) {
    KernelState state = context.state();
    Task task = state.tasks.get(key);
    if (task == null || task.state() == TaskState.ZOMBIE) {
      return;
    }
    if (task.alive()) {
      begin(context, key);
      task = state.tasks.require(key);
    }
    ThreadGroup group = state.groups.require(task.group());
    int word = group.groupExit() ? group.exitStatus() : status;
    Task other = liveThread(state, group.key(), key);
    if (other == null && isInit(state, task)) {
      PidNamespaceEnd.kill(context, task);
    }
    Orphans.of(context, task, other);
    if (other == null) {
      ThreadGroup last = state.groups.require(group.key());
      JobControl.unlink(context, last, state.groups.get(last.parent()), last.key());
    }
    Task dead = task.withState(TaskState.ZOMBIE, word);
    context.emit(new TaskChange.Exited(dead));
    if (!group.groupExit()) {
      // Without exit_group the status is that of the last thread to go.
      context.put(Tables.GROUPS, state.groups.require(group.key()).withExit(false, status));
    }
    if (group.leader() != key) {
      Reaping.releaseTask(context, dead, 0);
    }
    if (other == null) {
      JobControl.ended(context, group.key());
      Reaping.groupEmpty(context, group.key());
    }
  }

  /** A thread of a process, other than this, that is still there; null if none. */
  static Task liveThread(KernelState state, long group, long except) {
    for (long key : state.tasksByGroup.keys(group)) {
      Task task = state.tasks.get(key);
      if (key != except && task.state() != TaskState.ZOMBIE) {
        return task;
      }
    }
    return null;
  }

  /** Whether it is the init of its pid namespace, other than the initial one. */
  static boolean isInit(KernelState state, Task task) {
    Namespace pid = state.namespaces.get(task.namespaces().pid());
    if (pid == null || pid.level() == 0) {
      return false;
    }
    Task init = state.tasks.get(pid.root());
    return init != null && init.group() == task.group();
  }

  /** No more numbers in the pid namespace of a dead init. */
  static void disable(CallContext context, long namespace) {
    PidCounter counter = context.state().pidCounters.get(namespace);
    context.put(
        Tables.PID_COUNTERS, new PidCounter(namespace, counter == null ? 1 : counter.last(), true));
    Namespace row = context.state().namespaces.require(namespace);
    context.emit(new NamespaceChange.Changed(row.withDead()));
  }
}
