package io.kledger.engine.mount;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.ns.NamespaceLimits;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.mount.MountCause;
import io.kledger.kernel.ns.NamespaceKind;

/** open_detached_copy(): a clone in a namespace of its own that only a descriptor holds. */
public final class DetachedTrees {
  /** Key of the root mount and of the anonymous namespace; or why there is none. */
  public record Detached(long mount, long namespace, Result refused) {}

  private DetachedTrees() {}

  /** A clone of something that the log does not tell. */
  public static Detached unseen(CallContext context) {
    NewMount.Found found = NewMount.superblock(context, NewMount.NOT_SHOWN, null, 0, null);
    if (!(found instanceof NewMount.Ready ready)) {
      return new Detached(0, 0, new Result.Unknown("what is cloned"));
    }
    long root =
        NewMount.fresh(context, ready.superblock(), NewMount.NOT_SHOWN, 0, MountCause.Kind.DETACHED)
            .key();
    long anonymous = MountNamespaces.anonymous(context, root);
    MountNamespaces.origin(context, anonymous);
    return new Detached(root, anonymous, null);
  }

  /** alloc_mnt_ns(): a detached tree has a namespace, which counts; null if there may be one. */
  public static Result anonymousLimit(CallContext context) {
    KernelState state = context.state();
    boolean full = NamespaceLimits.usedUp(state, context.task().credentials(), NamespaceKind.MOUNT);
    return full && context.refuse("C14 user.max_mnt_namespaces")
        ? context.fail(Errno.ENOSPC, "C14 user.max_mnt_namespaces")
        : null;
  }

  /** Clones the mount at a place, or the whole tree. */
  public static Detached clone(CallContext context, Place source, boolean recursive) {
    KernelState state = context.state();
    Mount old = state.mounts.get(source.mount());
    if (old == null) {
      return new Detached(0, 0, new Result.Unknown("what mount the path is on"));
    }
    Result full = anonymousLimit(context);
    if (full != null) {
      return new Detached(0, 0, full);
    }
    String wrong = null;
    if (old.unbindable()) {
      wrong = "C5 unbindable source";
    } else if (!Checks.mayCopyTree(context, old, source)) {
      wrong = "C5 may_copy_tree";
    } else if (!recursive && Checks.hasLockedChildren(state, old, source.dentry())) {
      wrong = "C5 has_locked_children";
    }
    if (wrong != null && context.refuse(wrong)) {
      return new Detached(0, 0, context.fail(Errno.EINVAL, wrong));
    }
    int mark = context.mark();
    long copy;
    if (recursive) {
      Cloning.Copy made =
          Cloning.tree(
              context,
              old.key(),
              source.dentry(),
              Cloning.NS_FILES_TOO,
              MountCause.Kind.DETACHED,
              Cloning.Pairs.IGNORED);
      if (made.errno() != 0) {
        MountIds.rollback(context, mark);
        return new Detached(0, 0, context.fail(made.errno(), "C5 copy_tree"));
      }
      copy = made.mount();
    } else {
      copy = Cloning.mount(context, old.key(), source.dentry(), 0, MountCause.Kind.DETACHED).key();
    }
    long anonymous = MountNamespaces.anonymous(context, copy);
    MountNamespaces.origin(context, anonymous);
    return new Detached(copy, anonymous, null);
  }
}
