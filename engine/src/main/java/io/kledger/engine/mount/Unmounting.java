package io.kledger.engine.mount;

import io.kledger.engine.CallContext;
import io.kledger.kernel.CounterId;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.change.MountChange;
import io.kledger.kernel.mount.Mount;
import io.kledger.store.LongMap;
import java.util.ArrayList;
import java.util.List;

/** umount_tree() and propagate_umount(). */
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
      add(mount);
    }
    List<Mount> survivors = new ArrayList<>();
    if ((how & PROPAGATE) != 0) {
      propagate(survivors);
    }
    slide(survivors);
    PeerGroups.makePrivate(context, set, leaving::contains);
    List<Long> gone = new ArrayList<>();
    for (Mount mount : set) {
      detach(state.mounts.require(mount.key()), how);
      gone.add(mount.key());
    }
    for (long mount : gone) {
      MountLife.releaseIfUnused(context, mount);
    }
  }

  private void add(Mount mount) {
    leaving.put(mount.key(), Boolean.TRUE);
    set.add(mount);
  }

  /** propagate_mount_unlock(). */
  private void unlockCognates(Mount root) {
    for (Mount cognate : cognates(state, root)) {
      if (cognate.locked()) {
        context.emit(
            new MountChange.Changed(cognate.withLocks(cognate.lockedFlags(), false)));
      }
    }
  }

  /** What is mounted at the same place under each receiver of the parent's events: propagation_next(). */
  static List<Mount> cognates(KernelState state, Mount mount) {
    List<Mount> found = new ArrayList<>();
    Mount parent = state.mounts.get(mount.parent());
    if (parent == null) {
      return found;
    }
    LongMap<Boolean> seen = new LongMap<>();
    for (Mount member : PeerGroups.ring(state, parent)) {
      if (member.key() != parent.key()) {
        cognate(state, member, mount, found);
      }
      slaves(state, member, mount, found, seen);
    }
    return found;
  }

  private static void slaves(
      KernelState state, Mount master, Mount mount, List<Mount> found, LongMap<Boolean> seen) {
    for (Mount slave : PeerGroups.slaves(state, master.key())) {
      if (!seen.contains(slave.key())) {
        seen.put(slave.key(), Boolean.TRUE);
        cognate(state, slave, mount, found);
        slaves(state, slave, mount, found, seen);
      }
    }
  }

  private static void cognate(
      KernelState state, Mount parent, Mount mount, List<Mount> found) {
    Mount child = state.mountAt(parent.key(), mount.mountpoint());
    if (child != null) {
      found.add(child);
    }
  }

  private void propagate(List<Mount> survivors) {
    List<Mount> candidates = new ArrayList<>();
    LongMap<Boolean> candidate = new LongMap<>();
    for (Mount mount : List.copyOf(set)) {
      for (Mount cognate : cognates(state, mount)) {
        if (!leaving.contains(cognate.key()) && !candidate.contains(cognate.key())) {
          candidate.put(cognate.key(), Boolean.TRUE);
          candidates.add(cognate);
        }
      }
    }
    trim(candidates, candidate);
    for (int i = candidates.size() - 1; i >= 0; i--) {
      Mount mount = candidates.get(i);
      if (candidate.contains(mount.key())) {
        add(mount);
      }
    }
    for (Mount mount : set) {
      for (long key : state.mountsByParent.keys(mount.key())) {
        if (!leaving.contains(key)) {
          survivors.add(state.mounts.require(key));
        }
      }
    }
  }

  /** trim_ancestors() and handle_locked(): what keeps something that stays, stays. */
  private void trim(List<Mount> candidates, LongMap<Boolean> candidate) {
    boolean changed = true;
    while (changed) {
      changed = false;
      for (Mount mount : candidates) {
        if (candidate.contains(mount.key())
            && (keepsSomething(mount, candidate) || isHeld(mount, candidate))) {
          candidate.remove(mount.key());
          changed = true;
        }
      }
    }
  }

  private boolean keepsSomething(Mount mount, LongMap<Boolean> candidate) {
    for (long key : state.mountsByParent.keys(mount.key())) {
      Mount child = state.mounts.require(key);
      boolean goes = leaving.contains(key) || candidate.contains(key);
      if (!goes && child.mountpoint() != mount.root()) {
        return true;
      }
    }
    return false;
  }

  private boolean isHeld(Mount mount, LongMap<Boolean> candidate) {
    boolean parentGoes =
        leaving.contains(mount.parent()) || candidate.contains(mount.parent());
    return mount.locked() && !parentGoes;
  }

  /** What covered the root of something that goes slides down to where the bottom of it hung. */
  private void slide(List<Mount> survivors) {
    for (Mount survivor : survivors) {
      Mount under = state.mounts.require(survivor.parent());
      while (leaving.contains(under.parent())
          && under.mountpoint() == state.mounts.require(under.parent()).root()) {
        under = state.mounts.require(under.parent());
      }
      Mount moved =
          survivor.withPlace(
              survivor.namespace(), under.parent(), under.mountpoint(),
              context.next(CounterId.ORDER));
      context.emit(new MountChange.Moved(moved, survivor));
    }
  }

  /** The end of umount_tree(), with disconnect_mount(). */
  private void detach(Mount mount, int how) {
    boolean stays =
        (how & SYNC) == 0
            && mount.parent() != 0
            && leaving.contains(mount.parent())
            && ((how & CONNECTED) != 0 || mount.locked());
    Mount after =
        stays
            ? mount.withNamespace(0)
            : mount.withPlace(0, 0, 0, 0);
    context.emit(new MountChange.Detached(after.withExpiry(false), mount));
  }

  /**
   * propagate_mount_busy(): whether a mount is used beside its own tree, or a copy of it that would go
   * with it is.
   */
  public static boolean busy(CallContext context, Mount mount) {
    KernelState state = context.state();
    if (state.mountsByParent.count(mount.key()) > 0 || MountLife.references(state, mount) > 0) {
      return true;
    }
    for (Mount cognate : cognates(state, mount)) {
      long[] children = state.mountsByParent.keys(cognate.key());
      boolean covered =
          children.length == 1
              && state.mounts.require(children[0]).mountpoint() == cognate.root();
      if ((children.length == 0 || covered) && MountLife.references(state, cognate) > 0) {
        return true;
      }
    }
    return false;
  }
}
