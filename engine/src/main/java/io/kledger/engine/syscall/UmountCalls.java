package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.file.PathWalk;
import io.kledger.engine.mount.MountLife;
import io.kledger.engine.mount.MountTree;
import io.kledger.engine.mount.Superblocks;
import io.kledger.engine.mount.Unmounting;
import io.kledger.event.avro.Umount2Call;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.change.MountChange;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.ns.Namespace;

/** umount2(2): path_umount() and do_umount(). */
final class UmountCalls {
  private static final long FORCE = 1;
  private static final long DETACH = 2;
  private static final long EXPIRE = 4;
  private static final long NOFOLLOW = 8;
  private static final long RDONLY = 1;

  private UmountCalls() {}

  static void register(SyscallTable.Builder table) {
    table.partial(
        Umount2Call.class,
        "automounts, writers at a read-only remount of the root",
        UmountCalls::umount);
  }

  private static Result umount(CallContext context, Umount2Call call) {
    long flags = call.getFlags();
    if ((flags & ~(FORCE | DETACH | EXPIRE | NOFOLLOW)) != 0 && context.refuse("C8.1 flags")) {
      return context.fail(Errno.EINVAL, "C8.1 flags");
    }
    int follow = (flags & NOFOLLOW) == 0 ? PathWalk.FOLLOW : 0;
    PathWalk.Walk walk =
        PathWalk.walk(context, null, call.getTarget(), follow | PathWalk.KEEP_EXPIRY);
    if (!(walk instanceof PathWalk.Found found)) {
      return Walks.failure(context, walk);
    }
    if (!found.place().known()) {
      return new Result.Unknown("where the target is");
    }
    KernelState state = context.state();
    Place place = MountTree.topmost(state, found.place());
    Mount mount = state.mounts.get(place.mount());
    Result refused = check(context, mount, place, flags);
    return refused == null ? unmount(context, mount, flags) : refused;
  }

  /** Below a root of which the log tells nothing may be mounts that it does not tell of either. */
  private static boolean unseen(CallContext context, Mount mount) {
    return context.state().superblocks.require(mount.superblock()).guessed();
  }

  /** can_umount(). */
  private static Result check(CallContext context, Mount mount, Place place, long flags) {
    if (!MountCalls.mayMount(context) && context.refuse("C8.1 may_mount")) {
      return context.fail(Errno.EPERM, "C8.1 may_mount");
    }
    boolean notRoot = mount.root() != place.dentry();
    if (notRoot && unseen(context, mount)) {
      return context.assuming()
          ? Result.ZERO
          : new Result.Unknown("whether something from before the log is mounted there");
    }
    if (notRoot && context.refuse("C8.1 not the root of a mount")) {
      return context.fail(Errno.EINVAL, "C8.1 not the root of a mount");
    }
    if (mount.namespace() != context.task().namespaces().mount()
        && context.refuse("C8.1 check_mnt")) {
      return context.fail(Errno.EINVAL, "C8.1 check_mnt");
    }
    if (mount.locked() && context.refuse("C8.1 locked")) {
      return context.fail(Errno.EINVAL, "C8.1 locked");
    }
    if ((flags & FORCE) != 0
        && !overSuperblock(context, mount)
        && context.refuse("C8.1 MNT_FORCE")) {
      return context.fail(Errno.EPERM, "C8.1 MNT_FORCE");
    }
    return null;
  }

  private static boolean overSuperblock(CallContext context, Mount mount) {
    Superblock superblock = context.state().superblocks.require(mount.superblock());
    return Superblocks.administers(context, superblock);
  }

  /** do_umount(). */
  private static Result unmount(CallContext context, Mount mount, long flags) {
    KernelState state = context.state();
    Place root = PathWalk.root(context);
    boolean ownRoot = root.mount() == mount.key();
    if ((flags & EXPIRE) != 0) {
      Result expiry = expire(context, mount, flags, ownRoot);
      if (expiry != null) {
        return expiry;
      }
    }
    if (ownRoot && (flags & DETACH) == 0) {
      return remountRoot(context, mount);
    }
    if ((flags & DETACH) != 0) {
      Unmounting.tree(context, mount.key(), Unmounting.PROPAGATE);
      return Result.ZERO;
    }
    Namespace namespace = state.namespaces.get(mount.namespace());
    if (namespace != null
        && namespace.root() == mount.key()
        && context.refuse("C8.4 root of the namespace")) {
      return context.fail(Errno.EINVAL, "C8.4 root of the namespace");
    }
    if (Unmounting.busy(context, mount) && context.refuse("C8.4 busy")) {
      return context.fail(Errno.EBUSY, "C8.4 busy");
    }
    Unmounting.tree(context, mount.key(), Unmounting.PROPAGATE | Unmounting.SYNC);
    return Result.ZERO;
  }

  private static Result expire(CallContext context, Mount mount, long flags, boolean ownRoot) {
    KernelState state = context.state();
    if ((ownRoot || (flags & (FORCE | DETACH)) != 0) && context.refuse("C8.2 MNT_EXPIRE")) {
      return context.fail(Errno.EINVAL, "C8.2 MNT_EXPIRE");
    }
    boolean used =
        state.mountsByParent.count(mount.key()) > 0 || MountLife.references(state, mount) > 0;
    if (used && context.refuse("C8.2 in use")) {
      return context.fail(Errno.EBUSY, "C8.2 in use");
    }
    if (!mount.expiry() && context.refuse("C8.2 not yet marked")) {
      context.emit(new MountChange.Changed(mount.withExpiry(true)));
      return context.fail(Errno.EAGAIN, "C8.2 not yet marked");
    }
    return null;
  }

  /** do_umount_root(): the root becomes read-only instead. */
  private static Result remountRoot(CallContext context, Mount mount) {
    if (!overSuperblock(context, mount) && context.refuse("C8.3 own root")) {
      return context.fail(Errno.EPERM, "C8.3 own root");
    }
    Superblock before = context.state().superblocks.require(mount.superblock());
    if ((before.flags() & RDONLY) == 0) {
      Superblock after = before.withOptions(before.flags() | RDONLY, before.options());
      context.emit(new MountChange.SuperblockChanged(after, before));
    }
    return Result.ZERO;
  }
}
