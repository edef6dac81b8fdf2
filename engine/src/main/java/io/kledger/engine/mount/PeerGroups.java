package io.kledger.engine.mount;

import io.kledger.engine.CallContext;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.change.MountChange;
import io.kledger.kernel.mount.Mount;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;

/**
 * Rings of peers and lists of slaves (fs/pnode.c). A ring is linked both ways; a master's slaves
 * are in the order of {@code slaveOrder}, with room between for one that goes behind another.
 */
public final class PeerGroups {
  private static final long STEP = 1L << 20;

  private PeerGroups() {}

  /** The kinds of propagation that can be asked for (MS_SHARED ...). */
  public enum Type {
    SHARED,
    PRIVATE,
    SLAVE,
    UNBINDABLE
  }

  /** The group in ring order, this mount first; the mount alone if it is not shared. */
  public static List<Mount> ring(KernelState state, Mount mount) {
    List<Mount> ring = new ArrayList<>();
    ring.add(mount);
    if (mount.shared()) {
      for (Mount at = state.mounts.require(mount.nextPeer());
          at.key() != mount.key();
          at = state.mounts.require(at.nextPeer())) {
        ring.add(at);
      }
    }
    return ring;
  }

  /** The slaves of a mount, in the order of its list. */
  public static List<Mount> slaves(KernelState state, long master) {
    List<Mount> slaves = new ArrayList<>();
    for (long key : state.mountsByMaster.keys(master)) {
      slaves.add(state.mounts.get(key));
    }
    return slaves;
  }

  /** peers(). */
  public static boolean peers(Mount a, Mount b) {
    return a.peerGroup() == b.peerGroup() && a.peerGroup() != 0;
  }

  /**
   * list_add(&new->mnt_share, &old->mnt_share): the new mount comes directly behind the old one.
   */
  static Mount insertBehind(CallContext context, Mount mount, long sourceKey) {
    KernelState state = context.state();
    Mount source = state.mounts.require(sourceKey);
    long after = source.nextPeer();
    Mount joined = mount.withPeers(source.peerGroup(), after, sourceKey);
    write(context, joined);
    write(context, source.withPeers(source.peerGroup(), joined.key(), source.previousPeer()));
    Mount next = state.mounts.require(after);
    write(context, next.withPeers(next.peerGroup(), next.nextPeer(), joined.key()));
    return state.mounts.require(joined.key());
  }

  /** A group of its own. */
  static Mount found(CallContext context, Mount mount) {
    Mount alone = mount.withPeers(MountIds.peerGroup(context), mount.key(), mount.key());
    write(context, alone);
    return alone;
  }

  /** hlist_add_head(&mount->mnt_slave, &master->mnt_slave_list). */
  static Mount enslaveFirst(CallContext context, Mount mount, long master) {
    Mount first = context.state().mountsByMaster.first(master);
    Mount slave = mount.withMaster(master, first == null ? 0 : first.slaveOrder() - STEP);
    write(context, slave);
    return slave;
  }

  /** At the end of the list: in the order in which an observation tells of slaves. */
  static Mount enslaveLast(CallContext context, Mount mount, long master) {
    Mount last = context.state().mountsByMaster.last(master);
    Mount slave = mount.withMaster(master, last == null ? 0 : last.slaveOrder() + STEP);
    write(context, slave);
    return slave;
  }

  /** hlist_add_behind(&mount->mnt_slave, &other->mnt_slave). */
  static Mount enslaveBehind(CallContext context, Mount mount, long otherKey) {
    KernelState state = context.state();
    Mount other = state.mounts.require(otherKey);
    Mount next = nextSlave(state, other);
    if (next != null && next.slaveOrder() - other.slaveOrder() < 2) {
      spread(context, other.master());
      other = state.mounts.require(otherKey);
      next = nextSlave(state, other);
    }
    long order =
        next == null
            ? other.slaveOrder() + STEP
            : other.slaveOrder() + (next.slaveOrder() - other.slaveOrder()) / 2;
    Mount slave = mount.withMaster(other.master(), order);
    write(context, slave);
    return slave;
  }

  private static Mount nextSlave(KernelState state, Mount slave) {
    boolean found = false;
    for (long key : state.mountsByMaster.keys(slave.master())) {
      if (found) {
        return state.mounts.get(key);
      }
      found = key == slave.key();
    }
    return null;
  }

  private static void spread(CallContext context, long master) {
    long order = 0;
    for (Mount slave : slaves(context.state(), master)) {
      write(context, slave.withMaster(master, order += STEP));
    }
  }

