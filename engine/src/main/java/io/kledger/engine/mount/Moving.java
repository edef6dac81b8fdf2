package io.kledger.engine.mount;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.file.PathWalk;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
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

  /**
   * Moves the mount whose root is {@code from} to {@code to}; or beneath the mount on top there.
   */
  public static Result move(CallContext context, Place from, Place to, boolean beneath) {
    return new Moving(context, beneath).run(from, to);
  }

  private Result run(Place from, Place to) {
    Mount source = state.mounts.get(from.mount());
    Place place = MountTree.topmost(state, to);
    if (source == null || state.dentries.get(place.dentry()) == null) {
      return new Result.Unknown("what to move");
    }
    // do_move_mount() looks at these two before LOCK_MOUNT().
    if (source.root() != from.dentry() && context.refuse("C10 not a mount root")) {
      return invalid("C10 not a mount root");
    }
    if (Checks.kindsDiffer(state, from.dentry(), to.dentry())
        && context.refuse("C10 directory on file")) {
      return invalid("C10 directory on file");
    }
    boolean gone =
        state.dentries.require(place.dentry()).deleted()
            || state.mounts.require(place.mount()).namespace() == 0;
    if (gone && context.refuse("C4 mountpoint deleted or detached")) {
      return context.fail(Errno.ENOENT, "C4 mountpoint deleted or detached");
    }
    Mount top = null;
    if (beneath) {
      top = state.mounts.require(place.mount());
      boolean mounted = state.mounts.require(to.mount()).root() == to.dentry();
      if (top.root() != place.dentry()
          || top.parent() == 0
          || !mounted && context.refuse("F50 not a mount root")) {
        return invalid("F50 not a mount root");
      }
      place = new Place(top.parent(), top.mountpoint());
    }
    Result refused = check(source, place);
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

  private Result check(Mount source, Place place) {
    Mount target = state.mounts.require(place.mount());
    Result wrong =
        Checks.inCallersNamespace(context, source)
            ? checkAttached(source, target)
            : checkDetached(source, target);
    if (wrong != null) {
      return wrong;
    }
    if (target.shared()
        && Checks.containsUnbindable(state, source)
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
    boolean root = anonymous != null && anonymous.anonymous() && anonymous.root() == source.key();
    if (!root && context.refuse("C10 foreign source")) {
      return invalid("C10 foreign source");
    }
    if (source.namespace() != 0
        && target.namespace() == source.namespace()
        && context.refuse("C10 into itself")) {
      return invalid("C10 into itself");
    }
    Namespace to = state.namespaces.get(target.namespace());
    boolean acceptable = Checks.inCallersNamespace(context, target) || to != null && to.anonymous();
    if (!acceptable && context.refuse("C10 foreign target")) {
      return invalid("C10 foreign target");
    }
    return null;
  }

  /** can_move_mount_beneath(): null if the source may go between a mount and its parent. */
  private Result checkBeneath(Mount source, Mount top, Place place) {
    Mount parent = state.mounts.require(place.mount());
    boolean modern = context.profile().atLeast(7, 1);
    String wrong = null;
    if (top.locked() && !modern) {
      wrong = "F50 locked target";
    } else if (MountTree.over(state, source) != null) {
      wrong = "F50 source is covered";
    } else if (!modern && (isCallersRoot(top) || onNamespaceRoot(top, parent))) {
      wrong = "F50 root";
    } else if (MountTree.descends(state, source, top.key())) {
      wrong = "F50 target is an ancestor of the source";
    } else if (wouldOvermount(parent, top, place.dentry())) {
      wrong = "F50 parent propagates to the target";
    } else if (Checks.inCallersNamespace(context, source)
        && wouldOvermount(parent, source, place.dentry())) {
      wrong = "F50 parent propagates to the source";
    }
    return wrong != null && context.refuse(wrong) ? invalid(wrong) : null;
  }

  private boolean isCallersRoot(Mount mount) {
    return PathWalk.root(context).mount() == mount.key();
  }

  private boolean onNamespaceRoot(Mount top, Mount parent) {
    Namespace namespace = state.namespaces.get(parent.namespace());
    return namespace != null
        && namespace.root() == parent.key()
        && top.mountpoint() == parent.root();
  }

  /**
   * propagation_would_overmount(): what is mounted on {@code from} would arrive on top of {@code
   * to}.
   */
  private boolean wouldOvermount(Mount from, Mount to, long mountpoint) {
    if (!from.shared() || to.root() != mountpoint) {
      return false;
    }
    for (Mount at = to; at != null; at = state.mounts.get(at.master())) {
      if (PeerGroups.peers(from, at)) {
        return true;
      }
    }
    return false;
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
