package io.kledger.engine.file;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.ns.IdMap;
import io.kledger.engine.task.Dumpable;
import io.kledger.engine.task.PidNumbers;
import io.kledger.engine.task.SetNamespaces;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.FdSlot;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.ns.NamespaceKind;
import io.kledger.kernel.task.Credentials;
import io.kledger.kernel.task.FsStruct;
import io.kledger.kernel.task.NamespaceSet;
import io.kledger.kernel.task.Pid;
import io.kledger.kernel.task.Program;
import io.kledger.kernel.task.Task;
import io.kledger.kernel.task.ThreadGroup;
import java.util.List;

/**
 * What of procfs is state: process directories and magic links (fs/proc/base.c, fd.c,
 * namespaces.c).
 */
final class ProcFiles {
  private static final Bytes PROC = Bytes.of("proc");
  private static final Bytes SELF = Bytes.of("self");
  private static final Bytes THREAD_SELF = Bytes.of("thread-self");
  private static final Bytes TASK = Bytes.of("task");
  private static final Bytes CWD = Bytes.of("cwd");
  private static final Bytes ROOT = Bytes.of("root");
  private static final Bytes EXE = Bytes.of("exe");
  private static final Bytes FD = Bytes.of("fd");
  private static final Bytes FDINFO = Bytes.of("fdinfo");
  private static final Bytes NS = Bytes.of("ns");
  private static final Bytes CGROUP = Bytes.of("cgroup");
  private static final Bytes STATUS = Bytes.of("status");

  private static final List<String> DIRECTORIES =
      List.of("fd", "fdinfo", "ns", "task", "attr", "net", "map_files");

  /** Files that every process has. */
  private static final List<String> PLAIN =
      List.of(
          "uid_map",
          "gid_map",
          "projid_map",
          "setgroups",
          "cgroup",
          "comm",
          "status",
          "cmdline",
          "environ",
          "io",
          "limits",
          "maps",
          "mem",
          "mountinfo",
          "mounts",
          "mountstats",
          "oom_score",
          "oom_score_adj",
          "pagemap",
          "smaps",
          "stat",
          "statm",
          "timens_offsets");

  private ProcFiles() {}

  /** An entry that exists or not by the state of processes. */
  sealed interface Entry {}

  /** A directory or file, under its canonical name. */
  record File(Bytes name, int type, int owner, int group) implements Entry {
    File(Bytes name, int type) {
      this(name, type, Dcache.UNKNOWN_ID, Dcache.UNKNOWN_ID);
    }
  }

  /**
   * A magic link.
   *
   * @param errno why it leads nowhere: EACCES if the caller may not look, ENOENT if what it stands
   *     for is not there; 0 if it leads somewhere
   */
  record Link(Place place, long description, long namespace, int errno) implements Entry {
    Link(Place place, long description, long namespace) {
      this(place, description, namespace, 0);
    }

    /** For a caller without the right to look: proc_fd_access_allowed(), proc_ns_get_link(). */
    static Link refused(int errno) {
      return new Link(Place.UNKNOWN, 0, 0, errno);
    }
  }

  /** It does not exist. */
  record Absent() implements Entry {}

  /** Null if the directory is not of procfs, or the state does not decide. */
  static Entry lookup(CallContext context, long directory, Bytes name) {
    KernelState state = context.state();
    Dentry dir = state.dentries.get(directory);
    Superblock sb = dir == null ? null : state.superblocks.get(dir.superblock());
    if (sb == null || !sb.type().equals(PROC)) {
      return null;
    }
    if (dir.parent() == 0) {
      return top(context, sb, name);
    }
    long process = processOf(state, dir);
    if (process != 0) {
      return inProcess(context, task(context, sb, process), name);
    }
    Dentry up = state.dentries.get(dir.parent());
    process = up == null ? 0 : processOf(state, up);
    if (process == 0) {
      return null;
    }
    Task task = task(context, sb, process);
    if (task == null) {
      return null;
    }
    if (dir.name().equals(TASK)) {
      Task thread = task(context, sb, number(name));
      boolean member = thread != null && thread.group() == task.group();
      return member ? new File(name, Inode.S_IFDIR) : null;
    }
    if (dir.name().equals(FD)) {
      return descriptor(context, task, number(name));
    }
    if (dir.name().equals(FDINFO)) {
      return fdInfo(context, task, number(name));
    }
    return dir.name().equals(NS) ? namespaceLink(context, task, name) : null;
  }

