package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.cgroup.CgroupFs;
import io.kledger.engine.file.Dcache;
import io.kledger.engine.file.DirectoryEnd;
import io.kledger.engine.file.FdTables;
import io.kledger.engine.file.FilePut;
import io.kledger.engine.file.Lookup;
import io.kledger.engine.file.Overlay;
import io.kledger.engine.file.PathWalk;
import io.kledger.engine.mount.Mountpoints;
import io.kledger.engine.watch.Events;
import io.kledger.event.avro.Fd;
import io.kledger.event.avro.RmdirCall;
import io.kledger.event.avro.Text;
import io.kledger.event.avro.UnlinkCall;
import io.kledger.event.avro.Unlinkat3Call;
import io.kledger.event.avro.UnlinkatCall;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.path.PathText;

/** Calls that take names away: unlink(2), rmdir(2) of fs/namei.c. */
public final class RemoveCalls {
  private static final long AT_REMOVEDIR = 0x200;

  private static final long AT_EMPTY_PATH = 0x1000;

  private RemoveCalls() {}

  /** Adds the calls of this family. */
  public static void register(SyscallTable.Builder table) {
    table
        .full(UnlinkCall.class, (c, call) -> remove(c, null, call.getPath(), false))
        .full(RmdirCall.class, (c, call) -> remove(c, null, call.getPath(), true))
        .full(UnlinkatCall.class, RemoveCalls::unlinkat)
        .full(Unlinkat3Call.class, RemoveCalls::unlinkat3);
  }

  static Result unlinkat(CallContext context, UnlinkatCall call) {
    boolean byFd = context.profile().has(KernelFeature.UNLINK_EMPTY_PATH);
    long known = byFd ? AT_REMOVEDIR | AT_EMPTY_PATH : AT_REMOVEDIR;
    if ((call.getFlags() & ~known) != 0 && context.refuse("unlinkat: flags")) {
      return context.fail(Errno.EINVAL, "unlinkat: flags");
    }
    boolean directory = (call.getFlags() & AT_REMOVEDIR) != 0;
    boolean empty = call.getPath() != null && !call.getPath().getValue().hasRemaining();
    return empty && (call.getFlags() & AT_EMPTY_PATH) != 0
        ? itself(context, call, directory)
        : remove(context, call.getDirfd(), call.getPath(), directory);
  }

  /** Proposed: the name that a descriptor was opened through, wherever it is now. */
  private static Result itself(CallContext context, UnlinkatCall call, boolean directory) {
    PathWalk.Walk walk =
        PathWalk.walk(context, call.getDirfd(), call.getPath(), PathWalk.EMPTY_PATH);
    if (!(walk instanceof PathWalk.Found found)) {
      return Walks.failure(context, walk);
    }
    KernelState state = context.state();
    Dentry victim = state.dentries.get(found.place().dentry());
    if ((victim == null || victim.deleted()) && context.refuse("F34 no name")) {
      return context.fail(Errno.ENOENT, "F34 no name");
    }
    Mount mount = state.mounts.get(found.place().mount());
    boolean top = mount != null && mount.root() == victim.key();
    if ((top || victim.parent() == 0) && context.refuse("F34 root of a mount")) {
      return context.fail(Errno.EBUSY, "F34 root of a mount");
    }
    Place at = new Place(found.place().mount(), victim.parent());
    if (Names.readOnly(state, at) && context.refuse("read-only filesystem")) {
      return context.fail(Errno.EROFS, "read-only filesystem");
    }
    PathWalk.Parent parent = new PathWalk.Parent(at, victim.name(), PathWalk.Last.NORM, false);
    return remove(context, parent, victim, directory, null);
  }

  /** Proposed: unlinkat3, which removes a name only while it means the inode of a descriptor. */
  static Result unlinkat3(CallContext context, Unlinkat3Call call) {
    if (!context.profile().has(KernelFeature.UNLINK_BY_FD)) {
      return context.refuse("F06 no such call")
          ? context.fail(Errno.ENOSYS, "F06 no such call")
          : Result.ZERO;
    }
    if ((call.getFlags() & ~AT_REMOVEDIR) != 0 && context.refuse("unlinkat: flags")) {
      return context.fail(Errno.EINVAL, "unlinkat: flags");
    }
    FdTables.Lookup found = FdTables.get(context, call.getFd());
    if (!(found instanceof FdTables.Open open)) {
      return FdTables.failure(context, found);
    }
    boolean directory = (call.getFlags() & AT_REMOVEDIR) != 0;
    return remove(context, call.getDirfd(), call.getPath(), directory, open.description());
  }

  private static Result remove(CallContext context, Fd dirfd, Text path, boolean directory) {
    return remove(context, dirfd, path, directory, null);
  }

