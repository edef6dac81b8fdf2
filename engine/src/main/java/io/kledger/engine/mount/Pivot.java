package io.kledger.engine.mount;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.Result;
import io.kledger.kernel.CounterId;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.change.MountChange;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.task.FsStruct;

/** path_pivot_root(). */
public final class Pivot {
  private final CallContext context;
  private final KernelState state;
  private final Place newRoot;
  private final Place putOld;
  private final Place root;

  private Pivot(CallContext context, Place newRoot, Place putOld, Place root) {
    this.context = context;
    this.state = context.state();
    this.newRoot = newRoot;
    this.putOld = MountTree.topmost(state, putOld);
    this.root = root;
  }

  /** Makes {@code newRoot} the root and hangs the old root at {@code putOld}. */
  public static Result run(CallContext context, Place newRoot, Place putOld, Place root) {
    return new Pivot(context, newRoot, putOld, root).run();
  }

  private Result run() {
    Mount fresh = state.mounts.get(newRoot.mount());
    Mount current = state.mounts.get(root.mount());
    Mount old = state.mounts.get(putOld.mount());
    if (fresh == null || current == null || old == null) {
      return new Result.Unknown("a mount that pivot_root is about");
    }
    Result refused = check(fresh, current, old);
    if (refused != null) {
      return refused;
    }
    if (!detached(fresh) && fresh.parent() == 0 || current.parent() == 0) {
      return context.fail(Errno.EINVAL, "C12 no parent");
    }
    boolean full =
        detached(fresh)
            && state.mountsByNamespace.count(current.namespace())
                    + state.mountsByNamespace.count(fresh.namespace())
                > Limits.mountMax(state);
    if (full && context.refuse("C14 mount-max")) {
      return context.fail(Errno.ENOSPC, "C14 mount-max");
    }
    change(fresh, current);
    return Result.ZERO;
  }

  private Result check(Mount fresh, Mount current, Mount old) {
    Mount above = state.mounts.get(fresh.parent());
    Mount rootParent = state.mounts.get(current.parent());
    boolean shared =
        old.shared()
            || !detached(fresh) && above != null && above.shared()
            || rootParent != null && rootParent.shared();
    if (shared && context.refuse("C12 shared")) {
      return invalid("C12 shared");
    }
    boolean own =
        Checks.inCallersNamespace(context, current)
            && (detached(fresh) ? mayJoin(fresh) : Checks.inCallersNamespace(context, fresh));
    if (!own && context.refuse("C12 check_mnt")) {
      return invalid("C12 check_mnt");
    }
    if (fresh.locked() && context.refuse("C12 locked")) {
      return invalid("C12 locked");
    }
    if (state.dentries.require(newRoot.dentry()).deleted() && context.refuse("C12 deleted")) {
      return context.fail(Errno.ENOENT, "C12 deleted");
    }
    boolean onRoot = fresh.key() == current.key() || old.key() == current.key();
    if (onRoot && context.refuse("C12 on the current root mount")) {
      return context.fail(Errno.EBUSY, "C12 on the current root mount");
    }
    return checkPlaces(fresh, current);
  }

  /** Proposed: the new root may be the root of a detached tree, which joins the namespace. */
  private boolean detached(Mount fresh) {
    Namespace namespace = state.namespaces.get(fresh.namespace());
    return context.profile().has(KernelFeature.PIVOT_DETACHED)
        && namespace != null
        && namespace.anonymous();
  }

  /** Its root, of a tree that was made from nothing or from the caller's own namespace. */
  private boolean mayJoin(Mount fresh) {
    Namespace namespace = state.namespaces.require(fresh.namespace());
    long own = context.task().namespaces().mount();
    return namespace.root() == fresh.key()
        && (namespace.parent() == 0 || namespace.parent() == own);
  }

  private void join(Mount top, long anonymous) {
    MountNews.emit(context, new MountChange.Attached(top));
    for (Mount mount : MountTree.tree(state, top)) {
      if (mount.namespace() == anonymous) {
        MountNews.emit(context, new MountChange.Attached(mount.withNamespace(top.namespace())));
      }
    }
    context.remove(Tables.NAMESPACES, anonymous);
  }

  private Result checkPlaces(Mount fresh, Mount current) {
    if (current.root() != root.dentry() && context.refuse("C12 root is not a mount root")) {
      return invalid("C12 root is not a mount root");
    }
    if (current.parent() == 0 && context.refuse("C12 root without parent")) {
      return invalid("C12 root without parent");
    }
    if (fresh.root() != newRoot.dentry() && context.refuse("C12 not a mount root")) {
      return invalid("C12 not a mount root");
    }
    if (!detached(fresh) && fresh.parent() == 0 && context.refuse("C12 without parent")) {
      return invalid("C12 without parent");
    }
    if (!MountTree.reachable(state, putOld, newRoot) && context.refuse("C12 put_old")) {
      return invalid("C12 put_old not below new_root");
    }
    boolean below = detached(fresh) || MountTree.reachable(state, newRoot, root);
    if (!below && context.refuse("C12 new_root")) {
      return invalid("C12 new_root not below the root");
    }
    return null;
  }

  private void change(Mount fresh, Mount current) {
    Mount freshNow = fresh;
    Mount oldNow = current;
    if (current.locked()) {
      freshNow = fresh.withLocks(fresh.lockedFlags(), true);
      oldNow = current.withLocks(current.lockedFlags(), false);
    }
    Mount moved =
        oldNow.withPlace(
            current.namespace(), putOld.mount(), putOld.dentry(), context.next(CounterId.ORDER));
    Mount top =
        freshNow.withPlace(
            current.namespace(),
            current.parent(),
            current.mountpoint(),
            context.next(CounterId.ORDER));
    // The new root takes its place first, silently: else the two would hang below each other for a
    // moment. The kernel tells of the old root before the new one.
    boolean joins = detached(fresh);
    context.emit(new MountChange.Changed(top));
    MountNews.emit(context, new MountChange.Moved(moved, current));
    if (joins) {
      join(top, fresh.namespace());
    } else {
      MountNews.emit(context, new MountChange.Moved(top, fresh));
    }
    if (fresh.expiry()) {
      context.emit(new MountChange.Changed(top.withExpiry(false)));
    }
    switchRoots();
  }

  /** chroot_fs_refs(): every task that stood on the old root stands on the new one. */
  private void switchRoots() {
    for (FsStruct fs : state.fs.rows()) {
      FsStruct after = fs;
      if (fs.root().equals(root)) {
        after = after.withRoot(newRoot);
      }
      if (fs.cwd().equals(root)) {
        after = after.withCwd(newRoot);
      }
      if (after != fs) {
        context.put(Tables.FS, after);
      }
    }
  }

  private Result invalid(String rule) {
    return context.fail(Errno.EINVAL, rule);
  }
}