  /** Whether the name is one of the links to the caller's own directory. */
  static boolean ownLink(Bytes name) {
    return name.equals(SELF) || name.equals(THREAD_SELF);
  }

  private static Entry top(CallContext context, Superblock proc, Bytes name) {
    if (name.equals(SELF) || name.equals(THREAD_SELF)) {
      long n = ownNumber(context, proc, name.equals(THREAD_SELF));
      if (n <= 0) {
        return new Absent();
      }
      return new File(Bytes.of(Long.toString(n)), Inode.S_IFDIR);
    }
    long number = number(name);
    if (number <= 0) {
      return null;
    }
    Task task = task(context, proc, number);
    return task == null ? null : new File(name, Inode.S_IFDIR);
  }

  /** The caller's number in the pid namespace of this procfs; 0 if it has none there. */
  private static long ownNumber(CallContext context, Superblock proc, boolean thread) {
    KernelState state = context.state();
    Task self = context.task();
    ThreadGroup group = state.groups.get(self.group());
    Task leader = thread || group == null ? self : state.tasks.get(group.leader());
    Task who = leader == null ? self : leader;
    Namespace namespace = state.namespaces.get(proc.namespace());
    if (namespace == null) {
      return who.tid();
    }
    Pid pid = state.pids.get(who.pid());
    return pid != null && in(state, pid, namespace) ? pid.at(namespace.level()) : 0;
  }

  /** Whether the holder has a number in a pid namespace. */
  private static boolean in(KernelState state, Pid pid, Namespace namespace) {
    Namespace at = state.namespaces.get(pid.namespace());
    while (at != null && at.level() > namespace.level()) {
      at = state.namespaces.get(at.parent());
    }
    return at != null && at.key() == namespace.key();
  }

  /** The process number a directory stands for: /proc/N or /proc/N/task/T; 0 if none. */
  private static long processOf(KernelState state, Dentry dir) {
    Dentry up = state.dentries.get(dir.parent());
    if (up == null || up.parent() != 0 && !up.name().equals(TASK)) {
      return 0;
    }
    return Math.max(0, number(dir.name()));
  }

  private static Entry inProcess(CallContext context, Task task, Bytes name) {
    if (task == null) {
      return null;
    }
    KernelState state = context.state();
    boolean cwd = name.equals(CWD);
    if (cwd || name.equals(ROOT)) {
      FsStruct fs = state.fs.get(task.fs());
      if (fs == null) {
        return new Absent();
      }
      return mayLook(context, task)
          ? new Link(cwd ? fs.cwd() : fs.root(), 0, 0)
          : Link.refused(Errno.EACCES);
    }
    if (name.equals(EXE)) {
      Program program = state.programs.get(task.group());
      Place runs = program == null ? Place.UNKNOWN : program.place();
      return mayLook(context, task) ? new Link(runs, 0, 0) : Link.refused(Errno.EACCES);
    }
    String text = name.latin1();
    if (DIRECTORIES.contains(text)) {
      return new File(name, Inode.S_IFDIR);
    }
    if (!PLAIN.contains(text)) {
      return null;
    }
    Credentials owner = task.credentials();
    boolean fixed = name.equals(CGROUP) || name.equals(STATUS);
    int mode = Inode.S_IFREG | (fixed ? 0444 : 0644);
    if (!owner.known()) {
      return new File(name, Inode.S_IFREG);
    }
    // task_dump_owner(): those of the root of its user namespace unless it may be looked at.
    return Dumpable.guarded(state, task)
        ? new File(name, mode, rootOf(state, owner, false), rootOf(state, owner, true))
        : new File(name, mode, owner.euid(), owner.egid());
  }

