package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.Result;
import io.kledger.engine.ns.IdMap;
import io.kledger.engine.task.Kernel;
import io.kledger.engine.task.PidNumbers;
import io.kledger.engine.task.PidfdFiles;
import io.kledger.engine.task.SetNamespaces;
import io.kledger.event.Bytes;
import io.kledger.event.avro.IoctlCall;
import io.kledger.event.avro.Raw;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.cgroup.Cgroup;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.task.Credentials;
import io.kledger.kernel.task.Pid;
import io.kledger.kernel.task.PidExit;
import io.kledger.kernel.task.Task;
import io.kledger.kernel.task.TaskState;
import io.kledger.kernel.task.ThreadGroup;

/** ioctl(2) of a pidfd: pidfd_ioctl() of fs/pidfs.c. */
final class PidfdIoctls {
  private static final long TYPE_AND_NUMBER = 0xffff;
  private static final long INFO = 0xff0b;
  private static final long GROUP_LEADER = 0xff0c;

  /** PIDFD_INFO_SIZE_VER0: the first size of struct pidfd_info, in bytes. */
  private static final long FIRST_SIZE = 64;

  private static final long INFO_EXIT = 8;

  private PidfdIoctls() {}

  /** Null if the request is none of these. */
  static Result ioctl(CallContext context, OpenFileDescription file, IoctlCall call) {
    long request = call.getRequest() & 0xffffffffL;
    long size = request >> 16 & 0x3fff;
    if ((request & TYPE_AND_NUMBER) == INFO && request >>> 30 == 3) {
      if (!context.profile().has(KernelFeature.PIDFD_PPID) || size < FIRST_SIZE) {
        return context.refuse("F39 no such ioctl")
            ? context.fail(Errno.ENOTTY, "F39 no such ioctl")
            : Result.ZERO;
      }
      return info(context, file, call);
    }
    if (request == GROUP_LEADER) {
      return context.profile().has(KernelFeature.PIDFD_LEADER)
          ? leader(context, file)
          : context.refuse("F47 no such ioctl")
              ? context.fail(Errno.ENOTTY, "F47 no such ioctl")
              : Result.value(context.observedOr(0));
    }
    return namespace(context, file, call);
  }

  /** PIDFD_GET_INFO: pidfd_info(). */
  private static Result info(CallContext context, OpenFileDescription file, IoctlCall call) {
    String text = RawStruct.text(call.getArgument());
    boolean absent = text.isEmpty() || text.equals("NULL") || text.equals("0");
    if (absent && context.refuse("F39 no argument")) {
      return context.fail(Errno.EINVAL, "F39 no argument");
    }
    KernelState state = context.state();
    Pid pid = state.pids.get(file.object());
    if (pid == null) {
      return new Result.Unknown("what the pidfd refers to");
    }
    Result outside = outside(context, pid, "F39 outside the caller's pid namespace");
    if (outside != null) {
      return outside;
    }
    RawStruct in = RawStruct.of(call.getArgument());
    boolean exitAsked =
        in != null && (in.number("mask") & INFO_EXIT) != 0 && context.profile().atLeast(6, 15);
    Task task = state.tasksByPid.last(pid.key());
    if (task == null) {
      PidExit exit = state.pidExits.get(pid.key());
      if (in == null && context.observed() != null) {
        return new Result.Unknown("the trace does not show the mask");
      }
      if ((!exitAsked || exit == null) && context.refuse("F39 reaped")) {
        return context.fail(Errno.ESRCH, "F39 reaped");
      }
      return in == null || exit == null ? Result.ZERO : out(call, in, exited(exit));
    }
    return in == null ? Result.ZERO : out(call, in, living(context, task));
  }

  private static Result outside(CallContext context, Pid pid, String rule) {
    long own = context.task().namespaces().pid();
    return PidNumbers.seenFrom(context.state(), pid, own) == 0 && context.refuse(rule)
        ? context.fail(Errno.EREMOTE, rule)
        : null;
  }

  private static Result out(IoctlCall call, RawStruct in, String text) {
    Raw argument = new Raw(Bytes.of(in.input() + " => " + text).toBuffer());
    return Result.value(0, IoctlCall.newBuilder(call).setArgument(argument).build());
  }

