package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.blob.Blobs;
import io.kledger.engine.block.BtrfsSpace;
import io.kledger.engine.block.Loops;
import io.kledger.engine.file.Access;
import io.kledger.engine.file.Contents;
import io.kledger.engine.file.FdTables;
import io.kledger.engine.file.FdTables.Open;
import io.kledger.engine.file.Files;
import io.kledger.engine.file.Idmapped;
import io.kledger.engine.file.Overlay;
import io.kledger.engine.file.OverlayUpper;
import io.kledger.engine.file.PathWalk;
import io.kledger.engine.lock.Leases;
import io.kledger.engine.ns.Capability;
import io.kledger.engine.ns.IdMap;
import io.kledger.engine.task.Pidfs;
import io.kledger.engine.watch.Events;
import io.kledger.event.avro.ChmodCall;
import io.kledger.event.avro.ChownCall;
import io.kledger.event.avro.FchmodCall;
import io.kledger.event.avro.Fchmodat2Call;
import io.kledger.event.avro.FchmodatCall;
import io.kledger.event.avro.FchownCall;
import io.kledger.event.avro.FchownatCall;
import io.kledger.event.avro.Fd;
import io.kledger.event.avro.LchownCall;
import io.kledger.event.avro.Text;
import io.kledger.event.avro.TruncateCall;
import io.kledger.event.avro.UtimensatCall;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.task.Credentials;

/** Calls that change attributes: chmod(2), chown(2), utimensat(2), truncate(2) of fs/open.c. */
public final class AttributeCalls {
  private static final long AT_SYMLINK_NOFOLLOW = 0x100;
  private static final long AT_EMPTY_PATH = 0x1000;
  private static final int S_ISUID = 04000;
  private static final int S_ISGID = 02000;
  private static final int S_IXGRP = 010;

  private AttributeCalls() {}

  /** One change of an inode; null: nothing to change. */
  @FunctionalInterface
  private interface Change {
    Result apply(CallContext context, Place place, Inode inode);
  }

  /** Adds the calls of this family. */
  public static void register(SyscallTable.Builder table) {
    table
        .full(ChmodCall.class, (c, call) -> at(c, null, call.getPath(), 0, chmod(call.getMode())))
        .full(FchmodCall.class, (c, call) -> on(c, call.getFd(), chmod(call.getMode())))
        .full(
            FchmodatCall.class,
            (c, call) -> at(c, call.getDirfd(), call.getPath(), 0, chmod(call.getMode())))
        .full(
            Fchmodat2Call.class,
            (c, call) ->
                at(c, call.getDirfd(), call.getPath(), call.getFlags(), chmod(call.getMode())))
        .full(
            ChownCall.class,
            (c, call) -> at(c, null, call.getPath(), 0, chown(call.getUid(), call.getGid())))
        .full(
            LchownCall.class,
            (c, call) ->
                at(
                    c,
                    null,
                    call.getPath(),
                    AT_SYMLINK_NOFOLLOW,
                    chown(call.getUid(), call.getGid())))
        .full(
            FchownCall.class, (c, call) -> on(c, call.getFd(), chown(call.getUid(), call.getGid())))
        .full(
            FchownatCall.class,
            (c, call) ->
                at(
                    c,
                    call.getDirfd(),
                    call.getPath(),
                    call.getFlags(),
                    chown(call.getUid(), call.getGid())))
        .full(TruncateCall.class, AttributeCalls::truncate)
        .partial(UtimensatCall.class, "the times", AttributeCalls::utimensat);
  }

  private static Result at(CallContext context, Fd dirfd, Text path, long flags, Change change) {
    if ((flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) != 0 && context.refuse("flags")) {
      return context.fail(Errno.EINVAL, "flags");
    }
    int how =
        ((flags & AT_SYMLINK_NOFOLLOW) != 0 ? 0 : PathWalk.FOLLOW)
            | ((flags & AT_EMPTY_PATH) != 0 ? PathWalk.EMPTY_PATH : 0);
    PathWalk.Walk walk = PathWalk.walk(context, dirfd, path, how);
    return walk instanceof PathWalk.Found found
        ? apply(context, found.place(), Names.inode(context.state(), found.place()), change)
        : Walks.failure(context, walk);
  }

  private static Result on(CallContext context, Fd fd, Change change) {
    FdTables.Lookup found = FdTables.getFile(context, fd);
    if (!(found instanceof Open open)) {
      return FdTables.failure(context, found);
    }
    if (Files.sharesInode(open.description().kind()) && context.refuse("anon_inode_setattr")) {
      return context.fail(Errno.EOPNOTSUPP, "anon_inode_setattr");
    }
    Inode inode = context.state().inodes.get(open.description().inode());
    return apply(context, open.description().place(), inode, change);
  }