  /**
   * @param same a description whose inode the name must mean; null if any will do
   */
  private static Result remove(
      CallContext context, Fd dirfd, Text path, boolean directory, OpenFileDescription same) {
    return switch (PathWalk.parent(context, dirfd, path)) {
      case PathWalk.Refused refused -> context.fail(refused.errno(), refused.rule());
      case PathWalk.Unknown unknown -> new Result.Unknown(unknown.reason());
      case PathWalk.Parent parent -> remove(context, parent, directory, same);
    };
  }

  private static Result remove(
      CallContext context, PathWalk.Parent parent, boolean directory, OpenFileDescription same) {
    String rule = "C5.3 last component";
    switch (parent.last()) {
      case NORM -> {}
      case ROOT -> {
        return context.fail(directory ? Errno.EBUSY : Errno.EISDIR, rule);
      }
      case DOT -> {
        return context.fail(directory ? Errno.EINVAL : Errno.EISDIR, rule);
      }
      case DOTDOT -> {
        return context.fail(directory ? Errno.ENOTEMPTY : Errno.EISDIR, rule);
      }
    }
    Place at = parent.directory();
    if (Names.readOnly(context.state(), at) && context.refuse("read-only filesystem")) {
      return context.fail(Errno.EROFS, "read-only filesystem");
    }
    return switch (Lookup.of(context, at.dentry(), parent.name())) {
      case Lookup.TooLong longName -> context.fail(Errno.ENAMETOOLONG, "C4.2 NAME_MAX");
      case Lookup.Present present -> remove(context, parent, present.dentry(), directory, same);
      case Lookup.Absent absent -> {
        if (context.refuse("C5.3 no such name")) {
          yield context.fail(Errno.ENOENT, "C5.3 no such name");
        }
        yield Result.ZERO;
      }
      case Lookup.NotKnown unknown -> {
        if (context.assuming()) {
          Dcache.negative(context, at.dentry(), parent.name());
          yield Result.ZERO;
        }
        Lookup.learnMissing(context, at.dentry(), parent.name());
        yield new Result.Unknown("whether the name exists");
      }
    };
  }

  private static Result remove(
      CallContext context,
      PathWalk.Parent parent,
      Dentry victim,
      boolean directory,
      OpenFileDescription same) {
    KernelState state = context.state();
    Inode inode = state.inodes.get(victim.inode());
    if (parent.trailingSlash() && !directory && context.refuse("C5.3 trailing slash")) {
      boolean dir = inode != null && inode.directory();
      return context.fail(dir ? Errno.EISDIR : Errno.ENOTDIR, "C5.3 trailing slash");
    }
    Result refused = Names.mayDelete(context, parent.directory(), victim, directory);
    if (refused != null) {
      return refused;
    }
    if (same != null && victim.inode() != same.inode() && context.refuse("F06 another inode")) {
      Place place = new Place(parent.directory().mount(), victim.key());
      context.notice(
          "file.unlink_mismatch",
          "path",
          PathText.fromTop(state, place).latin1(),
          "pid",
          Integer.toString(context.task().tid()));
      return context.fail(Errno.EDEADLK, "F06 another inode");
    }
    if (Mountpoints.local(context, victim.key()) && context.refuse("C5.3 mount point")) {
      return context.fail(Errno.EBUSY, "C5.3 mount point");
    }
    Result cgroup = CgroupFs.remove(context, victim, directory);
    if (cgroup != null && cgroup != Result.ZERO) {
      return cgroup;
    }
    if (directory) {
      Result full = empty(context, victim);
      if (full != null) {
        return full;
      }
    }
    Events events = Events.of(context);
    Dcache.unlink(context, victim);
    Mountpoints.detach(context, victim.key());
    if (!directory) {
      events.unlinked(victim.inode());
    } else {
      DirectoryEnd.unused(context, victim.key());
    }
    FilePut.nameUnused(context, victim.key(), victim.inode());
    FilePut.dropInode(context, victim.inode());
    events.removed(victim, directory);
    return Result.ZERO;
  }

  /** Null if the directory has no names. */
  static Result empty(CallContext context, Dentry directory) {
    KernelState state = context.state();
    Overlay.list(context, directory.key());
    for (long key : state.dentriesByParent.keys(directory.key())) {
      if (state.dentries.get(key).inode() != 0) {
        if (context.refuse("C5.3 not empty")) {
          return context.fail(Errno.ENOTEMPTY, "C5.3 not empty");
        }
        return null;
      }
    }
    return Dcache.complete(state, directory) || context.assuming()
        ? null
        : new Result.Unknown("whether the directory is empty");
  }
}
