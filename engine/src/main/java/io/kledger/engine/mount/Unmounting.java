package io.kledger.engine.mount;

import io.kledger.engine.CallContext;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.change.MountChange;
import io.kledger.kernel.mount.Mount;
import io.kledger.store.LongMap;
import java.util.ArrayList;
import java.util.List;

/** umount_tree(): takes mounts out of their namespace. */
public final class Unmounting {
  /** UMOUNT_SYNC: what goes is taken apart. */
  public static final int SYNC = 1;

  /** UMOUNT_PROPAGATE. */
  public static final int PROPAGATE = 2;

  /** UMOUNT_CONNECTED: what goes stays connected. */
  public static final int CONNECTED = 4;

  private final CallContext context;
  private final KernelState state;
  private final LongMap<Boolean> leaving = new LongMap<>();
  private final List<Mount> set = new ArrayList<>();

  private Unmounting(CallContext context) {
    this.context = context;
    this.state = context.state();
  }

  /** Unmounts a mount with all below it, and what receives that. */
  public static void tree(CallContext context, long key, int how) {
    new Unmounting(context).unmount(key, how);
  }

  private void unmount(long key, int how) {
    Mount root = state.mounts.require(key);
    if ((how & PROPAGATE) != 0) {
      unlockCognates(root);
      root = state.mounts.require(key);
    }
    for (Mount mount : MountTree.tree(state, root)) {
      leaving.put(mount.key(), Boolean.TRUE);
      set.add(mount);
    }
    if ((how & PROPAGATE) != 0) {
      set.addAll(new PropagatedUmount(context, leaving).run(set));
    }
    PeerGroups.makePrivate(context, set, leaving::contains);
    for (Mount mount : set) {
      Mount now = state.mounts.require(mount.key());
      MountNews.emit(
          context, new MountChange.Detached(now.withNamespace(0).withExpiry(false), now));
    }
    // Taken apart only now, so that while they are reported all still have their paths.
    for (Mount mount : set) {
      Mount now = state.mounts.require(mount.key());
      if (now.parent() != 0 && !staysConnected(now, how)) {
        context.emit(new MountChange.Changed(now.withPlace(0, 0, 0, 0)));
      }
    }
    for (Mount mount : set) {
      MountLife.releaseIfUnused(context, mount.key());
    }
  }

  /** propagate_mount_unlock(). */
  private void unlockCognates(Mount root) {
    for (Mount cognate : PropagatedUmount.cognates(state, root)) {
      if (cognate.locked()) {
        context.emit(new MountChange.Changed(cognate.withLocks(cognate.lockedFlags(), false)));
      }
    }
  }

  /** disconnect_mount(): false if the mount comes off its parent. */
  private boolean staysConnected(Mount mount, int how) {
    return (how & SYNC) == 0
        && leaving.contains(mount.parent())
        && ((how & CONNECTED) != 0 || mount.locked());
  }

  /**
   * propagate_mount_busy(): whether a mount is used beside its own tree, or a copy of it that would
   * go with it is.
   */
  public static boolean busy(CallContext context, Mount mount) {
    KernelState state = context.state();
    if (state.mountsByParent.count(mount.key()) > 0 || MountLife.references(state, mount) > 0) {
      return true;
    }
    for (Mount cognate : PropagatedUmount.cognates(state, mount)) {
      long[] children = state.mountsByParent.keys(cognate.key());
      boolean covered =
          children.length == 1 && state.mounts.require(children[0]).mountpoint() == cognate.root();
      if ((children.length == 0 || covered) && MountLife.references(state, cognate) > 0) {
        return true;
      }
    }
    return false;
  }
}
