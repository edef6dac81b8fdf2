package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.file.FdTables;
import io.kledger.engine.file.Files;
import io.kledger.engine.file.OpenFlags;
import io.kledger.engine.ns.IdMap;
import io.kledger.engine.task.Kernel;
import io.kledger.engine.task.PidNumbers;
import io.kledger.engine.task.SetNamespaces;
import io.kledger.event.Bytes;
import io.kledger.event.avro.IoctlCall;
import io.kledger.event.avro.Raw;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.ns.NamespaceKind;
import io.kledger.kernel.task.Pid;
import io.kledger.kernel.task.Task;
import io.kledger.kernel.task.TaskState;

/** ioctl_ns(2), and the namespaces that a pidfd gives: fs/nsfs.c, fs/pidfs.c. */
final class NamespaceIoctls {
  private static final long GET_USERNS = 0xb701;
  private static final long GET_PARENT = 0xb702;
  private static final long GET_NSTYPE = 0xb703;
  private static final long GET_OWNER_UID = 0xb704;
  private static final long GET_MNTNS_ID = 0x8008b705L;
  private static final long GET_PID_FROM = 0x8004b706L;
  private static final long GET_TGID_FROM = 0x8004b707L;
  private static final long GET_PID_IN = 0x8004b708L;
  private static final long GET_TGID_IN = 0x8004b709L;
  private static final long GET_ID = 0x8008b70dL;

  private NamespaceIoctls() {}

  /** Null if the request is none of these. */
  static Result ofNamespace(CallContext context, OpenFileDescription file, IoctlCall call) {
    KernelState state = context.state();
    Namespace namespace = state.namespaces.get(file.object());
    long request = call.getRequest() & 0xffffffffL;
    if ((request >> 8 & 0xff) != 0xb7) {
      return null;
    }
    if (namespace == null) {
      return new Result.Unknown("which namespace this is");
    }
    boolean pid = namespace.kind() == NamespaceKind.PID;
    boolean user = namespace.kind() == NamespaceKind.USER;
    if (request == GET_USERNS) {
      return user ? parent(context, namespace) : open(context, namespace.owner());
    }
    if (request == GET_PARENT) {
      return !pid && !user && context.refuse("ioctl_ns: no hierarchy")
          ? context.fail(Errno.EINVAL, "ioctl_ns: no hierarchy")
          : parent(context, namespace);
    }
    if (request == GET_NSTYPE) {
      return Result.value(namespace.kind().cloneFlag());
    }
    if (request == GET_OWNER_UID) {
      return ownerUid(context, namespace, call);
    }
    if (request == GET_ID || request == GET_MNTNS_ID) {
      return namespace.id() == 0
          ? new Result.Unknown("ids from before the trace")
          : out(call, "[" + namespace.id() + "]");
    }
    if (request >= GET_PID_FROM && request <= GET_TGID_IN) {
      return pid ? translate(context, namespace, request, call) : invalid(context);
    }
    return null;
  }

  private static Result invalid(CallContext context) {
    return context.refuse("ioctl_ns: kind")
        ? context.fail(Errno.EINVAL, "ioctl_ns: kind")
        : Result.ZERO;
  }

  private static Result out(IoctlCall call, String text) {
    return Result.value(
        0,
        IoctlCall.newBuilder(call).setArgument(new Raw(Bytes.of(text).toBuffer())).build());
  }

  private static Result ownerUid(CallContext context, Namespace namespace, IoctlCall call) {
    if (namespace.kind() != NamespaceKind.USER) {
      return invalid(context);
    }
    int owner = context.state().userNamespaces.require(namespace.key()).ownerUid();
    long own = context.task().credentials().userNs();
    int shown = IdMap.shown(context.state(), own, owner, false);
    return out(call, "[" + Integer.toUnsignedString(shown) + "]");
  }

  /** ns_get_owner() and the get_parent operations: only what is in the caller's reach. */
  private static Result parent(CallContext context, Namespace namespace) {
    KernelState state = context.state();
    Task self = context.task();
    long own =
        namespace.kind() == NamespaceKind.PID
            ? self.namespaces().pid()
            : self.credentials().userNs();
    Namespace parent = state.namespaces.get(namespace.parent());
    boolean reachable = parent != null && PidNumbers.within(state, parent.key(), own);
    if (!reachable && context.refuse("ioctl_ns: out of reach")) {
      return context.fail(Errno.EPERM, "ioctl_ns: out of reach");
    }
    return open(context, namespace.parent());
  }

  private static Result open(CallContext context, long key) {
    Namespace namespace = context.state().namespaces.get(key);
    if (namespace == null) {
      return new Result.Unknown("a namespace from before the trace");
    }
    String name = namespace.kind().procName() + ":[" + namespace.inode() + "]";
    OpenFileDescription file =
        Files.object(context, FileKind.NAMESPACE, key, name, 0, OpenFlags.RDONLY);
    return FdTables.install(context, file, true);
  }

  /** NS_GET_PID_FROM_PIDNS and its three kin translate numbers between pid namespaces. */
  private static Result translate(
      CallContext context, Namespace namespace, long request, IoctlCall call) {
    KernelState state = context.state();
    boolean from = request == GET_PID_FROM || request == GET_TGID_FROM;
    boolean group = request == GET_TGID_FROM || request == GET_TGID_IN;
    long own = context.task().namespaces().pid();
    long number = PrctlCalls.number(call.getArgument());
    Pid pid = PidNumbers.find(state, from ? namespace.key() : own, (int) number);
    Task task = pid == null ? null : state.tasksByPid.last(pid.key());
    if (task == null) {
      if (!Kernel.runs(context)) {
        return new Result.Unknown("a process outside the log");
      }
      return context.fail(Errno.ESRCH, "F48 no such process");
    }
    long to = from ? own : namespace.key();
    int answer =
        group
            ? PidNumbers.ofGroup(state, state.groups.require(task.group()), to)
            : PidNumbers.seenFrom(state, pid, to);
    return answer == 0 && context.refuse("F48 no number there")
        ? context.fail(Errno.ESRCH, "F48 no number there")
        : Result.value(answer);
  }

  /** PIDFD_GET_*_NAMESPACE; null if the request is none of these. */
  static Result ofProcess(CallContext context, OpenFileDescription file, IoctlCall call) {
    long request = call.getRequest() & 0xffffffffL;
    if (request < 0xff01 || request > 0xff0a) {
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
    if (!SetNamespaces.mayAccess(context, task) && context.refuse("C7.8 ptrace access")) {
      return context.fail(Errno.EACCES, "C7.8 ptrace access");
    }
    return open(context, wanted(task, (int) (request & 0xff)));
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
