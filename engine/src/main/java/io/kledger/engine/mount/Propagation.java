package io.kledger.engine.mount;

import io.kledger.engine.CallContext;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.mount.MountCause;
import io.kledger.kernel.ns.Namespace;
import io.kledger.store.LongMap;
import java.util.ArrayList;
import java.util.List;

/** propagate_mnt(): copies of a tree for all that receive the events of a mount. */
final class Propagation {
  private final CallContext context;
  private final KernelState state;
  private final Place place;
  private final long original;
  private final LongMap<Boolean> marked = new LongMap<>();
  private final LongMap<Long> parents = new LongMap<>();
  private final List<Attaching.Pending> copies = new ArrayList<>();

  Propagation(CallContext context, Place place, long original) {
    this.context = context;
    this.state = context.state();
    this.place = place;
    this.original = original;
  }

  /** Receivers of what happens on a mount: group by group, the members of a group in ring order. */
  static List<List<Mount>> receivers(KernelState state, Mount mount) {
    List<List<Mount>> groups = new ArrayList<>();
    LongMap<Boolean> seen = new LongMap<>();
    List<Mount> ring = PeerGroups.ring(state, mount);
    ring.forEach(member -> seen.put(member.key(), Boolean.TRUE));
    groups.add(ring.subList(1, ring.size()));
    descend(state, ring, groups, seen);
    return groups;
  }

  private static void descend(
      KernelState state, List<Mount> masters, List<List<Mount>> groups, LongMap<Boolean> seen) {
    for (Mount master : masters) {
      for (Mount slave : PeerGroups.slaves(state, master.key())) {
        if (!seen.contains(slave.key())) {
          List<Mount> group = PeerGroups.ring(state, slave);
          group.forEach(member -> seen.put(member.key(), Boolean.TRUE));
          groups.add(group);
          descend(state, group, groups, seen);
        }
      }
    }
  }

  /** Makes the copies, in order; null if one cannot be made. */
  List<Attaching.Pending> copies() {
    Mount destination = state.mounts.require(place.mount());
    if (destination.slave()) {
      marked.put(destination.master(), Boolean.TRUE);
    }
    List<List<Mount>> groups = receivers(state, destination);
    long copy = original;
    for (int i = 0; i < groups.size(); i++) {
      boolean first = i > 0;
      for (Mount receiver : groups.get(i)) {
        if (!receives(receiver)) {
          continue;
        }
        int flags = Cloning.MAKE_SHARED;
        if (first) {
          copy = findMaster(receiver, copy);
          flags = Cloning.SLAVE | (receiver.shared() ? Cloning.MAKE_SHARED : 0);
        }
        Cloning.Copy made = copy(copy, flags);
        if (made.errno() != 0) {
          return null;
        }
        copy = made.mount();
        parents.put(copy, receiver.key());
        copies.add(new Attaching.Pending(copy, receiver.key()));
        if (receiver.slave()) {
          marked.put(receiver.master(), Boolean.TRUE);
        }
        first = false;
      }
    }
    return copies;
  }

  private Cloning.Copy copy(long from, int flags) {
    Mount source = state.mounts.require(from);
    return Cloning.tree(
        context, from, source.root(), flags, MountCause.Kind.PROPAGATED, Cloning.Pairs.IGNORED);
  }

  /** need_secondary(). */
  private boolean receives(Mount receiver) {
    Namespace namespace = state.namespaces.get(receiver.namespace());
    return namespace != null
        && !namespace.anonymous()
        && MountTree.below(state, place.dentry(), receiver.root());
  }

  /** find_master(): the copy that the next group's copies are slaves of. */
  private long findMaster(Mount receiver, long lastCopy) {
    Mount at = receiver;
    long master = at.master();
    while (master != 0 && !marked.contains(master)) {
      at = state.mounts.require(master);
      master = at.master();
    }
    Mount source = state.mounts.require(original);
    Mount copy = state.mounts.require(lastCopy);
    while (!PeerGroups.peers(copy, source)) {
      Mount parent = state.mounts.require(parents.get(copy.key()));
      if (parent.master() == master) {
        if (!PeerGroups.peers(parent, at)) {
          copy = state.mounts.require(copy.master());
        }
        break;
      }
      copy = state.mounts.require(copy.master());
    }
    return copy.key();
  }
}