  /**
   * change_mnt_propagation() for one mount, from its row as it is now. Returns the row afterwards;
   * the caller reports the change.
   */
  static Mount change(CallContext context, long key, Type type) {
    KernelState state = context.state();
    Mount mount = state.mounts.require(key);
    if (type == Type.SHARED) {
      mount = mount.shared() ? mount : found(context, mount);
      mount = mount.withUnbindable(false);
      write(context, mount);
      return mount;
    }
    long master = mount.master();
    if (mount.shared()) {
      if (type == Type.SLAVE || state.mountsByMaster.count(key) > 0) {
        master = source(state, mount, other -> false);
      }
      mount = leaveRing(context, key);
      handSlaves(context, key, master, other -> false);
    }
    if (type == Type.SLAVE && master != 0) {
      write(context, state.mounts.require(key).withMaster(0, 0));
      return enslaveFirst(context, state.mounts.require(key), master);
    }
    mount = state.mounts.require(key).withMaster(0, 0);
    if (type != Type.SLAVE) {
      mount = mount.withUnbindable(type == Type.UNBINDABLE);
    }
    write(context, mount);
    return mount;
  }

  /** propagation_source(): who passes events on to the slaves of a mount that leaves; 0 if none. */
  static long source(KernelState state, Mount mount, LongPredicate leaving) {
    Mount at = mount;
    while (true) {
      if (at.shared()) {
        for (Mount peer = state.mounts.require(at.nextPeer());
            peer.key() != at.key();
            peer = state.mounts.require(peer.nextPeer())) {
          if (!leaving.test(peer.key())) {
            return peer.key();
          }
        }
      }
      at = state.mounts.get(at.master());
      if (at == null) {
        return 0;
      }
      if (!leaving.test(at.key())) {
        return at.key();
      }
    }
  }

  /** bulk_make_private(): what is unmounted leaves its groups; its slaves find other masters. */
  static void makePrivate(CallContext context, List<Mount> set, LongPredicate leaving) {
    KernelState state = context.state();
    for (Mount mount : set) {
      Mount now = state.mounts.require(mount.key());
      if (now.shared() || state.mountsByMaster.count(now.key()) > 0) {
        long to = source(state, now, leaving);
        if (now.shared()) {
          leaveRing(context, now.key());
        }
        handSlaves(context, now.key(), to, leaving);
      }
      now = state.mounts.require(mount.key());
      if (now.slave()) {
        write(context, now.withMaster(0, 0));
      }
    }
  }

  private static Mount leaveRing(CallContext context, long key) {
    KernelState state = context.state();
    Mount mount = state.mounts.require(key);
    if (mount.nextPeer() != key) {
      Mount previous = state.mounts.require(mount.previousPeer());
      write(
          context,
          previous.withPeers(previous.peerGroup(), mount.nextPeer(), previous.previousPeer()));
      Mount next = state.mounts.require(mount.nextPeer());
      write(context, next.withPeers(next.peerGroup(), next.nextPeer(), mount.previousPeer()));
    }
    Mount alone = state.mounts.require(key).withPeers(0, 0, 0);
    write(context, alone);
    return alone;
  }

  /** transfer_propagation(): the whole list goes in front of the new master's, its order kept. */
  private static void handSlaves(CallContext context, long from, long to, LongPredicate leaving) {
    KernelState state = context.state();
    List<Mount> slaves = slaves(state, from);
    Mount first = to == 0 ? null : state.mountsByMaster.first(to);
    long order = (first == null ? 0 : first.slaveOrder()) - STEP * slaves.size();
    for (Mount slave : slaves) {
      Mount after = to == 0 ? slave.withMaster(0, 0) : slave.withMaster(to, order);
      order += STEP;
      if (to == 0 && !leaving.test(slave.key())) {
        context.emit(new MountChange.PropagationChanged(after, slave));
      } else {
        write(context, after);
      }
    }
  }

  private static void write(CallContext context, Mount mount) {
    context.emit(new MountChange.Changed(mount));
  }

  /** Whether a change of propagation type would make a mount another than it is. */
  static boolean changes(Mount mount, Type type) {
    return switch (type) {
      case SHARED -> !mount.shared() || mount.unbindable();
      case PRIVATE -> mount.shared() || mount.slave() || mount.unbindable();
      case SLAVE -> mount.shared() || mount.unbindable();
      case UNBINDABLE -> !mount.unbindable();
    };
  }
}
