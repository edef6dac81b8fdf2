package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.blob.Blobs;
import io.kledger.engine.cgroup.CgroupFs;
import io.kledger.engine.file.Dcache;
import io.kledger.engine.file.FilePut;
import io.kledger.engine.file.Lookup;
import io.kledger.engine.file.Overlay;
import io.kledger.engine.file.PathWalk;
import io.kledger.engine.mount.Mountpoints;
import io.kledger.engine.watch.Events;
import io.kledger.event.avro.Fd;
import io.kledger.event.avro.RenameCall;
import io.kledger.event.avro.Renameat2Call;
import io.kledger.event.avro.RenameatCall;
import io.kledger.event.avro.Text;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.Inode;

/** rename(2): do_renameat2() and vfs_rename(). */
public final class RenameCalls {
  private static final long NOREPLACE = 1;
  private static final long EXCHANGE = 2;
  private static final long WHITEOUT = 4;

  private RenameCalls() {}

  /** Adds the calls of this family. */
  public static void register(SyscallTable.Builder table) {
    table
        .full(
            RenameCall.class,
            (c, call) -> rename(c, null, call.getOldpath(), null, call.getNewpath(), 0))
        .full(
            RenameatCall.class,
            (c, call) ->
                rename(
                    c,
                    call.getOlddirfd(),
                    call.getOldpath(),
                    call.getNewdirfd(),
                    call.getNewpath(),
                    0))
        .full(
            Renameat2Call.class,
            (c, call) ->
                rename(
                    c,
                    call.getOlddirfd(),
                    call.getOldpath(),
                    call.getNewdirfd(),
                    call.getNewpath(),
                    call.getFlags()));
  }

  private static Result rename(
      CallContext context, Fd oldDirfd, Text oldPath, Fd newDirfd, Text newPath, long flags) {
    boolean bad =
        (flags & ~(NOREPLACE | EXCHANGE | WHITEOUT)) != 0
            || (flags & EXCHANGE) != 0 && (flags & (NOREPLACE | WHITEOUT)) != 0;
    if (bad && context.refuse("C5.4 flags")) {
      return context.fail(Errno.EINVAL, "C5.4 flags");
    }
    PathWalk.ParentWalk from = PathWalk.parent(context, oldDirfd, oldPath);
    if (!(from instanceof PathWalk.Parent source)) {
      return stopped(context, from);
    }
    PathWalk.ParentWalk to = PathWalk.parent(context, newDirfd, newPath);
    if (!(to instanceof PathWalk.Parent target)) {
      return stopped(context, to);
    }
    return rename(context, source, target, flags);
  }

  private static Result stopped(CallContext context, PathWalk.ParentWalk walk) {
    return switch (walk) {
      case PathWalk.Refused refused -> context.fail(refused.errno(), refused.rule());
      case PathWalk.Unknown unknown -> new Result.Unknown(unknown.reason());
      case PathWalk.Parent parent -> throw new IllegalArgumentException("it did not stop");
    };
  }

  private static Result rename(
      CallContext context, PathWalk.Parent source, PathWalk.Parent target, long flags) {
    boolean mounts = source.directory().mount() != target.directory().mount();
    if (mounts && context.refuse("C5.4 same mount")) {
      return context.fail(Errno.EXDEV, "C5.4 same mount");
    }
    if (source.last() != PathWalk.Last.NORM) {
      return context.fail(Errno.EBUSY, "C5.4 last component");
    }
    if (target.last() != PathWalk.Last.NORM) {
      boolean exists = (flags & NOREPLACE) != 0;
      return context.fail(exists ? Errno.EEXIST : Errno.EBUSY, "C5.4 last component");
    }
    if (Names.readOnly(context.state(), source.directory())
        && context.refuse("read-only filesystem")) {
      return context.fail(Errno.EROFS, "read-only filesystem");
    }
    Lookup from = Lookup.of(context, source.directory().dentry(), source.name());
    Lookup to = Lookup.of(context, target.directory().dentry(), target.name());
    boolean tooLong = from instanceof Lookup.TooLong || to instanceof Lookup.TooLong;
    if (tooLong && context.refuse("C4.2 NAME_MAX")) {
      return context.fail(Errno.ENAMETOOLONG, "C4.2 NAME_MAX");
    }
    if (from instanceof Lookup.Absent && context.refuse("C5.4 source missing")) {
      return context.fail(Errno.ENOENT, "C5.4 source missing");
    }
    Dentry top = context.state().dentries.require(source.directory().dentry());
    if (Blobs.store(context.state(), top.superblock())) {
      return context.fail(Errno.EPERM, "F30.2 names are facts");
    }
    boolean unknown =
        !(from instanceof Lookup.Present) || to instanceof Lookup.NotKnown && !context.assuming();
    if (unknown && !context.assuming()) {
      if (from instanceof Lookup.NotKnown && to instanceof Lookup.Present) {
        Lookup.learnMissing(context, source.directory().dentry(), source.name());
      }
      return new Result.Unknown("whether the names exist");
    }
    Dentry moving =
        from instanceof Lookup.Present present
            ? present.dentry()
            : Dcache.inferChild(context, source.directory().dentry(), source.name(), 0);
    Dentry victim = to instanceof Lookup.Present present ? present.dentry() : null;
    if (victim == null && (flags & EXCHANGE) != 0) {
      if (context.refuse("C5.4 EXCHANGE without target")) {
        return context.fail(Errno.ENOENT, "C5.4 EXCHANGE without target");
      }
      victim = Dcache.inferChild(context, target.directory().dentry(), target.name(), 0);
    }
    Result refused = refusal(context, source, target, moving, victim, flags);
    return refused != null ? refused : apply(context, source, target, moving, victim, flags);
  }