  private static String exited(PidExit exit) {
    return "{mask=PIDFD_INFO_CGROUPID|PIDFD_INFO_EXIT, cgroupid=%d, exit_code=0x%x}"
        .formatted(exit.cgroup(), exit.status());
  }

  private static String living(CallContext context, Task task) {
    KernelState state = context.state();
    long own = context.task().namespaces().pid();
    ThreadGroup group = state.groups.require(task.group());
    Cgroup cgroup = state.cgroups.get(task.cgroup());
    Credentials c = task.credentials();
    return ("{mask=PIDFD_INFO_PID|PIDFD_INFO_CREDS|PIDFD_INFO_CGROUPID, cgroupid=%d, pid=%d,"
            + " tgid=%d, ppid=%d, ruid=%s, rgid=%s, euid=%s, egid=%s, suid=%s, sgid=%s, fsuid=%s,"
            + " fsgid=%s}")
        .formatted(
            cgroup == null ? 0 : cgroup.id(),
            PidNumbers.ofTask(state, task, own),
            PidNumbers.ofGroup(state, group, own),
            PidNumbers.ofGroup(state, state.groups.get(group.parent()), own),
            uid(context, c.uid()),
            gid(context, c.gid()),
            uid(context, c.euid()),
            gid(context, c.egid()),
            uid(context, c.suid()),
            gid(context, c.sgid()),
            uid(context, c.fsuid()),
            gid(context, c.fsgid()));
  }

  private static String uid(CallContext context, int id) {
    long own = context.task().credentials().userNs();
    return Integer.toUnsignedString(IdMap.shown(context.state(), own, id, false));
  }

  private static String gid(CallContext context, int id) {
    long own = context.task().credentials().userNs();
    return Integer.toUnsignedString(IdMap.shown(context.state(), own, id, true));
  }

  /** Proposed: a pidfd of the process that a thread's pidfd belongs to. */
  private static Result leader(CallContext context, OpenFileDescription file) {
    KernelState state = context.state();
    Pid pid = state.pids.get(file.object());
    if (pid == null) {
      return new Result.Unknown("what the pidfd refers to");
    }
    Result outside = outside(context, pid, "F47 outside the caller's pid namespace");
    if (outside != null) {
      return outside;
    }
    Task task = state.tasksByPid.last(pid.key());
    if (task == null) {
      return context.fail(Errno.ESRCH, "F47 reaped");
    }
    Task leader = state.tasks.require(state.groups.require(task.group()).leader());
    return PidfdFiles.install(context, leader, 0, -1);
  }

  /** PIDFD_GET_*_NAMESPACE; null if the request is none of these. */
  private static Result namespace(CallContext context, OpenFileDescription file, IoctlCall call) {
    long request = call.getRequest() & 0xffffffffL;
    boolean late = Kernel.runs(context) && !context.profile().atLeast(6, 11);
    if (request < 0xff01 || request > 0xff0a || late) {
      return null;
    }
    if (PrctlCalls.number(call.getArgument()) != 0 && context.refuse("C14 argument")) {
      return context.fail(Errno.EINVAL, "C14 argument");
    }
    KernelState state = context.state();
    Task task = state.tasksByPid.last(file.object());
    if (task == null && state.pids.get(file.object()) == null && !Kernel.runs(context)) {
      return new Result.Unknown("what the pidfd refers to");
    }
    if (task == null || task.state() != TaskState.RUNNING) {
      return context.fail(Errno.ESRCH, "C14 exited");
    }
    if (!SetNamespaces.mayRead(context, task) && context.refuse("C7.8 ptrace access")) {
      return context.fail(Errno.EACCES, "C7.8 ptrace access");
    }
    return NamespaceIoctls.open(context, wanted(task, (int) (request & 0xff)));
  }

  private static long wanted(Task task, int number) {
    return switch (number) {
      case 1 -> task.namespaces().cgroup();
      case 2 -> task.namespaces().ipc();
      case 3 -> task.namespaces().mount();
      case 4 -> task.namespaces().net();
      case 5 -> task.namespaces().pid();
      case 6 -> task.namespaces().pidForChildren();
      case 7 -> task.namespaces().time();
      case 8 -> task.namespaces().timeForChildren();
      case 9 -> task.credentials().userNs();
      default -> task.namespaces().uts();
    };
  }
}
