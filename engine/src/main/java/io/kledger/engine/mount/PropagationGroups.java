package io.kledger.engine.mount;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.ns.Capability;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.change.MountChange;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.ns.Namespace;

/** do_set_group(): MOVE_MOUNT_SET_GROUP, a mount takes over the propagation of another one. */
public final class PropagationGroups {
  private PropagationGroups() {}

  /** The mount at {@code to} joins the group, and gets the master, of the one at {@code from}. */
  public static Result set(CallContext context, Place from, Place to) {
    KernelState state = context.state();
    Mount source = state.mounts.get(from.mount());
    Mount target = state.mounts.get(to.mount());
    if (source == null || target == null) {
      return new Result.Unknown("what mounts the paths are on");
    }
    Result refused = mayChange(context, source);
    refused = refused == null ? mayChange(context, target) : refused;
    refused = refused == null ? check(context, source, from, target, to) : refused;
    if (refused != null) {
      return refused;
    }
    if (target.frozen() && context.refuse("F21 frozen")) {
      return context.fail(Errno.EPERM, "F21 frozen");
    }
    if (source.slave()) {
      PeerGroups.enslaveBehind(context, state.mounts.require(target.key()), source.key());
    }
    if (source.shared()) {
      PeerGroups.insertBehind(context, state.mounts.require(target.key()), source.key());
    }
    Mount now = state.mounts.require(target.key()).withUnbindable(false);
    context.emit(new MountChange.PropagationChanged(now, target));
    return Result.ZERO;
  }

  /** may_change_propagation(). */
  private static Result mayChange(CallContext context, Mount mount) {
    KernelState state = context.state();
    Namespace namespace = state.namespaces.get(mount.namespace());
    if (namespace == null && context.refuse("C10 attached nowhere")) {
      return context.fail(Errno.EINVAL, "C10 attached nowhere");
    }
    boolean capable =
        namespace == null
            || namespace.owner() == 0
            || Capability.over(
                state, context.task().credentials(), namespace.owner(), Capability.SYS_ADMIN);
    return !capable && context.refuse("C10 may_change_propagation")
        ? context.fail(Errno.EPERM, "C10 may_change_propagation")
        : null;
  }

  private static Result check(
      CallContext context, Mount source, Place from, Mount target, Place to) {
    KernelState state = context.state();
    String wrong = null;
    if (source.root() != from.dentry() || target.root() != to.dentry()) {
      wrong = "C10 not a mount root";
    } else if (source.superblock() != target.superblock()) {
      wrong = "C10 other superblock";
    } else if (!MountTree.below(state, target.root(), source.root())) {
      wrong = "C10 root of the source is not wider";
    } else if (Checks.hasLockedChildren(state, source, target.root())) {
      wrong = "C10 has_locked_children";
    } else if (target.shared() || target.slave()) {
      wrong = "C10 target is not private";
    } else if (!source.shared() && !source.slave()) {
      wrong = "C10 source is private";
    }
    return wrong != null && context.refuse(wrong) ? context.fail(Errno.EINVAL, wrong) : null;
  }
}
