package io.kledger.engine.mount;

import io.kledger.engine.CallContext;
import io.kledger.engine.file.FilePut;
import io.kledger.engine.ns.NamespaceLife;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.change.MountChange;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.ns.Namespace;

/** References to mounts and superblocks, and what happens when the last one goes. */
public final class MountLife {
  private MountLife() {}

  /** How often a mount is referred to: open files, programs, roots and working directories. */
  public static int references(KernelState state, Mount mount) {
    return state.descriptionsByMount.count(mount.key())
        + state.programsByMount.count(mount.key())
        + state.fsByRootMount.count(mount.key())
        + state.fsByCwdMount.count(mount.key());
  }

  /** cleanup_mnt(): frees an unmounted mount that nothing refers to, and then its filesystem. */
  public static void releaseIfUnused(CallContext context, long key) {
    KernelState state = context.state();
    Mount mount = state.mounts.get(key);
    if (mount == null || mount.namespace() != 0 || mount.parent() != 0) {
      return;
    }
    if (references(state, mount) > 0) {
      return;
    }
    for (long child : state.mountsByParent.keys(key)) {
      Mount connected = state.mounts.require(child);
      context.emit(new MountChange.Changed(connected.withPlace(0, 0, 0, 0)));
      releaseIfUnused(context, child);
    }
    if (mount.shared() || mount.slave() || state.mountsByMaster.count(key) > 0) {
      PeerGroups.makePrivate(context, java.util.List.of(mount), other -> other == key);
      mount = state.mounts.require(key);
    }
    context.emit(new MountChange.Unmounted(key, mount));
    MountIds.mountReleased(context, mount.id());
    Namespace shown = NamespaceFiles.namespace(state, mount.root());
    Dentry root = state.dentries.get(mount.root());
    Superblocks.releaseIfUnused(context, mount.superblock());
    if (mount.idmap() != 0) {
      NamespaceLife.mappingUnused(context, mount.idmap());
    }
    if (root != null && root.deleted()) {
      FilePut.dropInode(context, root.inode());
    }
    if (shown != null) {
      NamespaceLife.dropIfUnused(context, shown.key());
    }
  }

  /** The last descriptor of a detached tree was closed (dissolve_on_fput()). */
  public static void dissolve(CallContext context, long namespaceKey) {
    KernelState state = context.state();
    Namespace namespace = state.namespaces.get(namespaceKey);
    if (namespace == null || !namespace.anonymous()) {
      return;
    }
    Mount root = state.mounts.get(namespace.root());
    if (root != null && root.namespace() == namespaceKey) {
      Unmounting.tree(context, root.key(), Unmounting.CONNECTED);
    }
    context.remove(io.kledger.kernel.Tables.NAMESPACES, namespaceKey);
  }
}