  private static int rootOf(KernelState state, Credentials owner, boolean group) {
    int root = IdMap.toKernel(state, owner.userNs(), 0, group);
    return root == IdMap.INVALID ? 0 : root;
  }

  private static Entry descriptor(CallContext context, Task task, long number) {
    KernelState state = context.state();
    if (number < 0) {
      return new Absent();
    }
    FdSlot slot = state.fd(task.files(), (int) number);
    if (slot == null) {
      boolean all = task.files() == 0 || state.fdTables.require(task.files()).complete();
      return all ? new Absent() : null;
    }
    OpenFileDescription file = state.descriptions.require(slot.description());
    return mayLook(context, task)
        ? new Link(file.place(), file.key(), 0)
        : Link.refused(Errno.EACCES);
  }

  private static Entry fdInfo(CallContext context, Task task, long number) {
    Entry link = descriptor(context, task, number);
    if (!(link instanceof Link)) {
      return link;
    }
    return mayLook(context, task)
        ? new File(Bytes.of(Long.toString(number)), Inode.S_IFREG | 0444)
        : Link.refused(Errno.EACCES);
  }

  private static Entry namespaceLink(CallContext context, Task task, Bytes name) {
    NamespaceSet set = task.namespaces();
    String text = name.latin1();
    if (text.equals("pid_for_children")) {
      return pidForChildren(context, task);
    }
    if (text.equals("time_for_children")) {
      return namespace(context, task, set.timeForChildren());
    }
    for (NamespaceKind kind : NamespaceKind.values()) {
      if (kind.procName().equals(text)) {
        return namespace(context, task, of(task, kind));
      }
    }
    return new Absent();
  }

  private static Link namespace(CallContext context, Task task, long key) {
    if (!mayLook(context, task)) {
      return Link.refused(Errno.EACCES);
    }
    // exit_task_namespaces() has left an exiting task none but its pid namespace.
    return key == 0 && !task.alive() ? Link.refused(Errno.ENOENT) : new Link(Place.UNKNOWN, 0, key);
  }

  /** pidns_for_children_get(): a namespace without its first task cannot be opened yet. */
  private static Link pidForChildren(CallContext context, Task task) {
    Namespace row = context.state().namespaces.get(task.namespaces().pidForChildren());
    boolean unborn = row != null && row.level() > 0 && row.root() == 0 && !row.dead();
    return unborn && context.simulated()
        ? Link.refused(Errno.ENOENT)
        : namespace(context, task, task.namespaces().pidForChildren());
  }

  private static boolean mayLook(CallContext context, Task task) {
    return SetNamespaces.mayRead(context, task) || !context.refuse("C7.8 ptrace access");
  }

  private static long of(Task task, NamespaceKind kind) {
    NamespaceSet set = task.namespaces();
    return switch (kind) {
      case MOUNT -> set.mount();
      case UTS -> set.uts();
      case IPC -> set.ipc();
      case USER -> task.credentials().userNs();
      case PID -> set.pid();
      case NET -> set.net();
      case CGROUP -> set.cgroup();
      case TIME -> set.time();
    };
  }

  /** The task with a number of the pid namespace of this procfs; null if none is known. */
  private static Task task(CallContext context, Superblock proc, long number) {
    KernelState state = context.state();
    Namespace namespace = state.namespaces.get(proc.namespace());
    if (namespace == null) {
      return state.task((int) number);
    }
    return PidNumbers.task(state, namespace.key(), (int) number);
  }

  private static long number(Bytes name) {
    if (name.isEmpty() || name.length() > 9 || name.at(0) == '0' && name.length() > 1) {
      return -1;
    }
    long value = 0;
    for (int i = 0; i < name.length(); i++) {
      int digit = name.at(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      value = value * 10 + digit;
    }
    return value;
  }
}
