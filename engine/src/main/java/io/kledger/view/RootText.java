package io.kledger.view;

import io.kledger.engine.mount.NamespaceFiles;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.cgroup.Cgroup;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.path.PathText;
import java.util.ArrayList;
import java.util.List;

/** Field 4 of mountinfo: super_operations.show_path, or the path within the filesystem. */
final class RootText {
  private static final Bytes CGROUP2 = Bytes.of("cgroup2");

  private RootText() {}

  /** The root of a mount as a reader in this cgroup namespace (0: the initial one) sees it. */
  static String of(KernelState state, Superblock superblock, long root, long cgroupNamespace) {
    Namespace namespace = NamespaceFiles.namespace(state, root);
    if (namespace != null) {
      return namespace.kind().procName() + ":[" + namespace.inode() + "]";
    }
    if (cgroupNamespace != 0 && superblock.type().equals(CGROUP2)) {
      return cgroup(state, root, cgroupNamespace);
    }
    return Mangle.path(PathText.inFilesystem(state, root));
  }

  /**
   * cgroup_show_path(): relative to the root of the reader's cgroup namespace, with `/..` upwards.
   */
  private static String cgroup(KernelState state, long root, long cgroupNamespace) {
    List<Bytes> to = new ArrayList<>();
    for (Dentry at = state.dentries.get(root);
        at != null && at.parent() != 0;
        at = state.dentries.get(at.parent())) {
      to.addFirst(at.name());
    }
    List<Bytes> from = new ArrayList<>();
    Namespace namespace = state.namespaces.get(cgroupNamespace);
    Cgroup cgroup = namespace == null ? null : state.cgroups.get(namespace.root());
    for (; cgroup != null && cgroup.parent() != 0; cgroup = state.cgroups.get(cgroup.parent())) {
      from.addFirst(cgroup.name());
    }
    int common = 0;
    while (common < to.size() && common < from.size() && to.get(common).equals(from.get(common))) {
      common++;
    }
    StringBuilder text = new StringBuilder("/..".repeat(from.size() - common));
    to.subList(common, to.size()).forEach(name -> text.append('/').append(Mangle.path(name)));
    return text.isEmpty() ? "/" : text.toString();
  }
}
