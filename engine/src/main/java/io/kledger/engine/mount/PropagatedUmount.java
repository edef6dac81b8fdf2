package io.kledger.engine.mount;

import io.kledger.engine.CallContext;
import io.kledger.kernel.CounterId;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.change.MountChange;
import io.kledger.kernel.mount.Mount;
import io.kledger.store.LongMap;
import java.util.ArrayList;
import java.util.List;

/**
 * propagate_umount() of fs/pnode.c: which copies elsewhere go with a set of mounts. See
 * Documentation/filesystems/propagate_umount.txt of the kernel.
 */
final class PropagatedUmount {
  private final CallContext context;
  private final KernelState state;

  /** Mounts that are going (MNT_UMOUNT): the set, and what was decided to go with it. */
  private final LongMap<Boolean> leaving;

  /** T_UMOUNT_CANDIDATE. */
  private final LongMap<Boolean> candidate = new LongMap<>();

  /** T_MARKED: all candidates beneath are overmounts. */
  private final LongMap<Boolean> marked = new LongMap<>();

  private final List<Mount> toUmount = new ArrayList<>();

  PropagatedUmount(CallContext context, LongMap<Boolean> leaving) {
    this.context = context;
    this.state = context.state();
    this.leaving = leaving;
  }

  /**
   * Decides; survivors that covered what goes slide down. Returns what goes, in the kernel's order.
   */
  List<Mount> run(List<Mount> set) {
    List<Mount> undecided = new ArrayList<>();
    for (Mount mount : gather(set)) {
      if (trimOne(mount)) {
        undecided.add(mount);
      }
    }
    undecided.forEach(this::handleLocked);
    for (Mount mount : toUmount) {
      for (Mount child : children(mount)) {
        reparent(child);
      }
    }
    return toUmount;
  }

  /** gather_candidates(): the latest found comes first. */
  private List<Mount> gather(List<Mount> set) {
    List<Mount> found = new ArrayList<>();
    for (Mount mount : set) {
      for (Mount cognate : cognates(state, mount)) {
        if (!leaving.contains(cognate.key()) && !candidate.contains(cognate.key())) {
          candidate.put(cognate.key(), Boolean.TRUE);
          found.add(cognate);
        }
      }
    }
    return found.reversed();
  }

  /**
   * What is mounted at the same place under each receiver of the parent's events:
   * propagation_next().
   */
  static List<Mount> cognates(KernelState state, Mount mount) {
    List<Mount> found = new ArrayList<>();
    Mount parent = state.mounts.get(mount.parent());
    if (parent == null) {
      return found;
    }
    for (Mount member : PeerGroups.ring(state, parent)) {
      if (member.key() != parent.key()) {
        cognate(state, member, mount, found);
      }
      slaves(state, member, mount, found);
    }
    return found;
  }

  private static void slaves(KernelState state, Mount master, Mount mount, List<Mount> found) {
    for (Mount slave : PeerGroups.slaves(state, master.key())) {
      cognate(state, slave, mount, found);
      slaves(state, slave, mount, found);
    }
  }

  private static void cognate(KernelState state, Mount parent, Mount mount, List<Mount> found) {
    Mount child = state.mountAt(parent.key(), mount.mountpoint());
    if (child != null) {
      found.add(child);
    }
  }

  /** Children that are not known to go (umount_one() takes those that go off the list). */
  private List<Mount> children(Mount mount) {
    List<Mount> children = new ArrayList<>();
    for (long key : state.mountsByParent.keys(mount.key())) {
      if (!leaving.contains(key)) {
        children.add(state.mounts.require(key));
      }
    }
    return children;
  }

  /** trim_one(): false once the mount is decided. */
  private boolean trimOne(Mount mount) {
    if (!candidate.contains(mount.key())) {
      return false;
    }
    List<Mount> children = children(mount);
    boolean found = false;
    boolean uncovered = false;
    for (Mount child : children) {
      if (!candidate.contains(child.key())) {
        found = true;
        uncovered |= child.mountpoint() != mount.root();
      }
    }
    if (found) {
      trimAncestors(mount);
    }
    boolean goes = !found && !mount.locked() && children.isEmpty();
    if (uncovered || goes) {
      forget(mount);
    }
    if (goes) {
      umountOne(mount);
    }
    return !uncovered && !goes;
  }

  /**
   * trim_ancestors(): something stays on this mount. It slides down if it covers a root; where the
   * chain hangs elsewhere in its parent, that parent must stay.
   */
  private void trimAncestors(Mount from) {
    Mount mount = from;
    Mount parent = state.mounts.get(mount.parent());
    while (parent != null && candidate.contains(parent.key())) {
      if (marked.contains(mount.key())) {
        return;
      }
      marked.put(mount.key(), Boolean.TRUE);
      if (mount.mountpoint() != parent.root()) {
        candidate.remove(parent.key());
      }
      mount = parent;
      parent = state.mounts.get(mount.parent());
    }
  }

  /** handle_locked(): a locked mount goes only if what it hangs on goes. */
  private void handleLocked(Mount mount) {
    if (!candidate.contains(mount.key())) {
      return;
    }
    long cutoff = mount.key();
    Mount at = mount;
    while (at != null && candidate.contains(at.key())) {
      forget(at);
      if (!at.locked()) {
        cutoff = at.parent();
      }
      at = state.mounts.get(at.parent());
    }
    if (at != null && leaving.contains(at.key())) {
      cutoff = at.key();
    }
    for (Mount going = mount;
        going != null && going.key() != cutoff;
        going = state.mounts.get(going.parent())) {
      umountOne(going);
    }
  }

  /** remove_from_candidate_list(). */
  private void forget(Mount mount) {
    candidate.remove(mount.key());
    marked.remove(mount.key());
  }

  private void umountOne(Mount mount) {
    leaving.put(mount.key(), Boolean.TRUE);
    toUmount.add(mount);
  }

  /** reparent(): a survivor slides down to where the bottom of what goes hung. */
  private void reparent(Mount survivor) {
    Mount under = survivor;
    long mountpoint;
    do {
      mountpoint = under.mountpoint();
      under = state.mounts.require(under.parent());
    } while (leaving.contains(under.key()));
    Mount moved =
        survivor.withPlace(
            survivor.namespace(), under.key(), mountpoint, context.next(CounterId.ORDER));
    MountNews.emit(context, new MountChange.Moved(moved, survivor));
  }
}