  private static Result apply(CallContext context, Place place, Inode inode, Change change) {
    if (Names.readOnly(context.state(), place) && context.refuse("read-only filesystem")) {
      return context.fail(Errno.EROFS, "read-only filesystem");
    }
    if (inode == null) {
      return Result.ZERO;
    }
    if (Blobs.sealed(context.state(), inode)) {
      return context.fail(Errno.EPERM, "F30.4 sealed");
    }
    boolean fixed = Pidfs.holds(context.state(), inode);
    if (fixed && context.refuse("F56 pidfs keeps its attributes")) {
      return context.fail(Errno.EOPNOTSUPP, "F56 pidfs keeps its attributes");
    }
    if (Overlay.guarded(context.state(), place.dentry())) {
      return context.fail(Errno.EPERM, "F42 immutable layer");
    }
    Result result = change.apply(context, place, inode);
    if (result == Result.ZERO) {
      OverlayUpper.changed(context, inode.key());
      Events.of(context).attributes(place, inode);
    }
    return result;
  }

  /** chmod_common(), setattr_prepare(). */
  private static Change chmod(long mode) {
    return (context, place, inode) -> {
      KernelState state = context.state();
      Credentials who = context.task().credentials();
      Inode seen = Idmapped.view(state, place.mount(), inode);
      if (Idmapped.unmapped(state, place.mount(), inode) && context.refuse("F55 owner")) {
        return context.fail(Errno.EOVERFLOW, "F55 owner");
      }
      if (inode.symlink() && context.refuse("chmod: symbolic link")) {
        return context.fail(Errno.EOPNOTSUPP, "chmod: symbolic link");
      }
      if (!Access.owner(state, who, seen) && context.refuse("chmod: owner")) {
        return context.fail(Errno.EPERM, "chmod: owner");
      }
      Result sealed = SealCommands.mode(context, inode, (int) mode);
      if (sealed != null) {
        return sealed;
      }
      int bits = (int) mode & 07777;
      boolean member = who.fsgid() == seen.gid() || who.groups().contains(seen.gid());
      if (who.known() && !member && !Access.capable(state, who, Capability.FSETID, seen)) {
        bits &= ~S_ISGID;
      }
      write(context, inode, inode.withMode(inode.mode() & Inode.S_IFMT | bits));
      return Result.ZERO;
    };
  }

  /**
   * chown_common(), chown_ok(), chgrp_ok(). The ids are those of the caller's user namespace; what
   * is stored is their image under the mount's idmapping.
   */
  private static Change chown(long user, long group) {
    return (context, place, inode) -> {
      KernelState state = context.state();
      Credentials who = context.task().credentials();
      long own = who.userNs();
      int uid = (int) user == -1 ? -1 : IdMap.toKernel(state, own, (int) user, false);
      int gid = (int) group == -1 ? -1 : IdMap.toKernel(state, own, (int) group, true);
      boolean invalid = uid == -1 && (int) user != -1 || gid == -1 && (int) group != -1;
      if (invalid && context.refuse("chown: ids not in the user namespace")) {
        return context.fail(Errno.EINVAL, "chown: ids not in the user namespace");
      }
      Inode seen = Idmapped.view(state, place.mount(), inode);
      if (!mayChown(state, who, seen, uid, gid)
          && inode.uid() != -1
          && context.refuse("chown: permission")) {
        return context.fail(Errno.EPERM, "chown: permission");
      }
      int storedUid = uid == -1 ? inode.uid() : Idmapped.stored(state, place.mount(), uid, false);
      int storedGid = gid == -1 ? inode.gid() : Idmapped.stored(state, place.mount(), gid, true);
      boolean overflow =
          uid != -1 && storedUid == IdMap.INVALID || gid != -1 && storedGid == IdMap.INVALID;
      if (overflow && context.refuse("F55 new owner not mapped")) {
        return context.fail(Errno.EOVERFLOW, "F55 new owner not mapped");
      }
      Inode changed = inode.withOwner(storedUid, storedGid);
      if (!inode.directory()) {
        int drop = S_ISUID | ((inode.mode() & S_IXGRP) != 0 ? S_ISGID : 0);
        changed = changed.withMode(inode.mode() & ~drop);
      }
      write(context, inode, changed);
      return Result.ZERO;
    };
  }