  private static Result refusal(
      CallContext context,
      PathWalk.Parent source,
      PathWalk.Parent target,
      Dentry moving,
      Dentry victim,
      long flags) {
    KernelState state = context.state();
    boolean exchange = (flags & EXCHANGE) != 0;
    if (victim != null && (flags & NOREPLACE) != 0 && context.refuse("C5.4 NOREPLACE")) {
      return context.fail(Errno.EEXIST, "C5.4 NOREPLACE");
    }
    Inode old = state.inodes.get(moving.inode());
    Inode other = victim == null ? null : state.inodes.get(victim.inode());
    boolean slashes =
        old != null
                && old.typeKnown()
                && !old.directory()
                && (source.trailingSlash() || target.trailingSlash() && !exchange)
            || exchange
                && target.trailingSlash()
                && other != null
                && other.typeKnown()
                && !other.directory();
    if (slashes && context.refuse("C5.4 trailing slash")) {
      return context.fail(Errno.ENOTDIR, "C5.4 trailing slash");
    }
    if (within(state, target.directory().dentry(), moving.key())
        && context.refuse("C5.4 into itself")) {
      return context.fail(Errno.EINVAL, "C5.4 into itself");
    }
    if (victim != null
        && within(state, source.directory().dentry(), victim.key())
        && context.refuse("C5.4 over its own parent")) {
      return context.fail(exchange ? Errno.EINVAL : Errno.ENOTEMPTY, "C5.4 over its own parent");
    }
    if (victim != null && victim.inode() == moving.inode()) {
      return null;
    }
    Result permission = permissions(context, source, target, moving, victim, old, exchange);
    if (permission != null) {
      return permission;
    }
    if (Overlay.holdsGuarded(context, moving.key())) {
      return context.fail(Errno.EPERM, "F42 holds files of an immutable layer");
    }
    if (Overlay.mergedDirectory(state, moving.key())) {
      return Overlay.redirects(state, moving.key())
          ? new Result.Unknown("redirected directories")
          : context.fail(Errno.EXDEV, "F42 a directory of lower layers");
    }
    boolean mounted =
        Mountpoints.local(context, moving.key())
            || victim != null && Mountpoints.local(context, victim.key());
    if (mounted && context.refuse("C5.4 mount point")) {
      return context.fail(Errno.EBUSY, "C5.4 mount point");
    }
    return victim != null && other != null && other.directory() && !exchange
        ? RemoveCalls.empty(context, victim)
        : null;
  }

  private static Result permissions(
      CallContext context,
      PathWalk.Parent source,
      PathWalk.Parent target,
      Dentry moving,
      Dentry victim,
      Inode old,
      boolean exchange) {
    Result refused = Names.mayDelete(context, source.directory(), moving, null);
    if (refused != null) {
      return refused;
    }
    if (CgroupFs.holds(context.state(), moving.key()) && context.refuse("C9.2 no rename")) {
      return context.fail(Errno.EPERM, "C9.2 no rename");
    }
    if (victim == null) {
      Result create = Names.mayCreate(context, target.directory(), "may_create");
      return create == null
              && Names.fixed(context.state(), target.directory().dentry(), false)
              && context.refuse("C5 no inode operation")
          ? context.fail(Errno.EPERM, "C5 no inode operation")
          : create;
    }
    Boolean directory = exchange || old == null || !old.typeKnown() ? null : old.directory();
    if (directory == null && !exchange && !context.assuming()) {
      return new Result.Unknown("type of the file");
    }
    return Names.mayDelete(context, target.directory(), victim, directory);
  }

  private static Result apply(
      CallContext context,
      PathWalk.Parent source,
      PathWalk.Parent target,
      Dentry moving,
      Dentry victim,
      long flags) {
    if (victim != null && victim.inode() == moving.inode()) {
      return Result.ZERO;
    }
    Events events = Events.of(context);
    long from = source.directory().dentry();
    long to = target.directory().dentry();
    if ((flags & EXCHANGE) != 0) {
      Dcache.exchange(context, moving, victim);
      events.moved(from, source.name(), to, target.name(), moving.inode(), 0);
      events.moved(to, target.name(), from, source.name(), victim.inode(), 0);
      return Result.ZERO;
    }
    if (victim != null) {
      Dcache.unlink(context, victim);
      Mountpoints.detach(context, victim.key());
    }
    Dcache.move(context, moving, to, target.name());
    events.moved(
        from,
        source.name(),
        to,
        target.name(),
        moving.inode(),
        victim == null ? 0 : victim.inode());
    if (victim != null) {
      FilePut.dropInode(context, victim.inode());
    }
    if ((flags & WHITEOUT) != 0) {
      Inode parent = Names.inode(context.state(), source.directory());
      Dcache.createChild(
          context,
          from,
          source.name(),
          Dcache.owned(context, source.directory().mount(), parent, Inode.S_IFCHR));
    } else {
      Dcache.leftBehind(context, from, source.name());
    }
    return Result.ZERO;
  }

  /** Whether a dentry is another or below it. */
  private static boolean within(KernelState state, long dentry, long ancestor) {
    long at = dentry;
    while (at != 0 && at != ancestor) {
      at = state.dentries.require(at).parent();
    }
    return at == ancestor;
  }
}
