package io.kledger.engine.task;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.task.JobState;
import io.kledger.kernel.task.Pid;
import io.kledger.kernel.task.Task;
import io.kledger.kernel.task.TaskState;
import io.kledger.kernel.task.ThreadGroup;

/** Which child a wait is about: do_wait() in kernel/exit.c. */
public final class Waiting {
  public static final long WNOHANG = 1;
  public static final long WUNTRACED = 2;
  public static final long WEXITED = 4;
  public static final long WCONTINUED = 8;
  public static final long WNOWAIT = 0x01000000;

  /** Proposed: children for which the caller's process has a pidfd do not count. */
  public static final long WNOPIDFD = 0x02000000;

  public static final long WNOTHREAD = 0x20000000;
  public static final long WALL = 0x40000000;
  public static final long WCLONE = 0x80000000L;

  private Waiting() {}

  /** What a wait comes to. */
  public sealed interface Outcome {}

  /** An error, a wait that goes on, or an answer that the log does not hold. */
  public record Refused(Result result) implements Outcome {}

  /** WNOHANG, and nothing to report. */
  public record Nothing() implements Outcome {}

  /** A child stopped or went on. */
  public record Live(long number) implements Outcome {}

  /** A child was stopped by a signal, and nobody has been told. */
  public record Stopped(int number, int signal, int uid) implements Outcome {}

  /** A child has gone on, and nobody has been told. */
  public record Continued(int number, int uid) implements Outcome {}

  /** A child has ended; it is reaped unless WNOWAIT was given. */
  public record Dead(int number, int status, int uid) implements Outcome {}

  /**
   * Whom a wait is for.
   *
   * @param pid key of the Pid of the process or process group, 0 = no such number
   */
  public record Who(boolean all, boolean processGroup, long pid) {
    public static Who any() {
      return new Who(true, false, 0);
    }

    public static Who holder(long pid) {
      return new Who(false, false, pid);
    }

    public static Who process(CallContext context, int number) {
      return new Who(false, false, find(context, number));
    }

    public static Who group(CallContext context, int number) {
      return new Who(false, true, find(context, number));
    }

    public static Who ownGroup(CallContext context) {
      ThreadGroup own = context.state().groups.require(context.task().group());
      return new Who(false, true, own.processGroup());
    }

    private static long find(CallContext context, int number) {
      Pid pid = PidNumbers.find(context.state(), context.task().namespaces().pid(), number);
      return pid == null ? 0 : pid.key();
    }

    private boolean matches(KernelState state, ThreadGroup child) {
      if (all) {
        return true;
      }
      if (processGroup) {
        return pid != 0 && child.processGroup() == pid;
      }
      Task leader = state.tasks.get(child.leader());
      return pid != 0 && leader != null && leader.pid() == pid;
    }
  }

  /**
   * Waits.
   *
   * @param seen number of the child that the trace shows, 0 = none, -1 = not known
   */
  public static Outcome run(CallContext context, Who who, long options, long seen) {
    KernelState state = context.state();
    Task self = context.task();
    if (seen > 0) {
      Outcome named = named(context, who, options, seen);
      if (named != null) {
        return named;
      }
    }
    boolean eligible = false;
    Task first = null;
    Task changed = null;
    int children = seen > 0 ? 0 : state.groupsByParent.count(self.group());
    for (int i = 0; i < children && first == null && changed == null; i++) {
      long key = state.groupsByParent.keyAt(self.group(), i);
      ThreadGroup child = state.groups.get(key);
      if (!eligible(state, self, child, who, options)) {
        continue;
      }
      Task leader = state.tasks.get(child.leader());
      boolean gone = gone(state, leader);
      boolean dead = gone && (options & WEXITED) != 0;
      // wait_task_zombie(): without WEXITED a zombie is as good as no child.
      eligible |= !gone || dead;
      first = dead ? leader : null;
      changed = !gone && tellable(state.jobStates.get(key), options) ? leader : null;
    }
    if (seen > 0) {
      return context.assuming()
          ? new Live(seen)
          : new Refused(new Result.Unknown("the child was never seen"));
    }
    if (first != null) {
      return dead(context, first, options);
    }
    if (changed != null) {
      return changed(context, changed, options);
    }
    return none(context, self, eligible, options);
  }

