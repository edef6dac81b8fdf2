package io.kledger.engine.mount;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.Result;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.change.MountChange;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.ns.UserNamespace;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** do_mount_setattr(): changes the attributes of a mount, or of a whole tree, all or nothing. */
public final class MountAttributes {
  /** FS_ALLOW_IDMAP, of the types that this kernel line has. */
  private static final Set<String> IDMAPPABLE =
      new LinkedHashSet<>(
          List.of(
              "tmpfs",
              "ext2",
              "ext3",
              "ext4",
              "btrfs",
              "xfs",
              "f2fs",
              "vfat",
              "msdos",
              "ntfs3",
              "erofs",
              "squashfs",
              "fuse",
              "hugetlbfs",
              "cephfs",
              "ceph",
              "bcachefs",
              "zonefs"));

  /**
   * How to go about it.
   *
   * @param recursive the whole tree
   * @param ignoreFailures a mount that refuses is passed over (proposed)
   * @param freeze the attributes cannot be changed afterwards (proposed)
   */
  public record Manner(boolean recursive, boolean ignoreFailures, boolean freeze) {}

  /**
   * What to change (struct mount_kattr).
   *
   * @param propagation null to leave it
   * @param idmapSet MOUNT_ATTR_IDMAP is in attr_set
   * @param idmapClear it is in attr_clr and not in attr_set
   * @param userNs key of the user namespace of the idmapping, 0 if none or not known
   * @param merges the idmapping leads several ids to one: only for a mount that stays read-only
   * @param idmapReplace an idmapping may be replaced (open_tree_attr of a clone)
   */
  public record Change(
      long set,
      long clear,
      PeerGroups.Type propagation,
      Manner manner,
      boolean idmapSet,
      boolean idmapClear,
      long userNs,
      boolean idmapReplace,
      boolean merges) {
    boolean idmap() {
      return idmapSet || idmapClear;
    }

    long flags(long now) {
      return now & ~clear | set;
    }
  }

  private final CallContext context;
  private final KernelState state;
  private final Change change;

  private MountAttributes(CallContext context, Change change) {
    this.context = context;
    this.state = context.state();
    this.change = change;
  }

  /** Applies a change to the mount at a place. */
  public static Result set(CallContext context, Place place, Change change) {
    return new MountAttributes(context, change).set(place);
  }

  private Result set(Place place) {
    Mount mount = state.mounts.get(place.mount());
    if (mount == null) {
      return new Result.Unknown("what mount the path is on");
    }
    if (mount.root() != place.dentry() && context.refuse("C11 not a mount root")) {
      return context.fail(Errno.EINVAL, "C11 not a mount root");
    }
    boolean needsMap = context.profile().has(KernelFeature.IDMAP_NEEDS_MAP);
    if (needsMap
        && change.userNs() != 0
        && unmapped(change.userNs())
        && context.refuse("F23 empty map")) {
      return context.fail(Errno.EINVAL, "F23 empty map");
    }
    if (!anonymousRoot(mount)
        && !Checks.inCallersNamespace(context, mount)
        && context.refuse("C11 check_mnt")) {
      return context.fail(Errno.EINVAL, "C11 check_mnt");
    }
    List<Mount> tree = change.manner().recursive() ? MountTree.tree(state, mount) : List.of(mount);
    List<Mount> willing = new ArrayList<>();
    for (Mount member : tree) {
      Result refused = prepare(member);
      if (refused == null) {
        willing.add(member);
      } else if (!change.manner().ignoreFailures()) {
        return refused;
      }
    }
    commit(willing);
    if (!willing.isEmpty()) {
      MountsPoll.touch(context, mount.namespace());
    }
    return Result.ZERO;
  }

  /** alloc_mnt_idmap(): both maps must have been written. */
  private boolean unmapped(long userNs) {
    UserNamespace user = state.userNamespaces.get(userNs);
    return user != null && (user.uidMap().isEmpty() || user.gidMap().isEmpty());
  }

  /** anon_ns_root(). */
  private boolean anonymousRoot(Mount mount) {
    Namespace namespace = state.namespaces.get(mount.namespace());
    return namespace != null && namespace.anonymous() && namespace.root() == mount.key();
  }

