package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.file.Access;
import io.kledger.engine.file.FdTables;
import io.kledger.engine.file.FdTables.Open;
import io.kledger.engine.file.PathWalk;
import io.kledger.event.avro.FanotifyMarkCall;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.watch.FanotifyGroup;

/**
 * fanotify_mark(2) on inodes, mounts and filesystems: whether it succeeds. The marks are not kept:
 * their events are read from the kernel.
 */
final class FanotifyFileMarks {
  private static final long ADD = 1;
  private static final long FLUSH = 0x80;
  private static final long DONT_FOLLOW = 4;
  private static final long ONLYDIR = 8;
  private static final long TYPE = 0x110;
  private static final long FILESYSTEM = 0x100;
  private static final long EVICTABLE = 0x200;
  private static final long IGNORED_MASK = 0x20;
  private static final long IGNORE = 0x400;

  private static final long PERMISSION_EVENTS = 0x70000;
  private static final long PRE_ACCESS = 0x100000;
  private static final long FS_ERROR = 0x8000;
  private static final long RENAME = 0x10000000;

  /** FANOTIFY_INODE_EVENTS: what needs a group that reports file handles. */
  private static final long INODE_EVENTS = 0x4 | 0xfc0 | RENAME | FS_ERROR;

  private static final long FID_BITS = 0x1e00;
  private static final long REPORT_NAME = 0x800;
  private static final long CLASS = 0xc;

  private FanotifyFileMarks() {}

  /** do_fanotify_mark() behind the checks of the arguments alone. */
  static Result mark(CallContext context, FanotifyMarkCall call, FanotifyGroup group) {
    if (wrong(call, group) && context.refuse("F13 mask of the group")) {
      return context.fail(Errno.EINVAL, "F13 mask of the group");
    }
    if ((call.getFlags() & FLUSH) != 0) {
      return Result.ZERO;
    }
    Result refused = path(context, call);
    if (refused != null) {
      return refused;
    }
    if ((call.getFlags() & ADD) == 0) {
      return new Result.Unknown("whether there is such a mark");
    }
    boolean handles = (group.flags() & FID_BITS) != 0;
    boolean special = (call.getMask() & (PERMISSION_EVENTS | PRE_ACCESS)) != 0;
    return handles || special ? known(context, "what the filesystem supports") : Result.ZERO;
  }

  private static Result known(CallContext context, String reason) {
    return context.assuming() ? Result.ZERO : new Result.Unknown(reason);
  }

  private static boolean wrong(FanotifyMarkCall call, FanotifyGroup group) {
    long flags = call.getFlags();
    long mask = call.getMask();
    boolean handles = (group.flags() & FID_BITS) != 0;
    boolean decides = (group.flags() & CLASS) != 0;
    return (flags & TYPE) != 0 && (flags & EVICTABLE) != 0
        || (flags & (IGNORE | IGNORED_MASK)) == (IGNORE | IGNORED_MASK)
        || (mask & PERMISSION_EVENTS) != 0 && !decides
        || (mask & FS_ERROR) != 0 && (flags & TYPE) != FILESYSTEM
        || (mask & INODE_EVENTS) != 0 && !handles
        || (mask & RENAME) != 0 && (group.flags() & REPORT_NAME) == 0;
  }

  /** fanotify_find_path(): the object has to be there, and to be readable. */
  private static Result path(CallContext context, FanotifyMarkCall call) {
    KernelState state = context.state();
    Place place;
    if (call.getPath() == null) {
      FdTables.Lookup found = FdTables.get(context, call.getDirfd());
      if (!(found instanceof Open open)) {
        return FdTables.failure(context, found);
      }
      place = open.description().place();
    } else {
      boolean follow = (call.getFlags() & DONT_FOLLOW) == 0;
      boolean directory = (call.getFlags() & ONLYDIR) != 0;
      int how = (follow ? PathWalk.FOLLOW : 0) | (directory ? PathWalk.DIRECTORY : 0);
      PathWalk.Walk walk = PathWalk.walk(context, call.getDirfd(), call.getPath(), how, 0, 0);
      if (!(walk instanceof PathWalk.Found found)) {
        return Walks.failure(context, walk);
      }
      place = found.place();
    }
    Dentry dentry = state.dentries.get(place.dentry());
    Inode inode = dentry == null ? null : state.inodes.get(dentry.inode());
    if (inode == null) {
      return context.assuming() ? null : new Result.Unknown("what is marked");
    }
    boolean readable = Access.allowed(state, context.task().credentials(), inode, Access.READ);
    return !readable && context.refuse("F13 MAY_READ")
        ? context.fail(Errno.EACCES, "F13 MAY_READ")
        : null;
  }
}
