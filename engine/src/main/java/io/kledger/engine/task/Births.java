package io.kledger.engine.task;

import io.kledger.engine.CallContext;
import io.kledger.engine.file.FdTables;
import io.kledger.engine.ns.CredentialChange;
import io.kledger.event.Bytes;
import io.kledger.kernel.CounterId;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.change.TaskChange;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.task.AutoReap;
import io.kledger.kernel.task.Credentials;
import io.kledger.kernel.task.FsStruct;
import io.kledger.kernel.task.NamespaceSet;
import io.kledger.kernel.task.Pid;
import io.kledger.kernel.task.Program;
import io.kledger.kernel.task.Task;
import io.kledger.kernel.task.TaskState;
import io.kledger.kernel.task.ThreadGroup;
import java.util.ArrayList;
import java.util.List;

/** Makes a task from another: copy_process() in kernel/fork.c. */
public final class Births {
  private Births() {}

  /**
   * What a child is to be.
   *
   * @param flags CLONE_* without the signal
   * @param numbers in its pid namespaces from level 0 inwards; 0 where the next free one is taken
   * @param chosen the numbers are those of set_tid, which do not move the counters
   * @param cgroup key of its cgroup; 0 = its parent's
   * @param key the key it keeps if it is known already under another parent; else 0
   */
  public record Spec(
      long flags, int exitSignal, List<Integer> numbers, boolean chosen, long cgroup, long key) {
    public Spec(long flags, int exitSignal, List<Integer> numbers, boolean chosen, long cgroup) {
      this(flags, exitSignal, numbers, chosen, cgroup, 0);
    }

    boolean has(long flag) {
      return (flags & flag) != 0;
    }
  }

  /** Whether a call of this name makes a task. */
  public static boolean isClone(String call) {
    return call.equals("clone")
        || call.equals("clone3")
        || call.equals("fork")
        || call.equals("vfork");
  }

  /** A child with everything as its parent has it, declared and not cloned. */
  public static Task declared(CallContext context, Task parent, int tid) {
    Task made =
        create(context, parent, new Spec(CloneFlags.FILES, Signals.CHLD, List.of(tid), false, 0));
    Task child = made.withFiles(FdTables.standard(context, parent.files()));
    context.put(Tables.TASKS, child);
    ThreadGroup group = context.state().groups.require(child.group());
    context.put(Tables.GROUPS, group.withFileLimit(group.fileLimit(), group.fileLimitMax()));
    return child;
  }

  /** Gives a task another name, silently. */
  public static Task rename(CallContext context, Task task, Bytes comm) {
    Task renamed = task.withComm(comm);
    context.put(Tables.TASKS, renamed);
    return renamed;
  }

  /** The child of {@code parent}; all checks have passed. */
  public static Task create(CallContext context, Task parent, Spec spec) {
    NewNamespaces made = NewNamespaces.forChild(context, parent, spec.flags());
    NamespaceSet namespaces = made.namespaces();
    long fs = childFs(context, parent, spec, made);
    long files =
        spec.has(CloneFlags.FILES) ? parent.files() : FdTables.copy(context, parent.files());
    Pid pid = number(context, namespaces.pid(), spec);
    Pidfs.born(context, pid.key());
    int tid = pid.numbers().getFirst();
    long key = spec.key() == 0 ? context.newKey() : spec.key();
    long group =
        spec.has(CloneFlags.THREAD)
            ? parent.group()
            : newGroup(context, parent, spec, key, tid).key();
    Task child =
        new Task(
            key,
            tid,
            pid.key(),
            group,
            parent.comm(),
            files,
            fs,
            made.credentials(),
            namespaces,
            spec.cgroup() == 0 ? parent.cgroup() : spec.cgroup(),
            TaskState.RUNNING,
            0,
            context.position(),
            false);
    if (spec.has(CloneFlags.NNP)) {
      Credentials c = child.credentials();
      child =
          child.withCredentials(CredentialChange.limits(c, c.capBounding(), c.secureBits(), true));
    }
    context.emit(new TaskChange.Forked(child, parent.key()));
    if (!spec.has(CloneFlags.THREAD)) {
      Dumpable.set(context, child, Dumpable.of(context.state(), parent));
    }
    made.initBorn(context, child);
    return child;
  }

