package io.kledger.engine.task;

import io.kledger.engine.CallContext;
import io.kledger.engine.file.FdTables;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.change.TaskChange;
import io.kledger.kernel.task.Credentials;
import io.kledger.kernel.task.Task;
import io.kledger.kernel.task.TaskSettings;
import io.kledger.kernel.task.ThreadGroup;

/** begin_new_exec() and what follows: the task becomes another program. */
public final class Exec {
  /** TASK_COMM_LEN without the terminating zero. */
  public static final int COMM_LENGTH = 15;

  private Exec() {}

  /**
   * The calling task runs another program.
   *
   * @param name of the file, null if not known
   */
  public static void run(CallContext context, Bytes name) {
    deThread(context);
    VforkWait.childLeft(context, context.task());
    KernelState state = context.state();
    FdTables.unshare(context);
    FdTables.closeOnExec(context);
    ThreadGroup group = state.groups.require(context.task().group());
    ThreadGroup after = group.withExec(Signals.CHLD);
    if (!after.equals(group)) {
      context.put(Tables.GROUPS, after);
    }
    Task task = context.task();
    TaskSettings settings = state.taskSettings.get(task.key());
    Bytes comm = settings != null && !settings.execComm().isEmpty() ? settings.execComm() : name;
    if (settings != null) {
      context.put(
          Tables.TASK_SETTINGS,
          new TaskSettings(task.key(), settings.parentDeathSignal(), 1, Bytes.EMPTY));
    }
    Task running =
        task.withComm(comm == null ? Bytes.EMPTY : cut(comm))
            .withCredentials(credentials(task.credentials()))
            .withNamespaces(task.namespaces().withTime(task.namespaces().timeForChildren()));
    context.emit(new TaskChange.Execed(running));
  }

  /** What fits into a comm. */
  public static Bytes cut(Bytes name) {
    return name.length() <= COMM_LENGTH ? name : name.slice(0, COMM_LENGTH);
  }

  /**
   * cap_bprm_creds_from_file() for a file without set-id bits and capabilities of its own: root of
   * the user namespace gets all that its bounding set allows.
   */
  private static Credentials credentials(Credentials old) {
    if (!old.known()) {
      return old;
    }
    boolean root = old.euid() == 0 || old.uid() == 0;
    long permitted =
        root ? old.capBounding() | old.capInheritable() : old.capAmbient();
    long effective = old.euid() == 0 ? permitted : root ? 0 : old.capAmbient();
    return new Credentials(
        old.uid(), old.euid(), old.euid(), old.euid(), old.gid(), old.egid(), old.egid(),
        old.egid(), old.groups(), old.capInheritable(), permitted, effective, old.capBounding(),
        root ? 0 : old.capAmbient(), old.secureBits(), old.noNewPrivs(), old.userNs(), true);
  }

  /** de_thread(): all other threads end; the caller becomes the leader. */
  private static void deThread(CallContext context) {
    KernelState state = context.state();
    Task task = context.task();
    ThreadGroup group = state.groups.require(task.group());
    for (long key : state.tasksByGroup.keys(group.key())) {
      if (key != task.key() && key != group.leader()) {
        TaskDeath.thread(context, state.tasks.require(key), 0);
      }
    }
    if (group.leader() != task.key()) {
      takeOver(context, context.task(), group);
    }
  }

  /** A thread takes the numbers of the leader, which is released silently. */
  private static void takeOver(CallContext context, Task thread, ThreadGroup group) {
    KernelState state = context.state();
    Task leader = state.tasks.get(group.leader());
    context.put(Tables.GROUPS, group.withLeader(thread.key()));
    if (leader == null) {
      return;
    }
    TaskDeath.begin(context, leader.key());
    long own = thread.pid();
    context.emit(new TaskChange.Released(leader.key(), 0));
    Task now = state.tasks.require(thread.key());
    context.emit(new TaskChange.Changed(now.withNumbers(leader.tid(), leader.pid())));
    PidNumbers.dropIfUnused(context, own);
    for (long child : state.groupsByParent.keys(group.key())) {
      ThreadGroup row = state.groups.require(child);
      if (row.parentTask() == leader.key()) {
        context.put(Tables.GROUPS, row.withParentTask(thread.key()));
      }
    }
  }

  /** strace(1) says under the leader's number that a thread took its place. */
  public static void superseded(CallContext context, int by) {
    KernelState state = context.state();
    Task thread = state.task(by);
    Task leader = state.task(context.event().getTid());
    if (thread == null || leader == null || thread.key() == leader.key()) {
      return;
    }
    ThreadGroup group = state.groups.require(thread.group());
    if (group.leader() == leader.key()) {
      takeOver(context, thread, group);
    }
  }
}
