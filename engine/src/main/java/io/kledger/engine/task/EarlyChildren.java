package io.kledger.engine.task;

import io.kledger.engine.CallContext;
import io.kledger.engine.file.FdTables;
import io.kledger.engine.mount.MountLife;
import io.kledger.engine.ns.NamespaceLife;
import io.kledger.event.Bytes;
import io.kledger.event.avro.OpaqueCall;
import io.kledger.event.avro.Syscall;
import io.kledger.kernel.CounterId;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.task.FsStruct;
import io.kledger.kernel.task.PendingCall;
import io.kledger.kernel.task.Pid;
import io.kledger.kernel.task.Task;
import io.kledger.kernel.task.ThreadGroup;
import java.util.ArrayList;
import java.util.List;

/**
 * Children whose first line stands before the return of the call that made them. Where several
 * calls of the clone family have not returned, which of them it was is a guess until one returns
 * with the child's number.
 */
public final class EarlyChildren {
  /** What the C library's children do first where the kernel clears their number at exit. */
  private static final List<String> FIRST_CALLS = List.of("set_robust_list", "rseq");

  private EarlyChildren() {}

  /**
   * The call that the task of the current event, which was never seen, is most likely the child of:
   * the oldest whose flags go with what the child does first. Null if no call has not returned.
   */
  static PendingCall parentCall(CallContext context) {
    boolean library =
        context.event().getBody() instanceof Syscall call
            && call.getCall() instanceof OpaqueCall first
            && FIRST_CALLS.contains(first.getName().toString());
    KernelState state = context.state();
    PendingCall best = null;
    for (long key : state.pending.keys()) {
      PendingCall call = state.pending.get(key);
      if (call.child() != 0 || !Births.isClone(call.call())) {
        continue;
      }
      boolean fits = fits(call, library);
      boolean better =
          best == null
              || fits && !fits(best, library)
              || fits == fits(best, library) && call.entered() < best.entered();
      best = better ? call : best;
    }
    return best;
  }

  private static boolean fits(PendingCall call, boolean library) {
    return ((call.flags() & CloneFlags.CHILD_CLEARTID) != 0) == library;
  }

  /** The child of a call that has not returned, seen by its first event. */
  static Task born(CallContext context, PendingCall call, int tid) {
    Task parent = context.state().tasks.get(call.key());
    if (parent == null) {
      return TaskBirth.infer(context, tid);
    }
    Task child = Births.create(context, parent, spec(context, parent, call, tid, 0));
    if (call.done()) {
      context.remove(Tables.PENDING, call.key());
    } else {
      has(context, call, child.key());
    }
    return child;
  }

  /** Flags and signal of a call that is not finished, as {@link PendingCall} keeps them. */
  private static Births.Spec spec(
      CallContext context, Task parent, PendingCall call, int tid, long key) {
    boolean clone3 = call.call().equals("clone3");
    long signalBits = clone3 ? 0x7f : 0xff;
    List<Integer> numbers = new ArrayList<>(List.of(tid));
    Namespace own = context.state().namespaces.get(parent.namespaces().pid());
    for (int level = 1; call.done() && own != null && level <= own.level(); level++) {
      // The parent's call has returned, with the number that the child has in its namespace.
      numbers.add(level == own.level() ? (int) call.value() : 0);
    }
    return new Births.Spec(
        call.flags() & ~signalBits, (int) (call.flags() & signalBits), numbers, false, 0, key);
  }

  private static void has(CallContext context, PendingCall call, long child) {
    context.put(
        Tables.PENDING,
        new PendingCall(
            call.key(),
            call.call(),
            call.entered(),
            call.flags(),
            child,
            call.done(),
            call.value(),
            call.error()));
  }

  /**
   * The call has returned with the number of its child: if another task was taken for the child, or
   * the child for that of another call, both get the parents that they have.
   *
   * @return whether the row of the call is another one now
   */
  public static boolean settle(CallContext context, PendingCall call, int tid) {
    KernelState state = context.state();
    Task taken = state.tasks.get(call.child());
    Task real = state.task(tid);
    if (taken != null && taken.tid() == tid || taken == null && real == null) {
      return false;
    }
    PendingCall other = real == null ? null : callOf(state, real.key());
    if (taken == null && other == null && !real.inferred()) {
      return false;
    }
    if (real != null) {
      move(context, real, call);
    }
    has(context, call, real == null ? 0 : real.key());
    if (other != null) {
      has(context, other, taken == null ? 0 : taken.key());
    } else if (taken != null) {
      other = anotherCall(state, call);
    }
    if (taken != null && other != null) {
      move(context, taken, other);
      has(context, state.pending.require(other.key()), taken.key());
    }
    return true;
  }

  private static PendingCall callOf(KernelState state, long child) {
    for (long key : state.pending.keys()) {
      PendingCall call = state.pending.get(key);
      if (call.child() == child && Births.isClone(call.call())) {
        return call;
      }
    }
    return null;
  }

  /** The oldest call without a child, other than this. */
  private static PendingCall anotherCall(KernelState state, PendingCall except) {
    PendingCall oldest = null;
    for (long key : state.pending.keys()) {
      PendingCall call = state.pending.get(key);
      if (key != except.key()
          && call.child() == 0
          && Births.isClone(call.call())
          && (oldest == null || call.entered() < oldest.entered())) {
        oldest = call;
      }
    }
    return oldest;
  }

  /** Makes a task the child of another call than it was taken for: it is copied again. */
  private static void move(CallContext context, Task child, PendingCall call) {
    KernelState state = context.state();
    Task parent = state.tasks.get(call.key());
    if (parent == null) {
      return;
    }
    ThreadGroup group = state.groups.require(child.group());
    if (!child.alive()) {
      boolean clone3 = call.call().equals("clone3");
      boolean sibling = (call.flags() & CloneFlags.PARENT) != 0;
      ThreadGroup own = state.groups.require(parent.group());
      context.put(
          Tables.GROUPS,
          group.withParent(
              sibling ? own.parent() : own.key(),
              sibling ? own.parentTask() : parent.key(),
              context.next(CounterId.ORDER),
              (int) (call.flags() & (clone3 ? 0x7f : 0xff))));
      return;
    }
    Task wrong = state.tasks.get(group.parentTask());
    boolean renamed = wrong != null && !wrong.comm().equals(child.comm());
    Bytes comm = child.comm();
    forget(context, child, group);
    Task again =
        Births.create(context, parent, spec(context, parent, call, child.tid(), child.key()));
    if (renamed) {
      Births.rename(context, again, comm);
    }
  }

  /** What the task had from the parent that is not its own. */
  private static void forget(CallContext context, Task child, ThreadGroup group) {
    KernelState state = context.state();
    Task bare = child.withFiles(0).withFs(0);
    context.put(Tables.TASKS, bare);
    FdTables.releaseTable(context, child.files());
    FsStruct fs = state.fs.get(child.fs());
    if (fs != null && state.tasksByFs.count(child.fs()) == 0) {
      context.remove(Tables.FS, fs.key());
      MountLife.releaseIfUnused(context, fs.cwd().mount());
      MountLife.releaseIfUnused(context, fs.root().mount());
    }
    Pid pid = state.pids.get(child.pid());
    context.remove(Tables.TASKS, child.key());
    if (group.leader() == child.key() && state.tasksByGroup.count(group.key()) == 0) {
      ResourceLimits.drop(context, group.key());
      context.remove(Tables.GROUPS, group.key());
    }
    NamespaceLife.left(context, child.namespaces());
    if (pid != null) {
      PidNumbers.dropIfUnused(context, pid.key());
    }
  }
}
