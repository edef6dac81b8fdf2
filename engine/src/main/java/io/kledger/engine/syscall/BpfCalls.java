package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.Result;
import io.kledger.engine.cgroup.CgroupFs;
import io.kledger.engine.file.FdTables;
import io.kledger.engine.file.Files;
import io.kledger.engine.file.OpenFlags;
import io.kledger.engine.ns.Capability;
import io.kledger.event.Bytes;
import io.kledger.event.avro.BpfCall;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.block.DevicePolicy;
import io.kledger.kernel.block.DeviceProgram;
import io.kledger.kernel.cgroup.Cgroup;
import io.kledger.kernel.file.FdSlot;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.OpenFileDescription;

/**
 * bpf(2) for device-cgroup programs of the model machine: what they decide is declared under their
 * name, they are not run.
 */
final class BpfCalls {
  private static final int PROG_LOAD = 5;
  private static final int PROG_ATTACH = 8;
  private static final int PROG_DETACH = 9;
  private static final int TYPE_CGROUP_DEVICE = 15;
  private static final int CGROUP_DEVICE = 6;
  private static final int CAP_BPF = 39;
  private static final long GUARD = 0x10000;
  private static final long KNOWN_FLAGS = 0xff;
  private static final long ALLOW_OVERRIDE = 1;
  private static final long ALLOW_MULTI = 2;
  private static final long KINDS = ALLOW_OVERRIDE | ALLOW_MULTI;
  private static final long ATTACH_FLAGS = 7;

  private BpfCalls() {}

  /** Null if the call is another. */
  static Result call(CallContext context, BpfCall call) {
    RawStruct attr = context.simulated() ? RawStruct.of(call.getAttr()) : null;
    if (attr == null) {
      return null;
    }
    return switch ((int) call.getCommand()) {
      case PROG_LOAD -> attr.number("prog_type") == TYPE_CGROUP_DEVICE ? load(context, attr) : null;
      case PROG_ATTACH ->
          attr.number("attach_type") == CGROUP_DEVICE ? attach(context, attr) : null;
      case PROG_DETACH ->
          attr.number("attach_type") == CGROUP_DEVICE ? detach(context, attr) : null;
      default -> null;
    };
  }

  private static boolean capable(CallContext context) {
    var who = context.task().credentials();
    return Capability.initial(context.state(), who, CAP_BPF)
        || Capability.initial(context.state(), who, Capability.SYS_ADMIN);
  }

  /** bpf_prog_load(). */
  private static Result load(CallContext context, RawStruct attr) {
    long flags = attr.number("prog_flags");
    boolean feature = context.profile().has(KernelFeature.DEVICE_GUARD);
    if ((flags & ~(KNOWN_FLAGS | (feature ? GUARD : 0))) != 0) {
      return context.fail(Errno.EINVAL, "F33 flags");
    }
    if (!capable(context)) {
      return context.fail(Errno.EPERM, "F33 CAP_BPF");
    }
    Bytes name = attr.quoted("prog_name");
    DeviceProgram program = null;
    for (DeviceProgram row : context.state().devicePrograms.rows()) {
      if (row.name().equals(name)) {
        program = row;
      }
    }
    if (program == null) {
      return new Result.Unknown("what the program decides");
    }
    DevicePolicy loaded =
        new DevicePolicy(context.newKey(), program.key(), (flags & GUARD) != 0, 0, 0);
    context.put(Tables.DEVICE_POLICIES, loaded);
    OpenFileDescription file =
        Files.object(context, FileKind.BPF, loaded.key(), "anon_inode:bpf-prog", 0, OpenFlags.RDWR);
    return FdTables.install(context, file, true);
  }

  private static OpenFileDescription description(CallContext context, RawStruct attr, String key) {
    KernelState state = context.state();
    String text = attr.has(key) ? attr.member(key) : "0";
    FdSlot slot = state.fd(context.task().files(), (int) Arguments.number(text, -1));
    return slot == null ? null : state.descriptions.get(slot.description());
  }

  private static Cgroup target(CallContext context, RawStruct attr) {
    OpenFileDescription file = description(context, attr, "target_fd");
    return file == null || file.kind() != FileKind.PATH
        ? null
        : CgroupFs.of(context, file.place().dentry());
  }

