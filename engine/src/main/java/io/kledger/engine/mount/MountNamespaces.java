package io.kledger.engine.mount;

import io.kledger.engine.CallContext;
import io.kledger.kernel.CounterId;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.change.MountChange;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.mount.MountCause;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.ns.NamespaceKind;
import io.kledger.store.LongMap;

/** Mount namespaces: copy_mnt_ns(), and their death. */
public final class MountNamespaces {
  private MountNamespaces() {}

  /** What became of the mounts of a copied namespace. */
  public static final class Copies {
    private final LongMap<Long> copies = new LongMap<>();

    /** The copy of a place, or the place itself if its mount was not copied. */
    public Place of(Place place) {
      Long copy = copies.get(place.mount());
      return copy == null ? place : new Place(copy, place.dentry());
    }
  }

  /**
   * Fills a new mount namespace with a copy of another one's tree.
   *
   * @param from key of the namespace to copy
   * @param to key of the new Namespace row, which has no root yet; its owner decides about slaves
   */
  public static Copies copy(CallContext context, long from, long to) {
    KernelState state = context.state();
    Copies copies = new Copies();
    Namespace old = state.namespaces.require(from);
    Namespace fresh = state.namespaces.require(to);
    Mount root = state.mounts.get(old.root());
    if (root == null) {
      return copies;
    }
    boolean crosses = old.owner() != fresh.owner();
    int flags = Cloning.UNBINDABLE_TOO | (crosses ? Cloning.SLAVE : 0);
    Cloning.Copy copy =
        Cloning.tree(
            context,
            root.key(),
            root.root(),
            flags,
            MountCause.Kind.NAMESPACE_COPY,
            (original, made) -> copies.copies.put(original, made));
    if (crosses) {
      Cloning.lock(context, copy.mount());
    }
    Mount top = state.mounts.require(copy.mount());
    for (Mount mount : MountTree.tree(state, top)) {
      context.emit(new MountChange.Changed(mount.withNamespace(to)));
    }
    context.put(Tables.NAMESPACES, state.namespaces.require(to).withRoot(copy.mount()));
    return copies;
  }

  /** put_mnt_ns(): the last task and descriptor of a namespace are gone. */
  public static void died(CallContext context, long key) {
    KernelState state = context.state();
    Namespace namespace = state.namespaces.get(key);
    if (namespace == null || namespace.kind() != NamespaceKind.MOUNT) {
      return;
    }
    Mount root = state.mounts.get(namespace.root());
    if (root != null && root.namespace() == key) {
      Unmounting.tree(context, root.key(), Unmounting.CONNECTED);
    }
  }

  /**
   * A namespace without a name that holds a detached tree (alloc_mnt_ns(anon)). Returns its key.
   */
  static void origin(CallContext context, long anonymous) {
    Namespace made = context.state().namespaces.require(anonymous);
    context.put(Tables.NAMESPACES, made.withParent(context.task().namespaces().mount()));
  }

  public static long anonymous(CallContext context, long rootKey) {
    KernelState state = context.state();
    long key = context.newKey();
    long owner = Attaching.owner(state, Attaching.callerNamespace(context));
    context.put(
        Tables.NAMESPACES,
        new Namespace(
            key,
            NamespaceKind.MOUNT,
            0,
            context.next(CounterId.NAMESPACE_ID),
            owner,
            0,
            0,
            rootKey,
            true,
            false,
            context.position()));
    Mount root = state.mounts.require(rootKey);
    for (Mount mount : MountTree.tree(state, root)) {
      context.emit(new MountChange.Changed(mount.withNamespace(key)));
    }
    return key;
  }
}
