package io.kledger.engine.mount;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.ns.Capability;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.change.MountChange;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.mount.Superblock;
import java.util.List;

/** Proposed: OPEN_TREE_CLEAR, a clone without the attributes, idmapping and propagation. */
public final class ClearedClone {
  private ClearedClone() {}

  /** Clears each mount of a detached tree; null if it may be. */
  public static Result clear(CallContext context, long root) {
    KernelState state = context.state();
    List<Mount> tree = MountTree.tree(state, state.mounts.require(root));
    for (Mount mount : tree) {
      if (!mayClear(context, mount) && context.refuse("F22 locked or not permitted")) {
        return context.fail(Errno.EPERM, "F22 locked or not permitted");
      }
    }
    MountOperations.propagation(context, tree, PeerGroups.Type.PRIVATE);
    for (Mount old : tree) {
      Mount mount = state.mounts.require(old.key());
      Mount after =
          mount
              .withFlags(MountFlags.RELATIME)
              .withIdmap(0)
              .withLocks(mount.lockedFlags() & ~Mount.PINNED_RDONLY, mount.locked());
      if (!after.equals(mount)) {
        context.emit(new MountChange.AttributesChanged(after, mount));
      }
    }
    return null;
  }

  private static boolean mayClear(CallContext context, Mount mount) {
    KernelState state = context.state();
    long locks = mount.lockedFlags() & ~Mount.PINNED_RDONLY;
    boolean free = MountFlags.allowed(locks, mount.flags(), MountFlags.RELATIME);
    if (mount.frozen() || !free) {
      return false;
    }
    if (mount.idmap() == 0) {
      return true;
    }
    // An idmapping that came from a more privileged user namespace is locked with the rest.
    boolean crossed = (mount.lockedFlags() & MountFlags.LOCK_ATIME) != 0;
    Superblock superblock = state.superblocks.require(mount.superblock());
    return !crossed
        && (superblock.userNs() == 0
            || Capability.over(
                state, context.task().credentials(), superblock.userNs(), Capability.SYS_ADMIN));
  }
}
