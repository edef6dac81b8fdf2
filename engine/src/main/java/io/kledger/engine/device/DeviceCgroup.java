package io.kledger.engine.device;

import io.kledger.engine.CallContext;
import io.kledger.engine.ns.Capability;
import io.kledger.engine.ns.NamespaceRows;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.block.DevicePolicy;
import io.kledger.kernel.block.DeviceProgram;
import io.kledger.kernel.cgroup.Cgroup;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.ns.NamespaceKind;
import io.kledger.kernel.task.Credentials;

/** What a task's cgroup says of devices: BPF_CGROUP_DEVICE programs, and the proposed guard. */
public final class DeviceCgroup {
  private DeviceCgroup() {}

  /** devcgroup_check_permission(): all programs of the cgroup and those above must agree. */
  public static boolean allows(CallContext context, int type, int major, int minor, String access) {
    KernelState state = context.state();
    for (Cgroup at = state.cgroups.get(context.task().cgroup());
        at != null;
        at = state.cgroups.get(at.parent())) {
      for (long key : state.devicePoliciesByCgroup.keys(at.key())) {
        DevicePolicy policy = state.devicePolicies.require(key);
        DeviceProgram program = state.devicePrograms.get(policy.program());
        if (program != null && !decides(program, type, major, minor, access)) {
          return false;
        }
      }
    }
    return true;
  }

  /** Whether a program guards the caller: then mknod(2) needs only its own user namespace. */
  public static boolean guarded(CallContext context) {
    KernelState state = context.state();
    for (Cgroup at = state.cgroups.get(context.task().cgroup());
        at != null;
        at = state.cgroups.get(at.parent())) {
      for (long key : state.devicePoliciesByCgroup.keys(at.key())) {
        if (state.devicePolicies.require(key).guard()) {
          return true;
        }
      }
    }
    return false;
  }

  /** CAP_MKNOD, initially or under a guard. */
  public static boolean mayMknod(CallContext context) {
    Credentials who = context.task().credentials();
    KernelState state = context.state();
    return !who.known()
        || Capability.initial(state, who, Capability.MKNOD)
        || guarded(context) && Capability.over(state, who, who.userNs(), Capability.MKNOD);
  }

  /** SB_I_NODEV of superblocks of user namespaces; a loopfs is there for its devices. */
  public static boolean implicitNodev(CallContext context, Mount mount) {
    KernelState state = context.state();
    Superblock superblock = mount == null ? null : state.superblocks.get(mount.superblock());
    Namespace initial = NamespaceRows.initial(state, NamespaceKind.USER);
    return superblock != null
        && initial != null
        && superblock.userNs() != 0
        && superblock.userNs() != initial.key()
        && !superblock.type().latin1().equals("loopfs")
        && !guarded(context);
  }

  /** Something was refused: why. */
  public static void denied(CallContext context, int major, int minor, String why) {
    context.notice(
        "device.denied",
        "dev",
        major + ":" + minor,
        "why",
        why,
        "pid",
        Integer.toString(context.task().tid()));
  }

  private static boolean decides(
      DeviceProgram program, int type, int major, int minor, String access) {
    String left = access;
    for (Bytes rule : program.deny()) {
      String letters = letters(rule.latin1(), type, major, minor);
      if (letters != null && access.chars().anyMatch(c -> letters.indexOf(c) >= 0)) {
        return false;
      }
    }
    if (program.allowByDefault()) {
      return true;
    }
    for (Bytes rule : program.allow()) {
      String letters = letters(rule.latin1(), type, major, minor);
      if (letters != null) {
        left = left.replaceAll("[" + letters + "]", "");
      }
    }
    return left.isEmpty();
  }

  /** The accesses that a rule is about, if it is about this device; else null. */
  private static String letters(String rule, int type, int major, int minor) {
    String[] words = rule.strip().split("\\s+");
    if (words.length < 2) {
      return null;
    }
    String kind = (type & Inode.S_IFMT) == Inode.S_IFCHR ? "c" : "b";
    int colon = words[1].indexOf(':');
    if (!words[0].equals("a") && !words[0].equals(kind) || colon < 0) {
      return null;
    }
    String wantedMajor = words[1].substring(0, colon);
    String wantedMinor = words[1].substring(colon + 1);
    boolean fits =
        (wantedMajor.equals("*") || wantedMajor.equals(Integer.toString(major)))
            && (wantedMinor.equals("*") || wantedMinor.equals(Integer.toString(minor)));
    return fits ? words.length > 2 ? words[2] : "rwm" : null;
  }
}
