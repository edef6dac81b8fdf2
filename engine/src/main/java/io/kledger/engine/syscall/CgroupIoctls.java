package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.Result;
import io.kledger.engine.cgroup.CgroupFs;
import io.kledger.engine.cgroup.CgroupMigration;
import io.kledger.engine.task.PidNumbers;
import io.kledger.engine.task.PidfdFiles;
import io.kledger.event.Bytes;
import io.kledger.event.avro.IoctlCall;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.cgroup.Cgroup;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.FdSlot;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.task.Task;

/** Proposed: a process goes into a cgroup by its pidfd. */
final class CgroupIoctls {
  private static final long ATTACH = 0x40046701L;
  private static final long ATTACH_THREAD = 0x40046702L;
  private static final Bytes PROCS = Bytes.of("cgroup.procs");

  private CgroupIoctls() {}

  /** Null if the request is none of these. */
  static Result ioctl(CallContext context, OpenFileDescription file, IoctlCall call) {
    long request = call.getRequest() & 0xffffffffL;
    if (request != ATTACH && request != ATTACH_THREAD) {
      return null;
    }
    Cgroup target = target(context, file);
    if (target == null || !context.profile().has(KernelFeature.CGROUP_PIDFD)) {
      return context.refuse("F45 no cgroup")
          ? context.fail(Errno.ENOTTY, "F45 no cgroup")
          : Result.ZERO;
    }
    if (target.removed() && context.refuse("C9.3 removed")) {
      return context.fail(Errno.ENODEV, "C9.3 removed");
    }
    KernelState state = context.state();
    FdSlot slot = state.fd(context.task().files(), (int) PrctlCalls.number(call.getArgument()));
    OpenFileDescription pidfd = slot == null ? null : state.descriptions.get(slot.description());
    if (pidfd == null || pidfd.kind() != FileKind.PIDFD) {
      return context.fail(Errno.EBADF, "F45 not a pidfd");
    }
    boolean thread = request == ATTACH_THREAD;
    boolean ofThread = (pidfd.flags() & PidfdFiles.THREAD) != 0;
    if (!thread && ofThread && context.refuse("F45 pidfd of a thread")) {
      return context.fail(Errno.EINVAL, "F45 pidfd of a thread");
    }
    Task task = state.tasksByPid.last(pidfd.object());
    if (task == null || !(thread ? task.alive() : lives(state, task))) {
      return context.fail(Errno.ESRCH, "F45 exited");
    }
    Task self = context.task();
    if (PidNumbers.ofTask(state, task, self.namespaces().pid()) == 0
        && context.refuse("F45 of another pid namespace")) {
      return context.fail(Errno.EREMOTE, "F45 of another pid namespace");
    }
    if (!CgroupMigration.mayWrite(state, target, self.credentials())
        && context.refuse("F45 write permission")) {
      return context.fail(Errno.EACCES, "F45 write permission");
    }
    Result refused =
        CgroupMigration.move(
            context, task, target, self.credentials(), self.namespaces().cgroup(), thread);
    return refused == null ? Result.ZERO : refused;
  }

  private static boolean lives(KernelState state, Task of) {
    for (long key : state.tasksByGroup.keys(of.group())) {
      if (state.tasks.require(key).alive()) {
        return true;
      }
    }
    return false;
  }

  /** The directory, or its cgroup.procs. */
  private static Cgroup target(CallContext context, OpenFileDescription file) {
    Cgroup own = CgroupFs.of(context, file.place().dentry());
    if (own != null) {
      return own;
    }
    Dentry dentry = context.state().dentries.get(file.place().dentry());
    return dentry == null || !dentry.name().equals(PROCS)
        ? null
        : CgroupFs.of(context, dentry.parent());
  }
}