  /** cgroup_bpf_prog_attach(). */
  private static Result attach(CallContext context, RawStruct attr) {
    long flags = attr.number("attach_flags");
    if ((flags & ~ATTACH_FLAGS) != 0 || (flags & KINDS) == KINDS) {
      return context.fail(Errno.EINVAL, "F33 attach flags");
    }
    OpenFileDescription file = description(context, attr, "attach_bpf_fd");
    if (file == null) {
      return context.fail(Errno.EBADF, "F33 program");
    }
    DevicePolicy loaded =
        file.kind() == FileKind.BPF ? context.state().devicePolicies.get(file.object()) : null;
    if (loaded == null) {
      return context.fail(Errno.EINVAL, "F33 not a device program");
    }
    if (!capable(context)) {
      return context.fail(Errno.EPERM, "F33 CAP_NET_ADMIN");
    }
    Cgroup cgroup = target(context, attr);
    if (cgroup == null) {
      return context.fail(Errno.EBADF, "F33 not a cgroup");
    }
    DeviceProgram program = context.state().devicePrograms.require(loaded.program());
    boolean open = program.allowByDefault() && program.deny().isEmpty();
    if (loaded.guard() && open) {
      return context.fail(Errno.EINVAL, "F33 guard that denies nothing");
    }
    if (barred(context.state(), cgroup)) {
      return context.fail(Errno.EPERM, "hierarchy_allows_attach");
    }
    for (long key : context.state().devicePoliciesByCgroup.keys(cgroup.key())) {
      if ((context.state().devicePolicies.require(key).flags() & KINDS) != (flags & KINDS)) {
        return context.fail(Errno.EPERM, "__cgroup_bpf_attach: other flags");
      }
    }
    if ((flags & ALLOW_MULTI) == 0) {
      removeAll(context, cgroup);
    } else if (attached(context.state(), cgroup, loaded) != 0) {
      return context.fail(Errno.EINVAL, "find_attach_entry: attached already");
    }
    context.put(
        Tables.DEVICE_POLICIES,
        new DevicePolicy(context.newKey(), loaded.program(), loaded.guard(), cgroup.key(), flags));
    changed(context, cgroup);
    return Result.ZERO;
  }

  /** hierarchy_allows_attach(): the nearest cgroup above that has programs decides. */
  private static boolean barred(KernelState state, Cgroup cgroup) {
    for (Cgroup at = state.cgroups.get(cgroup.parent());
        at != null;
        at = state.cgroups.get(at.parent())) {
      for (long key : state.devicePoliciesByCgroup.keys(at.key())) {
        long flags = state.devicePolicies.require(key).flags();
        if ((flags & ALLOW_MULTI) != 0) {
          return false;
        }
        return (flags & ALLOW_OVERRIDE) == 0;
      }
    }
    return false;
  }

  /** Key of the attachment of a loaded program to a cgroup, 0 = none. */
  private static long attached(KernelState state, Cgroup cgroup, DevicePolicy loaded) {
    for (long key : state.devicePoliciesByCgroup.keys(cgroup.key())) {
      DevicePolicy policy = state.devicePolicies.require(key);
      if (policy.program() == loaded.program() && policy.guard() == loaded.guard()) {
        return key;
      }
    }
    return 0;
  }

  private static boolean removeAll(CallContext context, Cgroup cgroup) {
    boolean any = false;
    for (long key : context.state().devicePoliciesByCgroup.keys(cgroup.key())) {
      context.remove(Tables.DEVICE_POLICIES, key);
      any = true;
    }
    return any;
  }

  private static void changed(CallContext context, Cgroup cgroup) {
    context.notice("device.policy.changed", "cgroup", Long.toString(cgroup.id()));
  }

  private static Result detach(CallContext context, RawStruct attr) {
    Cgroup cgroup = target(context, attr);
    if (cgroup == null) {
      return context.fail(Errno.EBADF, "F33 not a cgroup");
    }
    if (!capable(context)) {
      return context.fail(Errno.EPERM, "F33 CAP_NET_ADMIN");
    }
    KernelState state = context.state();
    boolean several = false;
    for (long key : state.devicePoliciesByCgroup.keys(cgroup.key())) {
      several |= (state.devicePolicies.require(key).flags() & ALLOW_MULTI) != 0;
    }
    if (several) {
      OpenFileDescription file = description(context, attr, "attach_bpf_fd");
      DevicePolicy loaded =
          file != null && file.kind() == FileKind.BPF
              ? state.devicePolicies.get(file.object())
              : null;
      if (loaded == null) {
        return context.fail(Errno.EINVAL, "find_detach_entry: which program");
      }
      long found = attached(state, cgroup, loaded);
      if (found == 0) {
        return context.fail(Errno.ENOENT, "F33 nothing attached");
      }
      context.remove(Tables.DEVICE_POLICIES, found);
    } else if (!removeAll(context, cgroup)) {
      return context.fail(Errno.ENOENT, "F33 nothing attached");
    }
    changed(context, cgroup);
    return Result.ZERO;
  }
}
