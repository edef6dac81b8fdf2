package io.kledger.engine.mount;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.ns.Namespace;

/** do_move_mount(): MS_MOVE and move_mount(2). */
public final class Moving {
  private final CallContext context;
  private final KernelState state;
  private final boolean beneath;

  private Moving(CallContext context, boolean beneath) {
    this.context = context;
    this.state = context.state();
    this.beneath = beneath;
  }

  /** Moves the mount whose root is {@code from} to {@code to}; or beneath the mount on top there. */
  public static Result move(CallContext context, Place from, Place to, boolean beneath) {
    return new Moving(context, beneath).run(from, to);
  }

  private Result run(Place from, Place to) {
    Mount source = state.mounts.get(from.mount());
    Place place = MountTree.topmost(state, to);
    if (source == null || state.dentries.get(place.dentry()) == null) {
      return new Result.Unknown("what to move");
    }
    if (state.dentries.require(place.dentry()).deleted() && context.refuse("C4 deleted")) {
      return context.fail(Errno.ENOENT, "C4 mountpoint deleted");
    }
    Mount top = null;
    if (beneath) {
      top = state.mounts.require(place.mount());
      if (top.root() != place.dentry() || top.parent() == 0) {
        return context.fail(Errno.EINVAL, "C10 beneath: not a mount root");
      }
      place = new Place(top.parent(), top.mountpoint());
    }
    Result refused = check(source, from, place);
    if (refused == null && beneath) {
      refused = checkBeneath(source, top, place);
    }
    if (refused == null) {
      refused = loops(source, place);
    }
    if (refused != null) {
      return refused;
    }
    return attach(source, place);
  }

  private Result attach(Mount source, Place place) {
    Namespace from = state.namespaces.get(source.namespace());
    int errno = Attaching.attach(context, source.key(), place);
    if (errno != 0) {
      return context.fail(errno, "C4 attach_recursive_mnt");
    }
    if (from != null && from.anonymous()) {
      for (long key : state.descriptionsByOwnedMount.keys(from.key())) {
        context.put(Tables.DESCRIPTIONS, state.descriptions.require(key).withOwnsMount(0));
      }
      context.remove(Tables.NAMESPACES, from.key());
    }
    return Result.ZERO;
  }

  private Result check(Mount source, Place from, Place place) {
    Mount target = state.mounts.require(place.mount());
    Result wrong = Checks.inCallersNamespace(context, source)
        ? checkAttached(source, target)
        : checkDetached(source, target);
    if (wrong != null) {
      return wrong;
    }
    if (source.root() != from.dentry() && context.refuse("C10 not a mount root")) {
      return invalid("C10 not a mount root");
    }
    if (Checks.kindsDiffer(state, source.root(), place.dentry())
        && context.refuse("C10 directory on file")) {
      return invalid("C10 directory on file");
    }
    if (target.shared() && Checks.containsUnbindable(state, source)
        && context.refuse("C9.5 unbindable under shared")) {
      return invalid("C9.5 unbindable under shared");
    }
    return null;
  }

  private Result checkAttached(Mount source, Mount target) {
    Mount parent = state.mounts.get(source.parent());
    if (parent == null && context.refuse("C9.5 no parent")) {
      return invalid("C9.5 no parent");
    }
    if (source.locked() && context.refuse("C7 locked mount")) {
      return invalid("C7 locked mount");
    }
    if (!Checks.inCallersNamespace(context, target) && context.refuse("C9.5 check_mnt target")) {
      return invalid("C9.5 check_mnt target");
    }
    if (parent != null && parent.shared() && context.refuse("C9.5 shared parent")) {
      return invalid("C9.5 shared parent");
    }
    return null;
  }

  private Result checkDetached(Mount source, Mount target) {
    Namespace anonymous = state.namespaces.get(source.namespace());
    boolean root =
        anonymous != null && anonymous.anonymous() && anonymous.root() == source.key();
    if (!root && context.refuse("C10 foreign source")) {
      return invalid("C10 foreign source");
    }
    if (source.namespace() != 0
        && target.namespace() == source.namespace()
        && context.refuse("C10 into itself")) {
      return invalid("C10 into itself");
    }
    Namespace to = state.namespaces.get(target.namespace());
    boolean acceptable =
        Checks.inCallersNamespace(context, target) || to != null && to.anonymous();
    if (!acceptable && context.refuse("C10 foreign target")) {
      return invalid("C10 foreign target");
    }
    return null;
  }

  /** can_move_mount_beneath(). */
  private Result checkBeneath(Mount source, Mount top, Place place) {
    if (top.locked() && context.refuse("F50 locked target")) {
      return invalid("F50 locked target");
    }
    Mount parent = state.mounts.require(place.mount());
    if (source.namespace() == parent.namespace()
        && MountTree.descends(state, parent, source.key())
        && context.refuse("F50 own descendant")) {
      return invalid("F50 own descendant");
    }
    Dentry root = state.dentries.get(top.root());
    if (root == null && context.refuse("F50 no root")) {
      return invalid("F50 no root");
    }
    Namespace namespace = state.namespaces.get(parent.namespace());
    boolean onNamespaceRoot = namespace != null && namespace.root() == parent.key()
        && top.mountpoint() == parent.root();
    if (onNamespaceRoot && !context.profile().atLeast(7, 1)
        && context.refuse("F50 root of the namespace")) {
      return invalid("F50 root of the namespace");
    }
    if (MountTree.over(state, source) != null && context.refuse("F50 source is covered")) {
      return invalid("F50 source is covered");
    }
    if (PeerGroups.peers(parent, top) && context.refuse("F50 propagates onto itself")) {
      return invalid("F50 propagates onto itself");
    }
    return null;
  }

  private Result loops(Mount source, Place place) {
    for (Mount mount : MountTree.tree(state, source)) {
      if (NamespaceFiles.isMountNamespace(state, mount.root())
          && context.refuse("C5 namespace file")) {
        return context.fail(Errno.ELOOP, "C5 check_for_nsfs_mounts");
      }
    }
    Mount target = state.mounts.require(place.mount());
    if (!MountTree.descends(state, target, source.key())) {
      return null;
    }
    // Even where the kernel is known to have moved it: a tree must not become a ring.
    return context.refuse("C9.5 loop")
        ? context.fail(Errno.ELOOP, "C9.5 target inside the moved tree")
        : new Result.Unknown("the target lies in the moved tree by what the log shows");
  }

  private Result invalid(String rule) {
    return context.fail(Errno.EINVAL, rule);
  }
}