  private static boolean tellable(JobState job, long options) {
    return job != null
        && (job.stopped() != 0 && !job.told() && (options & WUNTRACED) != 0
            || job.continued() && (options & WCONTINUED) != 0);
  }

  /** wait_task_stopped(), wait_task_continued(). */
  private static Outcome changed(CallContext context, Task leader, long options) {
    JobState job = context.state().jobStates.require(leader.group());
    long pidNs = context.task().namespaces().pid();
    int number = PidNumbers.ofTask(context.state(), leader, pidNs);
    if ((options & WNOWAIT) == 0) {
      JobControl.told(context, job);
    }
    int uid = leader.credentials().uid();
    return job.stopped() != 0
        ? new Stopped(number, job.stopped(), uid)
        : new Continued(number, uid);
  }

  /** The child that the kernel reported, by its number; null if it is none that the log knows. */
  private static Outcome named(CallContext context, Who who, long options, long seen) {
    KernelState state = context.state();
    Task self = context.task();
    Pid pid = PidNumbers.find(state, self.namespaces().pid(), (int) seen);
    Task leader = pid == null ? null : state.tasksByPid.last(pid.key());
    ThreadGroup child = leader == null ? null : state.groups.get(leader.group());
    if (child == null
        || child.parent() != self.group()
        || child.leader() != leader.key()
        || !eligible(state, self, child, who, options)) {
      return null;
    }
    boolean dead = gone(state, leader) && (options & WEXITED) != 0;
    return seen(context, leader, dead, options, (int) seen);
  }

  private static boolean gone(KernelState state, Task leader) {
    return leader.state() == TaskState.ZOMBIE
        && TaskDeath.liveThread(state, leader.group(), leader.key()) == null;
  }

  private static Outcome none(CallContext context, Task self, boolean eligible, long options) {
    if (!eligible) {
      if (self.inferred() && !context.assuming()) {
        return new Refused(new Result.Unknown("children born before the trace"));
      }
      if (context.refuse("C5.2 no child")) {
        return new Refused(context.fail(Errno.ECHILD, "C5.2 no child"));
      }
    }
    return (options & WNOHANG) != 0 || context.assuming()
        ? new Nothing()
        : new Refused(new Result.Blocked("a child"));
  }

  /** The kernel reported this child: the trace may not have shown its end yet. */
  private static Outcome seen(
      CallContext context, Task leader, boolean dead, long options, int number) {
    if (!dead && (options & (WUNTRACED | WCONTINUED)) != 0) {
      return new Live(number);
    }
    if (!dead) {
      TaskDeath.process(context, leader.group(), leader.exitStatus());
    }
    Task now = context.state().tasks.get(leader.key());
    return now == null ? new Live(number) : dead(context, now, options);
  }

  private static Outcome dead(CallContext context, Task leader, long options) {
    Task self = context.task();
    int number = PidNumbers.ofTask(context.state(), leader, self.namespaces().pid());
    Dead dead = new Dead(number, leader.exitStatus(), leader.credentials().uid());
    if ((options & WNOWAIT) == 0) {
      Reaping.release(context, leader, self.key());
    }
    return dead;
  }

  /** Whether a thread of the caller's process has a pidfd of this child in its fd table. */
  private static boolean watched(KernelState state, Task self, ThreadGroup child) {
    Task leader = state.tasks.get(child.leader());
    if (leader == null) {
      return false;
    }
    for (long file : state.descriptionsByObject.keys(leader.pid())) {
      if (state.descriptions.require(file).kind() != FileKind.PIDFD) {
        continue;
      }
      for (long slot : state.fdsByDescription.keys(file)) {
        for (long task : state.tasksByFiles.keys(state.fds.require(slot).table())) {
          if (state.tasks.require(task).group() == self.group()) {
            return true;
          }
        }
      }
    }
    return false;
  }

  private static boolean eligible(
      KernelState state, Task self, ThreadGroup child, Who who, long options) {
    if (child == null || child.untraced() || !who.matches(state, child)) {
      return false;
    }
    if ((options & WNOTHREAD) != 0 && child.parentTask() != 0 && child.parentTask() != self.key()) {
      return false;
    }
    if ((options & WNOPIDFD) != 0 && watched(state, self, child)) {
      return false;
    }
    boolean clone = child.exitSignal() != Signals.CHLD;
    return (options & WALL) != 0 || clone == ((options & WCLONE) != 0);
  }
}
