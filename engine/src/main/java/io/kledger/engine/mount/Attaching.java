package io.kledger.engine.mount;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.kernel.CounterId;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.change.MountChange;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.ns.Namespace;
import java.util.ArrayList;
import java.util.List;

/** attach_recursive_mnt(): puts a tree at a place, and copies of it where that propagates. */
public final class Attaching {
  /** A copy and where it will hang. */
  record Pending(long mount, long parent) {}

  private Attaching() {}

  /**
   * Attaches a tree. The source hangs elsewhere (a move), is in no namespace (a fresh mount or
   * clone), or is the root of a detached tree.
   *
   * @param place mount and dentry to hang it on; what is mounted there already ends up on top of it
   * @return 0, or the error number; then every change was taken back
   */
  public static int attach(CallContext context, long sourceKey, Place place) {
    KernelState state = context.state();
    int mark = context.mark();
    Mount source = state.mounts.require(sourceKey);
    boolean moving = source.parent() != 0;
    Dentry top = state.dentries.get(MountTree.top(state, source).root());
    // get_mountpoint() of the root: what is tucked would be mounted there.
    if (top != null && top.deleted() && context.refuse("C4 root of the source deleted")) {
      return Errno.ENOENT;
    }
    boolean shared = state.mounts.require(place.mount()).shared();
    List<Pending> copies = List.of();
    if (shared) {
      foundGroups(context, source);
      Propagation propagation = new Propagation(context, place, sourceKey);
      copies = propagation.copies();
      if (copies == null) {
        MountIds.rollback(context, mark);
        return Errno.EINVAL;
      }
      clearUnbindable(context, sourceKey);
    }
    commit(context, new Pending(sourceKey, place.mount()), place.dentry(), moving);
    for (int i = copies.size() - 1; i >= 0; i--) {
      arriveReadOnly(context, copies.get(i));
      commit(context, copies.get(i), place.dentry(), false);
    }
    if (tooMany(context, place, copies, moving)) {
      MountIds.rollback(context, mark);
      return Errno.ENOSPC;
    }
    return 0;
  }

  /** F08: what propagates to a mount with the bit is read-only, and passes the bit on. */
  private static void arriveReadOnly(CallContext context, Pending copy) {
    KernelState state = context.state();
    if (!state.mounts.require(copy.parent()).propagatesReadOnly()) {
      return;
    }
    for (Mount mount : MountTree.tree(state, state.mounts.require(copy.mount()))) {
      long flags = mount.flags() | MountFlags.RDONLY | Mount.PROPAGATE_RDONLY;
      if (flags != mount.flags()) {
        context.emit(new MountChange.Changed(mount.withFlags(flags)));
      }
    }
  }

  /** invent_group_ids(): each mount of the tree becomes shared, in tree order. */
  private static void foundGroups(CallContext context, Mount source) {
    for (Mount mount : MountTree.tree(context.state(), source)) {
      Mount now = context.state().mounts.require(mount.key());
      if (!now.shared()) {
        PeerGroups.found(context, now);
      }
    }
  }

  private static void clearUnbindable(CallContext context, long sourceKey) {
    KernelState state = context.state();
    for (Mount mount : MountTree.tree(state, state.mounts.require(sourceKey))) {
      if (mount.unbindable()) {
        context.emit(new MountChange.Changed(mount.withUnbindable(false)));
      }
    }
  }

  private static void commit(CallContext context, Pending pending, long dentry, boolean moving) {
    KernelState state = context.state();
    long namespace = state.mounts.require(pending.parent()).namespace();
    if (owner(state, namespace) != owner(state, callerNamespace(context))) {
      Cloning.lock(context, pending.mount());
    }
    Mount covered = state.mountAt(pending.parent(), dentry);
    Mount before = state.mounts.require(pending.mount());
    Mount after =
        before.withPlace(namespace, pending.parent(), dentry, context.next(CounterId.ORDER));
    if (moving) {
      MountNews.emit(context, new MountChange.Moved(after, before));
      moveBelow(context, after, before.namespace());
    } else {
      MountNews.emit(context, new MountChange.Attached(after));
      attachBelow(context, after);
    }
    if (covered != null && covered.key() != pending.mount()) {
      Mount top = MountTree.top(state, after);
      Mount tucked =
          covered.withPlace(
              covered.namespace(), top.key(), top.root(), context.next(CounterId.ORDER));
      context.emit(new MountChange.Reparented(tucked, covered));
    }
  }

  private static void attachBelow(CallContext context, Mount root) {
    for (Mount mount : MountTree.tree(context.state(), root)) {
      if (mount.key() != root.key()) {
        MountNews.emit(context, new MountChange.Attached(mount.withNamespace(root.namespace())));
      }
    }
  }

  private static void moveBelow(CallContext context, Mount root, long from) {
    if (from != root.namespace()) {
      attachBelow(context, root);
    }
  }

  private static boolean tooMany(
      CallContext context, Place place, List<Pending> copies, boolean moving) {
    KernelState state = context.state();
    List<Long> namespaces = new ArrayList<>();
    if (!moving) {
      namespaces.add(state.mounts.require(place.mount()).namespace());
    }
    for (Pending copy : copies) {
      namespaces.add(state.mounts.require(copy.parent()).namespace());
    }
    long limit = Limits.mountMax(state);
    for (long namespace : namespaces) {
      if (state.mountsByNamespace.count(namespace) > limit && context.refuse("C14 mount-max")) {
        return true;
      }
    }
    return false;
  }

  /** Key of the mount namespace of the caller. */
  static long callerNamespace(CallContext context) {
    return context.task().namespaces().mount();
  }

  /** Key of the user namespace that owns a mount namespace. */
  static long owner(KernelState state, long namespace) {
    Namespace row = state.namespaces.get(namespace);
    return row == null ? 0 : row.owner();
  }
}
