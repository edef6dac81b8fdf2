package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.Result;
import io.kledger.engine.file.FdTables;
import io.kledger.engine.file.Files;
import io.kledger.engine.file.OpenFlags;
import io.kledger.engine.ns.IdMap;
import io.kledger.engine.ns.NamespaceRows;
import io.kledger.engine.task.Kernel;
import io.kledger.engine.task.PidNumbers;
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

/** ioctl_ns(2): fs/nsfs.c. */
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
  private static final long IS_INITIAL = 0xb70e;

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
      return user ? parent(context, namespace) : reach(context, namespace.owner());
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
    if (request == IS_INITIAL) {
      return isInitial(context, namespace);
    }
    boolean translates =
        context.profile().has(KernelFeature.PIDNS_TRANSLATE) || !context.simulated();
    if (request >= GET_PID_FROM && request <= GET_TGID_IN && translates) {
      return pid ? translate(context, namespace, request, call) : invalid(context);
    }
    return null;
  }

  /** Proposed: whether the namespace is the one that its kind was booted with. */
  private static Result isInitial(CallContext context, Namespace namespace) {
    boolean known = context.profile().proposes(KernelFeature.PIDNS_CHECK);
    if (!known && context.refuse("F11 no such ioctl")) {
      return context.fail(Errno.ENOTTY, "F11 no such ioctl");
    }
    return Result.value(namespace.inode() == NamespaceRows.initialInode(namespace.kind()) ? 1 : 0);
  }

  private static Result invalid(CallContext context) {
    return context.refuse("ioctl_ns: kind")
        ? context.fail(Errno.EINVAL, "ioctl_ns: kind")
        : Result.ZERO;
  }

  private static Result out(IoctlCall call, String text) {
    return Result.value(
        0, IoctlCall.newBuilder(call).setArgument(new Raw(Bytes.of(text).toBuffer())).build());
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
    return open(context, namespace.parent(), own);
  }

  /** The user namespace that owns another namespace. */
  private static Result reach(CallContext context, long owner) {
    return open(context, owner, context.task().credentials().userNs());
  }

  private static Result open(CallContext context, long key, long own) {
    Namespace wanted = context.state().namespaces.get(key);
    boolean reachable = wanted != null && PidNumbers.within(context.state(), key, own);
    if (!reachable && context.refuse("ioctl_ns: out of reach")) {
      return context.fail(Errno.EPERM, "ioctl_ns: out of reach");
    }
    return open(context, key);
  }

  static Result open(CallContext context, long key) {
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
}