  private static long childFs(CallContext context, Task parent, Spec spec, NewNamespaces made) {
    if (spec.has(CloneFlags.FS)) {
      return parent.fs();
    }
    FsStruct fs = context.state().fs.get(parent.fs());
    if (fs == null) {
      return 0;
    }
    FsStruct copy = new FsStruct(context.newKey(), fs.root(), fs.cwd(), fs.umask());
    context.put(Tables.FS, made.moved(copy));
    return copy.key();
  }

  private static ThreadGroup newGroup(
      CallContext context, Task parent, Spec spec, long leader, int tgid) {
    ThreadGroup own = context.state().groups.require(parent.group());
    boolean sibling = spec.has(CloneFlags.PARENT);
    ThreadGroup group =
        new ThreadGroup(
            context.newKey(),
            tgid,
            leader,
            sibling ? own.parent() : own.key(),
            sibling ? own.parentTask() : parent.key(),
            context.next(CounterId.ORDER),
            own.processGroup(),
            own.session(),
            sibling ? own.exitSignal() : spec.exitSignal(),
            false,
            own.sigIgnored(),
            spec.has(CloneFlags.CLEAR_SIGHAND) ? 0 : own.sigCaught(),
            own.noChildWait(),
            own.fileLimit(),
            own.fileLimitMax(),
            false,
            false,
            0);
    context.put(Tables.GROUPS, group);
    ResourceLimits.inherit(context, own.key(), group.key());
    Program program = context.state().programs.get(own.key());
    if (program != null) {
      context.put(Tables.PROGRAMS, new Program(group.key(), program.inode(), program.place()));
    }
    if (spec.has(CloneFlags.AUTOREAP)) {
      context.put(Tables.AUTO_REAPS, new AutoReap(group.key(), 0));
    }
    return group;
  }

  /** alloc_pid(): a number in the namespace and in each above it. */
  private static Pid number(CallContext context, long namespace, Spec spec) {
    List<Integer> wanted = spec.numbers();
    KernelState state = context.state();
    List<Integer> numbers = new ArrayList<>();
    List<Long> chain = new ArrayList<>();
    for (Namespace ns = state.namespaces.get(namespace); ns != null; ) {
      chain.addFirst(ns.key());
      ns = state.namespaces.get(ns.parent());
    }
    for (int level = 0; level < chain.size(); level++) {
      int asked = level < wanted.size() ? wanted.get(level) : 0;
      int number = asked != 0 ? asked : PidNumbers.next(state, chain.get(level));
      numbers.add(number);
    }
    for (int level = 0; level < chain.size(); level++) {
      boolean asked = level < wanted.size() && wanted.get(level) != 0;
      if (!asked || !spec.chosen()) {
        PidNumbers.taken(context, chain.get(level), numbers.get(level));
      }
    }
    Pid pid = new Pid(context.newKey(), namespace, numbers, context.next(CounterId.PID_INODE));
    context.put(Tables.PIDS, pid);
    return pid;
  }

  /** The credentials that a task has right after it made a user namespace (set_cred_user_ns). */
  static Credentials ownerOf(Credentials before, long userNs) {
    return new Credentials(
        before.uid(),
        before.euid(),
        before.suid(),
        before.fsuid(),
        before.gid(),
        before.egid(),
        before.sgid(),
        before.fsgid(),
        before.groups(),
        0,
        Credentials.ALL_CAPS,
        Credentials.ALL_CAPS,
        Credentials.ALL_CAPS,
        0,
        0,
        before.noNewPrivs(),
        userNs,
        before.known());
  }
}
