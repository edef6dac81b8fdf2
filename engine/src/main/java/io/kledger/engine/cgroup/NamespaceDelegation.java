package io.kledger.engine.cgroup;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.cgroup.Cgroup;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.ns.Namespace;
import java.util.List;

/** The mount option nsdelegate: cgroup namespaces are borders of delegation. */
final class NamespaceDelegation {
  private static final Bytes TYPE = Bytes.of("cgroup2");
  private static final List<String> DELEGATED =
      List.of("cgroup.procs", "cgroup.threads", "cgroup.subtree_control");

  private NamespaceDelegation() {}

  /** CGRP_ROOT_NS_DELEGATE. */
  static boolean on(KernelState state) {
    for (long key : state.superblocks.keys()) {
      Superblock row = state.superblocks.get(key);
      if (row.type().equals(TYPE)
          && List.of(row.options().latin1().split(",")).contains("nsdelegate")) {
        return true;
      }
    }
    return false;
  }

  /** cgroup_file_write(): the root of a namespace is its maker's to configure. Null if it may. */
  static Result mayWrite(CallContext context, Cgroup cgroup, String file, long namespace) {
    long root = root(context.state(), namespace);
    boolean border = root == cgroup.key() && !DELEGATED.contains(file) && on(context.state());
    return border && context.refuse("C9.5 nsdelegate: root of the namespace")
        ? context.fail(Errno.EPERM, "C9.5 nsdelegate: root of the namespace")
        : null;
  }

  /** cgroup_procs_write_permission(): both ends must be visible. Null if they are. */
  static Result mayMove(CallContext context, Cgroup source, Cgroup target, long namespace) {
    KernelState state = context.state();
    long root = root(state, namespace);
    if (root == 0 || source == null || !on(state)) {
      return null;
    }
    boolean visible = below(state, source, root) && below(state, target, root);
    return !visible && context.refuse("C9.5 nsdelegate: outside the namespace")
        ? context.fail(Errno.ENOENT, "C9.5 nsdelegate: outside the namespace")
        : null;
  }

  /** The root cgroup of a namespace other than the initial one; 0 = none. */
  private static long root(KernelState state, long namespace) {
    Namespace row = state.namespaces.get(namespace);
    Cgroup root = row == null ? null : state.cgroups.get(row.root());
    return root == null || root.parent() == 0 ? 0 : root.key();
  }

  private static boolean below(KernelState state, Cgroup cgroup, long root) {
    for (Cgroup at = cgroup; at != null; at = state.cgroups.get(at.parent())) {
      if (at.key() == root) {
        return true;
      }
    }
    return false;
  }
}
