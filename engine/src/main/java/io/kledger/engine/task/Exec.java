package io.kledger.engine.task;

import io.kledger.engine.CallContext;
import io.kledger.engine.file.FdTables;
import io.kledger.engine.ns.IdMap;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.change.TaskChange;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.task.Credentials;
import io.kledger.kernel.task.Program;
import io.kledger.kernel.task.Task;
import io.kledger.kernel.task.TaskSettings;
import io.kledger.kernel.task.ThreadGroup;

/** begin_new_exec() and what follows: the task becomes another program. */
public final class Exec {
  /** TASK_COMM_LEN without the terminating zero. */
  public static final int COMM_LENGTH = 15;

  private static final int SET_UID = 04000;

  /** S_ISGID without the group's x bit marks something else. */
  private static final int SET_GID = 02010;

  private static final int SECBIT_NOROOT = 1;
  private static final int SECBIT_KEEP_CAPS = 1 << 4;
  private static final long MS_NOSUID = 2;

  private Exec() {}

  /**
   * The calling task runs another program.
   *
   * @param name of the file, null if not known
   * @param image the file that is loaded, null if not known
   */
  public static void run(CallContext context, Bytes name, Image image) {
    deThread(context);
    VforkWait.childLeft(context, context.task());
    KernelState state = context.state();
    FdTables.unshare(context);
    ThreadGroup group = state.groups.require(context.task().group());
    loaded(context, group.key(), image);
    FdTables.closeOnExec(context);
    ThreadGroup after = group.withExec(Signals.CHLD);
    if (!after.equals(group)) {
      context.put(Tables.GROUPS, after);
    }
    for (long key : state.groupsByParent.keys(group.key())) {
      ThreadGroup child = state.groups.require(key);
      if (child.exitSignal() > 0 && child.exitSignal() != Signals.CHLD) {
        context.put(Tables.GROUPS, child.withExitSignal(-child.exitSignal()));
      }
    }
    Task task = context.task();
    TaskSettings settings = state.taskSettings.get(task.key());
    Credentials credentials = credentials(state, task.credentials(), image);
    boolean gained = gained(task.credentials(), credentials);
    boolean chosen = settings != null && !settings.execComm().isEmpty() && !gained;
    Bytes comm = chosen ? settings.execComm() : name;
    boolean secure =
        gained
            || credentials.euid() != credentials.uid()
            || credentials.egid() != credentials.gid();
    if (settings != null || secure) {
      int signal = settings == null || gained ? 0 : settings.parentDeathSignal();
      context.put(
          Tables.TASK_SETTINGS,
          new TaskSettings(
              task.key(), signal, secure ? Dumpable.afterGain(state) : 1, Bytes.EMPTY));
    }
    Task running =
        task.withComm(comm == null ? Bytes.EMPTY : cut(comm))
            .withCredentials(credentials)
            .withNamespaces(task.namespaces().withTime(task.namespaces().timeForChildren()));
    context.emit(new TaskChange.Execed(running));
  }

  /**
   * set_mm_exe_file(), before do_close_on_exec(): it may run a file that only a descriptor held.
   */
  private static void loaded(CallContext context, long group, Image image) {
    Program ran = context.state().programs.get(group);
    Program runs = image == null ? null : new Program(group, image.inode().key(), image.place());
    if (runs != null) {
      context.put(Tables.PROGRAMS, runs);
    } else if (ran != null) {
      context.remove(Tables.PROGRAMS, group);
    }
    if (ran != null) {
      TaskDeath.released(context, ran);
    }
  }

  /** What fits into a comm. */
  public static Bytes cut(Bytes name) {
    return name.length() <= COMM_LENGTH ? name : name.slice(0, COMM_LENGTH);
  }

  /** The file that is loaded in the end: a script's interpreter. */
  public record Image(Place place, Inode inode) {}

  /** The exec gave it ids or capabilities that it did not have. */
  private static boolean gained(Credentials old, Credentials now) {
    return old.known()
        && (old.euid() != now.euid()
            || old.egid() != now.egid()
            || (now.capPermitted() & ~old.capPermitted()) != 0);
  }

  /**
   * bprm_fill_uid() and cap_bprm_creds_from_file() for a file without capabilities of its own: root
   * of the user namespace gets all that its bounding set allows.
   */
  private static Credentials credentials(KernelState state, Credentials old, Image image) {
    if (!old.known()) {
      return old;
    }
    boolean honoured = image != null && honoured(state, old, image);
    int mode = honoured ? image.inode().mode() : 0;
    int euid = (mode & SET_UID) != 0 ? image.inode().uid() : old.euid();
    int egid = (mode & SET_GID) == SET_GID ? image.inode().gid() : old.egid();
    boolean roots = (old.secureBits() & SECBIT_NOROOT) == 0;
    boolean effectiveRoot = roots && root(state, old, euid);
    boolean root = effectiveRoot || roots && root(state, old, old.uid());
    boolean setId = euid != old.uid() || egid != old.gid();
    long ambient = setId ? 0 : old.capAmbient();
    long permitted = (root ? old.capBounding() | old.capInheritable() : 0) | ambient;
    return new Credentials(
        old.uid(),
        euid,
        euid,
        euid,
        old.gid(),
        egid,
        egid,
        egid,
        old.groups(),
        old.capInheritable(),
        permitted,
        effectiveRoot ? permitted : ambient,
        old.capBounding(),
        ambient,
        old.secureBits() & ~SECBIT_KEEP_CAPS,
        old.noNewPrivs(),
        old.userNs(),
        true);
  }

  private static boolean root(KernelState state, Credentials who, int id) {
    return IdMap.fromKernel(state, who.userNs(), id, false) == 0;
  }

  /** Whether the set-id bits of a file count: mnt_may_suid(), and its owner is mapped. */
  private static boolean honoured(KernelState state, Credentials who, Image image) {
    Mount mount = state.mounts.get(image.place().mount());
    Inode file = image.inode();
    return !who.noNewPrivs()
        && !file.inferred()
        && (mount == null || (mount.flags() & MS_NOSUID) == 0)
        && IdMap.fromKernel(state, who.userNs(), file.uid(), false) != IdMap.INVALID
        && IdMap.fromKernel(state, who.userNs(), file.gid(), true) != IdMap.INVALID;
  }

  /** de_thread(): all other threads end; the caller becomes the leader. */
  private static void deThread(CallContext context) {
    endOthers(context);
    KernelState state = context.state();
    ThreadGroup group = state.groups.require(context.task().group());
    if (group.leader() != context.taskKey()) {
      takeOver(context, context.task(), group);
    }
  }

  /** Whether the calling task has other threads beside it. */
  public static boolean hasOthers(CallContext context) {
    return TaskDeath.liveThread(context.state(), context.task().group(), context.taskKey()) != null;
  }

  /** The other threads end; the leader stays until its numbers are taken over. */
  public static void endOthers(CallContext context) {
    KernelState state = context.state();
    Task task = context.task();
    ThreadGroup group = state.groups.require(task.group());
    for (long key : state.tasksByGroup.keys(group.key())) {
      if (key != task.key() && key != group.leader()) {
        TaskDeath.thread(context, state.tasks.require(key), 0);
      }
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
    Reaping.publish(context, own, leader.cgroup(), leader.exitStatus());
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