  private static boolean mayChown(
      KernelState state, Credentials who, Inode seen, int uid, int gid) {
    if (!who.known() || Access.capable(state, who, Capability.CHOWN, seen)) {
      return true;
    }
    boolean owner = who.fsuid() == seen.uid();
    boolean user = uid == -1 || owner && uid == seen.uid();
    boolean group =
        gid == -1
            || owner && (gid == seen.gid() || gid == who.fsgid() || who.groups().contains(gid));
    return user && group;
  }

  private static Inode seen(CallContext context, Place place, Inode inode) {
    return Idmapped.judged(context.state(), place.mount(), inode);
  }

  private static void write(CallContext context, Inode before, Inode after) {
    if (!after.equals(before)) {
      context.put(Tables.INODES, after);
    }
  }

  /** vfs_truncate(). */
  static Result truncate(CallContext context, TruncateCall call) {
    if (call.getLength() < 0 && context.refuse("truncate: length")) {
      return context.fail(Errno.EINVAL, "truncate: length");
    }
    PathWalk.Walk walk = PathWalk.walk(context, null, call.getPath(), PathWalk.FOLLOW);
    if (!(walk instanceof PathWalk.Found found)) {
      return Walks.failure(context, walk);
    }
    Result barred =
        UpgradeMasks.check(
            context, UpgradeMasks.of(context.state(), found.description()), false, true);
    if (barred != null) {
      return barred;
    }
    Inode inode = Names.inode(context.state(), found.place());
    if (inode == null || !inode.typeKnown()) {
      return context.assuming() ? Result.ZERO : new Result.Unknown("type of the file");
    }
    if (inode.directory() && context.refuse("truncate: directory")) {
      return context.fail(Errno.EISDIR, "truncate: directory");
    }
    if (!inode.regular() && context.refuse("truncate: not a file")) {
      return context.fail(Errno.EINVAL, "truncate: not a file");
    }
    Credentials who = context.task().credentials();
    boolean readOnly = Names.readOnly(context.state(), found.place());
    if (readOnly && context.refuse("read-only filesystem")) {
      return context.fail(Errno.EROFS, "read-only filesystem");
    }
    if (!Access.allowed(context.state(), who, seen(context, found.place(), inode), Access.WRITE)
        && context.refuse("C4.2 permission")) {
      return context.fail(Errno.EACCES, "C4.2 permission");
    }
    if (Overlay.guarded(context.state(), found.place().dentry())) {
      return context.fail(Errno.EPERM, "F42 immutable layer");
    }
    OverlayUpper.copyUp(context, found.place().dentry());
    if (Blobs.of(context.state(), inode) != null) {
      return context.fail(Errno.EPERM, "F30.4 sealed");
    }
    if (Loops.deniesWrites(context.state(), inode.key())) {
      Loops.denied(context, inode.key(), "truncate");
      return context.fail(Errno.ETXTBSY, "F16.2 immutable loop device");
    }
    if (Leases.conflicting(context.state(), inode.key(), true)) {
      if (!context.assuming()) {
        Leases.breakAll(context, inode.key(), true);
        return new Result.Blocked("a lease");
      }
      Leases.drop(context, inode.key(), true);
    }
    BtrfsSpace.refund(context, inode, inode.size() - call.getLength());
    Contents.resize(context, inode, call.getLength());
    write(context, inode, inode.withSize(call.getLength()));
    Events.of(context).written(found.place(), inode);
    return Result.ZERO;
  }

  static Result utimensat(CallContext context, UtimensatCall call) {
    if (call.getPath() == null) {
      return on(context, call.getDirfd(), (c, place, inode) -> Result.ZERO);
    }
    return at(
        context,
        call.getDirfd(),
        call.getPath(),
        call.getFlags(),
        (c, place, inode) -> {
          if (Idmapped.unmapped(c.state(), place.mount(), inode) && c.refuse("F55 owner")) {
            // The time of now is a write, any other a change of attributes.
            return c.fail(call.getTimes() == null ? Errno.EACCES : Errno.EOVERFLOW, "F55 owner");
          }
          boolean may =
              Access.owner(c.state(), c.task().credentials(), seen(c, place, inode))
                  || call.getTimes() == null
                      && Access.allowed(
                          c.state(), c.task().credentials(), seen(c, place, inode), Access.WRITE);
          int errno = call.getTimes() == null ? Errno.EACCES : Errno.EPERM;
          return !may && c.refuse("utimensat: owner")
              ? c.fail(errno, "utimensat: owner")
              : Result.ZERO;
        });
  }
}
