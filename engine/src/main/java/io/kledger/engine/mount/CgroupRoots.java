package io.kledger.engine.mount;

import io.kledger.engine.CallContext;
import io.kledger.engine.file.Dcache;
import io.kledger.engine.task.Kernel;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.cgroup.Cgroup;
import io.kledger.kernel.change.MountChange;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.ns.Namespace;
import java.util.ArrayList;
import java.util.List;

/** cgroup_do_get_tree(): a mount of cgroup2 begins at the root of the caller's cgroup namespace. */
final class CgroupRoots {
  private static final Bytes CGROUP2 = Bytes.of("cgroup2");

  /** cgroup_show_options(), in its order. */
  private static final List<String> FLAGS =
      List.of(
          "nsdelegate",
          "favordynmods",
          "memory_localevents",
          "memory_recursiveprot",
          "memory_hugetlb_accounting",
          "pids_localevents");

  private CgroupRoots() {}

  /**
   * apply_cgroup_root_flags(): a mount or remount from the initial cgroup namespace sets the flags
   * of the whole hierarchy. Returns the superblock as it is then.
   */
  static Superblock configured(CallContext context, Superblock superblock, Bytes data) {
    Bytes options = options(context, superblock, data);
    if (options.equals(superblock.options())) {
      return superblock;
    }
    Superblock changed = superblock.withOptions(superblock.flags(), options);
    context.emit(new MountChange.SuperblockChanged(changed, superblock));
    return changed;
  }

  /** The options that a mount or remount with this data leaves. */
  static Bytes options(CallContext context, Superblock superblock, Bytes data) {
    Namespace namespace = context.state().namespaces.get(context.task().namespaces().cgroup());
    Cgroup top = namespace == null ? null : context.state().cgroups.get(namespace.root());
    boolean initial = top == null || top.parent() == 0;
    if (!superblock.type().equals(CGROUP2) || !initial || !Kernel.runs(context)) {
      return superblock.options();
    }
    List<String> asked = data == null ? List.of() : List.of(data.latin1().split(","));
    return Bytes.of(String.join(",", FLAGS.stream().filter(asked::contains).toList()));
  }

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
