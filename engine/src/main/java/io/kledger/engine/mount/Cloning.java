package io.kledger.engine.mount;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.change.MountChange;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.mount.MountCause;

/** Copies of mounts and of trees of mounts: clone_mnt() and copy_tree(). */
public final class Cloning {
  /** CL_SLAVE: the copy is a slave of a shared original. */
  public static final int SLAVE = 1;

  /** CL_PRIVATE: the copy takes part in no propagation. */
  public static final int PRIVATE = 2;

  /** CL_MAKE_SHARED: the copy is shared, in a new group if it joins none. */
  public static final int MAKE_SHARED = 4;

  /** CL_COPY_UNBINDABLE. */
  public static final int UNBINDABLE_TOO = 8;

  /** CL_COPY_MNT_NS_FILE. */
  public static final int NS_FILES_TOO = 16;

  private Cloning() {}

  /** A tree was copied, or an error number says why not. */
  public record Copy(long mount, int errno) {
    static Copy of(long mount) {
      return new Copy(mount, 0);
    }

    static Copy failed(int errno) {
      return new Copy(0, errno);
    }
  }

  /** clone_mnt(): a copy that hangs nowhere and is in no namespace. */
  public static Mount mount(
      CallContext context, long key, long root, int flags, MountCause.Kind kind) {
    Mount old = context.state().mounts.require(key);
    long newKey = context.newKey();
    Mount copy =
        new Mount(
            newKey,
            MountIds.mount(context),
            MountIds.unique(context),
            0,
            0,
            0,
            0,
            root,
            old.superblock(),
            old.source(),
            old.flags(),
            old.lockedFlags(),
            false,
            0,
            0,
            0,
            0,
            0,
            false,
            old.idmap(),
            false,
            new MountCause(kind, key, context.position()),
            owner(context, old, kind));
    context.emit(new MountChange.Created(copy));
    boolean joins = (flags & (SLAVE | PRIVATE)) == 0 && old.shared();
    if (joins) {
      copy = PeerGroups.insertBehind(context, copy, key);
    } else if ((flags & MAKE_SHARED) != 0) {
      copy = PeerGroups.found(context, copy);
    }
    if ((flags & PRIVATE) != 0) {
      return copy;
    }
    if ((flags & SLAVE) != 0 && old.shared()) {
      return PeerGroups.enslaveFirst(context, copy, key);
    }
    return old.slave() ? PeerGroups.enslaveBehind(context, copy, key) : copy;
  }

  /** Copies that the kernel makes by itself stay with whom the original belongs to. */
  private static long owner(CallContext context, Mount old, MountCause.Kind kind) {
    return switch (kind) {
      case PROPAGATED, NAMESPACE_COPY, OBSERVED, INTERNAL, INFERRED -> old.owner();
      case NEW, BIND, DETACHED ->
          Attaching.owner(context.state(), Attaching.callerNamespace(context));
    };
  }

  /**
   * copy_tree(): the mount from a dentry on, with what is mounted below. {@code pairs}, if given,
   * takes original and copy of each mount.
   */
  public static Copy tree(
      CallContext context, long key, long dentry, int flags, MountCause.Kind kind, Pairs pairs) {
    KernelState state = context.state();
    Mount source = state.mounts.require(key);
    if ((flags & UNBINDABLE_TOO) == 0 && source.unbindable()) {
      return Copy.failed(Errno.EINVAL);
    }
    if ((flags & NS_FILES_TOO) == 0 && NamespaceFiles.isMountNamespace(state, dentry)) {
      return Copy.failed(Errno.EINVAL);
    }
    Mount copy = mount(context, key, dentry, flags, kind);
    pairs.add(key, copy.key());
    for (long child : state.mountsByParent.keys(key)) {
      Mount mount = state.mounts.require(child);
      if (MountTree.below(state, mount.mountpoint(), dentry)) {
        int errno = below(context, mount, copy.key(), flags, kind, pairs);
        if (errno != 0) {
          return Copy.failed(errno);
        }
      }
    }
    return Copy.of(copy.key());
  }

  private static int below(
      CallContext context,
      Mount original,
      long parent,
      int flags,
      MountCause.Kind kind,
      Pairs pairs) {
    KernelState state = context.state();
    if ((flags & UNBINDABLE_TOO) == 0 && original.unbindable()) {
      return original.locked() ? Errno.EPERM : 0;
    }
    if ((flags & NS_FILES_TOO) == 0 && NamespaceFiles.isMountNamespace(state, original.root())) {
      return 0;
    }
    long[] children = state.mountsByParent.keys(original.key());
    Mount copy = mount(context, original.key(), original.root(), flags, kind);
    copy =
        copy.withPlace(
                0, parent, original.mountpoint(), context.next(io.kledger.kernel.CounterId.ORDER))
            .withLocks(copy.lockedFlags(), original.locked());
    context.emit(new MountChange.Changed(copy));
    pairs.add(original.key(), copy.key());
    for (long child : children) {
      int errno = below(context, state.mounts.require(child), copy.key(), flags, kind, pairs);
      if (errno != 0) {
        return errno;
      }
    }
    return 0;
  }

  /** Takes originals and their copies. */
  @FunctionalInterface
  public interface Pairs {
    Pairs IGNORED = (original, copy) -> {};

    void add(long original, long copy);
  }

  /** lock_mnt_tree(): what comes from another user namespace cannot be taken apart. */
  static void lock(CallContext context, long rootKey) {
    KernelState state = context.state();
    Mount root = state.mounts.require(rootKey);
    for (Mount mount : MountTree.tree(state, root)) {
      long locks =
          mount.lockedFlags()
              | MountFlags.LOCK_ATIME
              | mount.flags()
                  & (MountFlags.RDONLY | MountFlags.NODEV | MountFlags.NOSUID | MountFlags.NOEXEC);
      boolean locked = mount.locked() || mount.key() != rootKey;
      if (locks != mount.lockedFlags() || locked != mount.locked()) {
        context.emit(new MountChange.Changed(mount.withLocks(locks, locked)));
      }
    }
  }
}
