package io.kledger.engine.mount;

import io.kledger.engine.CallContext;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.ns.Namespace;

/** Conditions that several operations on mounts test. */
final class Checks {
  private static final long O_PATH = 010000000;

  private Checks() {}

  /** check_mnt(). */
  static boolean inCallersNamespace(CallContext context, Mount mount) {
    return mount != null && mount.namespace() == Attaching.callerNamespace(context);
  }

  /** may_copy_tree(): own, of nsfs or pidfs, or of a detached tree. */
  static boolean mayCopyTree(CallContext context, Mount mount, Place source) {
    if (inCallersNamespace(context, mount)) {
      return true;
    }
    KernelState state = context.state();
    Superblock superblock = state.superblocks.get(mount.superblock());
    String type = superblock == null ? "" : superblock.type().latin1();
    if (type.equals("nsfs") || type.equals("pidfs")) {
      return true;
    }
    Namespace namespace = state.namespaces.get(mount.namespace());
    return namespace != null && namespace.anonymous();
  }

  /** has_locked_children(). */
  static boolean hasLockedChildren(KernelState state, Mount mount, long dentry) {
    for (long key : state.mountsByParent.keys(mount.key())) {
      Mount child = state.mounts.require(key);
      if (child.locked() && MountTree.below(state, child.mountpoint(), dentry)) {
        return true;
      }
    }
    return false;
  }

  /** One is a directory and the other is known not to be. */
  static boolean kindsDiffer(KernelState state, long dentryA, long dentryB) {
    Inode a = inode(state, dentryA);
    Inode b = inode(state, dentryB);
    return a != null
        && b != null
        && a.typeKnown()
        && b.typeKnown()
        && a.directory() != b.directory();
  }

  private static Inode inode(KernelState state, long dentryKey) {
    Dentry dentry = state.dentries.get(dentryKey);
    return dentry == null ? null : state.inodes.get(dentry.inode());
  }

  static boolean becomesReadOnly(Mount mount, long flags) {
    return (flags & MountFlags.RDONLY) != 0 && (mount.flags() & MountFlags.RDONLY) == 0;
  }

  /** Whether a file is open for writing through this mount. */
  static boolean hasWriters(KernelState state, Mount mount) {
    for (long key : state.descriptionsByMount.keys(mount.key())) {
      OpenFileDescription file = state.descriptions.require(key);
      boolean writes = (file.flags() & 3) != 0 && (file.flags() & O_PATH) == 0;
      Inode inode = state.inodes.get(file.inode());
      boolean regular = inode == null || (inode.mode() & Inode.S_IFMT) == Inode.S_IFREG;
      if (writes && regular && file.kind() == FileKind.PATH) {
        return true;
      }
    }
    return false;
  }

  static boolean superblockHasWriters(KernelState state, Superblock superblock) {
    for (long key : state.mountsBySuperblock.keys(superblock.key())) {
      if (hasWriters(state, state.mounts.require(key))) {
        return true;
      }
    }
    return false;
  }

  /** Whether a tree holds an unbindable mount (tree_contains_unbindable()). */
  static boolean containsUnbindable(KernelState state, Mount root) {
    return MountTree.tree(state, root).stream().anyMatch(Mount::unbindable);
  }

  static boolean isType(KernelState state, Mount mount, String type) {
    Superblock superblock = state.superblocks.get(mount.superblock());
    return superblock != null && superblock.type().equals(Bytes.of(type));
  }
}
