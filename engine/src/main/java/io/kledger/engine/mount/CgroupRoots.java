package io.kledger.engine.mount;

import io.kledger.engine.CallContext;
import io.kledger.engine.file.Dcache;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.cgroup.Cgroup;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.ns.Namespace;
import java.util.ArrayList;
import java.util.List;

/** cgroup_do_get_tree(): a mount of cgroup2 begins at the root of the caller's cgroup namespace. */
final class CgroupRoots {
  private static final Bytes CGROUP2 = Bytes.of("cgroup2");

  private CgroupRoots() {}

  /** The dentry that a new mount of a superblock has as its root. */
  static long of(CallContext context, Superblock superblock) {
    KernelState state = context.state();
    if (!superblock.type().equals(CGROUP2)) {
      return superblock.root();
    }
    Namespace namespace = state.namespaces.get(context.task().namespaces().cgroup());
    Cgroup top = namespace == null ? null : state.cgroups.get(namespace.root());
    long at = superblock.root();
    for (Bytes name : path(state, top)) {
      Dentry child = state.child(at, name);
      at =
          child != null && child.inode() != 0
              ? child.key()
              : Dcache.inferChild(context, at, name, Inode.S_IFDIR).key();
    }
    return at;
  }

  private static List<Bytes> path(KernelState state, Cgroup cgroup) {
    List<Bytes> names = new ArrayList<>();
    for (Cgroup at = cgroup; at != null && at.parent() != 0; at = state.cgroups.get(at.parent())) {
      names.addFirst(at.name());
    }
    return names;
  }
}