  /** mount_setattr_prepare(): null if the mount can be changed. */
  private Result prepare(Mount mount) {
    long flags = change.flags(mount.flags());
    boolean frozen =
        mount.frozen()
            && (change.idmap()
                || change.propagation() != null && PeerGroups.changes(mount, change.propagation()));
    boolean may = MountFlags.allowed(locks(mount), mount.flags(), flags);
    if ((frozen || !may) && context.refuse("C7 locked flags")) {
      return context.fail(Errno.EPERM, "C7 locked flags");
    }
    Result idmap = change.idmap() ? canIdmap(mount) : null;
    if (idmap != null) {
      return idmap;
    }
    boolean holdsWriters = Checks.becomesReadOnly(mount, change.set()) || change.idmap();
    if (holdsWriters && Checks.hasWriters(state, mount) && context.refuse("C11 writers")) {
      return context.fail(Errno.EBUSY, "C11 mnt_hold_writers");
    }
    return null;
  }

  /** The locked flags; another idmapping takes the pin of one that merges ids along. */
  private long locks(Mount mount) {
    boolean replaced = change.idmap() && change.idmapReplace();
    return replaced ? mount.lockedFlags() & ~Mount.PINNED_RDONLY : mount.lockedFlags();
  }

  /** can_idmap_mount(). */
  private Result canIdmap(Mount mount) {
    Superblock superblock = state.superblocks.require(mount.superblock());
    boolean readOnly = (change.flags(mount.flags()) & MountFlags.RDONLY) != 0;
    if (change.merges() && !readOnly && context.refuse("F29 not read-only")) {
      return context.fail(Errno.EINVAL, "F29 not read-only");
    }
    if (change.userNs() != 0
        && change.userNs() == superblock.userNs()
        && context.refuse("F23 user namespace of the filesystem")) {
      return context.fail(Errno.EINVAL, "F23 user namespace of the filesystem");
    }
    if (!change.idmapReplace() && mount.idmap() != 0 && context.refuse("F23 already idmapped")) {
      return context.fail(Errno.EPERM, "F23 already idmapped");
    }
    if (!idmappable(superblock.type().latin1()) && context.refuse("F55 FS_ALLOW_IDMAP")) {
      return context.fail(Errno.EINVAL, "F55 FS_ALLOW_IDMAP");
    }
    if (!Superblocks.administers(context, superblock)
        && context.refuse("F23 CAP_SYS_ADMIN over the filesystem")) {
      return context.fail(Errno.EPERM, "F23 CAP_SYS_ADMIN over the filesystem");
    }
    Namespace namespace = state.namespaces.get(mount.namespace());
    if ((namespace == null || !namespace.anonymous()) && context.refuse("F23 visible mount")) {
      return context.fail(Errno.EINVAL, "F23 visible mount");
    }
    return null;
  }

  private boolean idmappable(String type) {
    boolean old = type.equals("tmpfs") && !context.profile().has(KernelFeature.IDMAP_TMPFS);
    return IDMAPPABLE.contains(type) && !old;
  }

  /** mount_setattr_commit(). */
  private void commit(List<Mount> tree) {
    List<Mount> before = new ArrayList<>();
    for (Mount old : tree) {
      Mount mount = state.mounts.require(old.key());
      before.add(mount);
      long idmap = change.idmapClear() ? 0 : change.idmapSet() ? change.userNs() : mount.idmap();
      Mount after = mount.withFlags(change.flags(mount.flags())).withIdmap(idmap);
      if (change.merges()) {
        after = after.withLocks(after.lockedFlags() | Mount.PINNED_RDONLY, after.locked());
      } else if (change.idmap()) {
        after = after.withLocks(locks(after), after.locked());
      }
      if (!after.equals(mount)) {
        context.emit(new MountChange.AttributesChanged(after, mount));
      }
    }
    if (change.propagation() != null) {
      MountOperations.propagation(context, tree, change.propagation());
    }
    for (Mount old : change.manner().freeze() ? tree : List.<Mount>of()) {
      Mount mount = state.mounts.require(old.key());
      if (!mount.frozen()) {
        long locks = mount.lockedFlags() | Mount.FROZEN;
        context.emit(new MountChange.LockChanged(mount.withLocks(locks, mount.locked()), mount));
      }
    }
  }
}
