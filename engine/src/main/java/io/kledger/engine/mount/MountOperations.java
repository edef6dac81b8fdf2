package io.kledger.engine.mount;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.ns.Capability;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.change.MountChange;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.mount.MountCause;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.ns.Namespace;
import java.util.ArrayList;
import java.util.List;

/** What mount(2) does with mounts that exist: bind, move, remount, change of propagation. */
public final class MountOperations {
  private MountOperations() {}

  /** do_loopback(). */
  public static Result bind(CallContext context, Place source, Place target, boolean recursive) {
    KernelState state = context.state();
    Mount old = state.mounts.get(source.mount());
    if (old == null) {
      return new Result.Unknown("mount of the source");
    }
    Place place = MountTree.topmost(state, target);
    // LOCK_MOUNT() comes before the source is looked at.
    if (gone(state, place) && context.refuse("C4 mountpoint deleted or detached")) {
      return context.fail(Errno.ENOENT, "C4 mountpoint deleted or detached");
    }
    if (old.unbindable() && context.refuse("C5 unbindable source")) {
      return context.fail(Errno.EINVAL, "C5 unbindable source");
    }
    if (!Checks.mayCopyTree(context, old, source) && context.refuse("C5 may_copy_tree")) {
      return context.fail(Errno.EINVAL, "C5 may_copy_tree");
    }
    if (!recursive
        && Checks.hasLockedChildren(state, old, source.dentry())
        && context.refuse("C5 has_locked_children")) {
      return context.fail(Errno.EINVAL, "C5 has_locked_children");
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
              MountCause.Kind.BIND,
              Cloning.Pairs.IGNORED);
      if (made.errno() != 0) {
        MountIds.rollback(context, mark);
        return context.fail(made.errno(), "C5 copy_tree");
      }
      copy = made.mount();
    } else {
      copy = Cloning.mount(context, old.key(), source.dentry(), 0, MountCause.Kind.BIND).key();
    }
    return graft(context, copy, place, mark);
  }

  /** do_lock_mount(): nothing can be mounted on a name, or in a mount, that is no longer there. */
  private static boolean gone(KernelState state, Place place) {
    Mount parent = state.mounts.get(place.mount());
    Dentry mountpoint = state.dentries.get(place.dentry());
    return parent != null
        && mountpoint != null
        && (mountpoint.deleted() || parent.namespace() == 0);
  }

  /** graft_tree(), with the checks of do_add_mount(). */
  static Result graft(CallContext context, long mount, Place place, int mark) {
    KernelState state = context.state();
    Mount parent = state.mounts.get(place.mount());
    Dentry mountpoint = state.dentries.get(place.dentry());
    Mount source = state.mounts.require(mount);
    if (parent == null || mountpoint == null) {
      return new Result.Unknown("where the target is");
    }
    int errno = 0;
    String rule = "";
    if (gone(state, place)) {
      errno = Errno.ENOENT;
      rule = "C4 mountpoint deleted or detached";
    } else if (!Checks.inCallersNamespace(context, parent)) {
      errno = Errno.EINVAL;
      rule = "C4 check_mnt";
    } else if (Checks.kindsDiffer(state, source.root(), place.dentry())) {
      errno = Errno.ENOTDIR;
      rule = "C4 directory on file";
    }
    if (errno != 0 && context.refuse(rule)) {
      MountIds.rollback(context, mark);
      return context.fail(errno, rule);
    }
    errno = Attaching.attach(context, mount, place);
    if (errno != 0) {
      MountIds.rollback(context, mark);
      return context.fail(errno, "C4 attach_recursive_mnt");
    }
    return Result.ZERO;
  }

  /** do_move_mount_old(). */
  public static Result move(CallContext context, Place source, Place target) {
    return Moving.move(context, source, target, false);
  }

  /** do_change_type(). */
  public static Result changeType(
      CallContext context, Place target, PeerGroups.Type type, boolean recursive) {
    KernelState state = context.state();
    Mount mount = state.mounts.get(target.mount());
    if (mount == null || mount.root() != target.dentry()) {
      if (context.refuse("C3 not a mount root") || mount == null) {
        return context.fail(Errno.EINVAL, "C3 not a mount root");
      }
    }
    Namespace namespace = state.namespaces.get(mount.namespace());
    if (namespace == null && context.refuse("C3 attached nowhere")) {
      return context.fail(Errno.EINVAL, "C3 attached nowhere");
    }
    if (namespace != null
        && namespace.owner() != 0
        && !Capability.over(
            state, context.task().credentials(), namespace.owner(), Capability.SYS_ADMIN)
        && context.refuse("C3 may_change_propagation")) {
      return context.fail(Errno.EPERM, "C3 may_change_propagation");
    }
    List<Mount> tree = recursive ? MountTree.tree(state, mount) : List.of(mount);
    boolean frozen = tree.stream().anyMatch(m -> m.frozen() && PeerGroups.changes(m, type));
    if (frozen && context.refuse("F21 frozen")) {
      return context.fail(Errno.EPERM, "F21 frozen");
    }
    propagation(context, tree, type);
    return Result.ZERO;
  }

  /** Changes the propagation of mounts, in order, and tells of those that are different then. */
  static void propagation(CallContext context, List<Mount> mounts, PeerGroups.Type type) {
    KernelState state = context.state();
    List<Mount> before = new ArrayList<>(mounts);
    for (Mount mount : mounts) {
      PeerGroups.change(context, mount.key(), type);
    }
    for (Mount old : before) {
      Mount now = state.mounts.require(old.key());
      boolean differs =
          old.peerGroup() != now.peerGroup()
              || group(state, old.master()) != group(state, now.master())
              || old.unbindable() != now.unbindable();
      if (differs) {
        context.emit(new MountChange.PropagationChanged(now, old));
      }
    }
  }

  private static int group(KernelState state, long master) {
    Mount mount = state.mounts.get(master);
    return mount == null ? 0 : mount.peerGroup();
  }

  /** do_reconfigure_mnt(): remount,bind. */
  public static Result reconfigure(CallContext context, Place target, long word) {
    KernelState state = context.state();
    Mount mount = state.mounts.get(target.mount());
    Result refused = remountable(context, mount, target);
    if (refused != null) {
      return refused;
    }
    long flags = MountFlags.remounted(word, mount.flags());
    if (!MountFlags.allowed(mount.lockedFlags(), mount.flags(), flags)
        && context.refuse("C7 locked flags")) {
      return context.fail(Errno.EPERM, "C7 locked flags");
    }
    if (Checks.becomesReadOnly(mount, flags)
        && Checks.hasWriters(state, mount)
        && context.refuse("C9.5 writers")) {
      return context.fail(Errno.EBUSY, "C9.5 writers");
    }
    setFlags(context, mount, flags);
    return Result.ZERO;
  }

  /** do_remount(). */
  public static Result remount(CallContext context, Place target, long word, Bytes data) {
    KernelState state = context.state();
    Mount mount = state.mounts.get(target.mount());
    Result refused = remountable(context, mount, target);
    if (refused != null) {
      return refused;
    }
    long flags = MountFlags.remounted(word, mount.flags());
    if (!MountFlags.allowed(mount.lockedFlags(), mount.flags(), flags)
        && context.refuse("C7 locked flags")) {
      return context.fail(Errno.EPERM, "C7 locked flags");
    }
    Superblock superblock = state.superblocks.require(mount.superblock());
    if (!FilesystemType.opens(context, superblock.type())
        && context.refuse("C9.5 init_fs_context")) {
      return context.fail(Errno.EPERM, "C9.5 init_fs_context");
    }
    boolean odd =
        FilesystemOptions.wrong(superblock.type(), data) != null
            || DeviceOptions.wrong(context, superblock.type(), data) != null
            || Subdir.split(context, data).path() != null
            || OverlayOptions.fixed(superblock.type(), data);
    if (odd && context.refuse("C9.5 unknown option")) {
      return context.fail(Errno.EINVAL, "C9.5 unknown option");
    }
    if (!Superblocks.administers(context, superblock)
        && context.refuse("C9.5 CAP_SYS_ADMIN over the superblock")) {
      return context.fail(Errno.EPERM, "C9.5 CAP_SYS_ADMIN over the superblock");
    }
    if ((word & MountFlags.RDONLY) == 0
        && DeviceMounts.refusesWrites(state, superblock)
        && context.refuse("F16.4 read-only device")) {
      return context.fail(Errno.EACCES, "F16.4 read-only device");
    }
    boolean toReadOnly =
        (word & MountFlags.RDONLY) != 0 && (superblock.flags() & MountFlags.RDONLY) == 0;
    if (toReadOnly
        && Checks.superblockHasWriters(state, superblock)
        && context.refuse("C9.5 writers of the superblock")) {
      return context.fail(Errno.EBUSY, "C9.5 writers of the superblock");
    }
    Result small = Reconfiguring.tooSmall(context, superblock, data);
    if (small != null) {
      return small;
    }
    Reconfiguring.superblock(context, superblock, word, data);
    setFlags(context, state.mounts.require(mount.key()), flags);
    return Result.ZERO;
  }

  private static Result remountable(CallContext context, Mount mount, Place target) {
    if (mount == null) {
      return new Result.Unknown("mount of the target");
    }
    if (!Checks.inCallersNamespace(context, mount) && context.refuse("C9.5 check_mnt")) {
      return context.fail(Errno.EINVAL, "C9.5 check_mnt");
    }
    if (mount.root() != target.dentry() && context.refuse("C9.5 not a mount root")) {
      return context.fail(Errno.EINVAL, "C9.5 not a mount root");
    }
    return null;
  }

  static void setFlags(CallContext context, Mount mount, long flags) {
    MountsPoll.touch(context, mount.namespace());
    if (mount.flags() != flags) {
      context.emit(new MountChange.AttributesChanged(mount.withFlags(flags), mount));
    }
  }
}
