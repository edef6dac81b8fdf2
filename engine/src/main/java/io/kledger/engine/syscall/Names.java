package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.binfmt.Binfmt;
import io.kledger.engine.cgroup.CgroupFs;
import io.kledger.engine.file.Access;
import io.kledger.engine.file.Dcache;
import io.kledger.engine.file.Idmapped;
import io.kledger.engine.file.Lookup;
import io.kledger.engine.file.Overlay;
import io.kledger.engine.file.PathWalk;
import io.kledger.engine.ns.IdMap;
import io.kledger.engine.quota.Quotas;
import io.kledger.event.Bytes;
import io.kledger.event.avro.Fd;
import io.kledger.event.avro.Outcome;
import io.kledger.event.avro.Text;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.task.Credentials;
import io.kledger.kernel.task.FsStruct;
import java.util.List;

/** Checks that calls on names share: may_create(), may_delete(), filename_create(). */
final class Names {
  private static final long MS_RDONLY = 1;
  private static final int S_ISVTX = 01000;

  private Names() {}

  /** Where a new name may be made, or why not: exactly one of the two is set. */
  record Fresh(Place directory, Bytes name, Result refused) {
    static Fresh no(Result refused) {
      return new Fresh(null, null, refused);
    }
  }

  /** filename_create() and may_create(). */
  static Fresh create(CallContext context, Fd dirfd, Text path, boolean directory) {
    return switch (PathWalk.parent(context, dirfd, path)) {
      case PathWalk.Refused refused -> Fresh.no(context.fail(refused.errno(), refused.rule()));
      case PathWalk.Unknown unknown -> Fresh.no(new Result.Unknown(unknown.reason()));
      case PathWalk.Parent parent -> create(context, parent, directory);
    };
  }

  private static Fresh create(CallContext context, PathWalk.Parent parent, boolean directory) {
    if (parent.last() != PathWalk.Last.NORM) {
      return Fresh.no(context.fail(Errno.EEXIST, "filename_create: no name"));
    }
    Place at = parent.directory();
    switch (Lookup.of(context, at.dentry(), parent.name())) {
      case Lookup.TooLong longName -> {
        return Fresh.no(context.fail(Errno.ENAMETOOLONG, "C4.2 NAME_MAX"));
      }
      case Lookup.Present present -> {
        if (context.refuse("C5 the name exists")) {
          return Fresh.no(context.fail(Errno.EEXIST, "C5 the name exists"));
        }
        Dcache.unlink(context, present.dentry());
      }
      case Lookup.NotKnown unknown -> {
        learnPresent(context, at, parent.name());
        if (!context.assuming()) {
          return Fresh.no(new Result.Unknown("whether the name exists"));
        }
      }
      case Lookup.Absent absent -> {
        if (parent.trailingSlash() && !directory && context.refuse("C5 trailing slash")) {
          return Fresh.no(context.fail(Errno.ENOENT, "C5 trailing slash"));
        }
      }
    }
    Result refused = mayCreate(context, at, "may_create");
    if (refused == null
        && fixed(context.state(), at.dentry(), false)
        && context.refuse("C5 no inode operation")) {
      refused = context.fail(Errno.EPERM, "C5 no inode operation");
    }
    if (refused == null) {
      refused = CgroupFs.mayMake(context, at.dentry(), parent.name(), directory);
    }
    return refused == null ? new Fresh(at, parent.name(), null) : Fresh.no(refused);
  }

  /** An observed EEXIST tells that the name is there. */
  private static void learnPresent(CallContext context, Place at, Bytes name) {
    Outcome observed = context.observed();
    if (observed != null && observed.getError() == Errno.EEXIST) {
      Dcache.inferChild(context, at.dentry(), name, 0);
    }
  }

  /** Null if the task may make a name in this directory. */
  static Result mayCreate(CallContext context, Place directory, String rule) {
    KernelState state = context.state();
    if (readOnly(state, directory) && context.refuse("read-only filesystem")) {
      return context.fail(Errno.EROFS, "read-only filesystem");
    }
    Dentry dentry = state.dentries.require(directory.dentry());
    if (dentry.deleted() && context.refuse(rule + ": directory is gone")) {
      return context.fail(Errno.ENOENT, rule + ": directory is gone");
    }
    Credentials who = context.task().credentials();
    boolean image =
        mapped(state, directory, who.fsuid(), false) && mapped(state, directory, who.fsgid(), true);
    return !image && who.known() && context.refuse("F55 own ids not mapped")
        ? context.fail(Errno.EOVERFLOW, "F55 own ids not mapped")
        : write(context, directory, dentry, rule);
  }

  /** EDQUOT if the owner of a new inode in this directory may have no more; else null. */
  static Result inodeQuota(CallContext context, Place directory) {
    KernelState state = context.state();
    if (state.quotaTypes.size() == 0) {
      return null;
    }
    Dentry dentry = state.dentries.require(directory.dentry());
    Dcache.Spec spec =
        Dcache.owned(context, directory.mount(), inode(state, directory), Inode.S_IFREG);
    Superblock superblock = state.superblocks.get(dentry.superblock());
    return !Quotas.inodeFits(context, superblock, spec.uid(), spec.gid())
            && context.refuse("F20 no inode left")
        ? context.fail(Errno.EDQUOT, "F20 no inode left")
        : null;
  }

  /** fsuidgid_has_mapping(): through the mount, and then for the filesystem. */
  private static boolean mapped(KernelState state, Place at, int id, boolean group) {
    int stored = Idmapped.stored(state, at.mount(), id, group);
    Superblock superblock = state.superblocks.get(state.dentries.require(at.dentry()).superblock());
    return stored != IdMap.INVALID
        && (superblock == null
            || IdMap.fromKernel(state, superblock.userNs(), stored, group) != IdMap.INVALID);
  }

  /** Filesystems whose directories have no inode operations that make and remove names. */
  private static final List<String> FIXED =
      List.of("binfmt_misc", "sysfs", "devpts", "debugfs", "tracefs", "securityfs", "mqueue");

  /**
   * Whether names of a directory come by other means than directories, links and nodes; mqueue's
   * queues are files that open(2) makes.
   */
  static boolean fixed(KernelState state, long directory, boolean opening) {
    Dentry dentry = state.dentries.get(directory);
    Superblock superblock = dentry == null ? null : state.superblocks.get(dentry.superblock());
    String type = superblock == null ? "" : superblock.type().latin1();
    return FIXED.contains(type) && !(opening && type.equals("mqueue"));
  }

  private static Result write(CallContext context, Place at, Dentry directory, String rule) {
    KernelState state = context.state();
    Inode raw = state.inodes.get(directory.inode());
    Inode inode = Idmapped.judged(state, at.mount(), raw);
    boolean allowed =
        !Idmapped.unmapped(state, at.mount(), raw)
            && Access.allowed(
                state, context.task().credentials(), inode, at.mount(), Access.WRITE | Access.EXEC);
    return !allowed && context.refuse(rule + ": permission")
        ? context.fail(Errno.EACCES, rule + ": permission")
        : null;
  }

  /**
   * may_delete(): null if the task may remove this name.
   *
   * @param directory whether it is to be a directory; null if either will do
   */
  static Result mayDelete(CallContext context, Place at, Dentry victim, Boolean directory) {
    KernelState state = context.state();
    Dentry parent = state.dentries.require(at.dentry());
    Result refused = write(context, at, parent, "may_delete");
    if (refused != null) {
      return refused;
    }
    if (Binfmt.holds(state, parent) && context.refuse("F57 names are registered")) {
      return context.fail(Errno.EPERM, "F57 names are registered");
    }
    if (Overlay.guarded(state, victim.key())) {
      return context.fail(Errno.EPERM, "F42 immutable layer");
    }
    Inode inode = state.inodes.get(victim.inode());
    Inode above = Idmapped.judged(state, at.mount(), state.inodes.get(parent.inode()));
    if (Idmapped.unmapped(state, at.mount(), inode) && context.refuse("F55 owner not mapped")) {
      return context.fail(Errno.EOVERFLOW, "F55 owner not mapped");
    }
    if (sticky(context, above, Idmapped.judged(state, at.mount(), inode))
        && context.refuse("C5.3 sticky directory")) {
      return context.fail(Errno.EPERM, "C5.3 sticky directory");
    }
    if (directory == null || inode == null) {
      return null;
    }
    if (!inode.typeKnown()) {
      return context.assuming() ? null : new Result.Unknown("type of the file");
    }
    if (directory && !inode.directory() && context.refuse("C5.3 not a directory")) {
      return context.fail(Errno.ENOTDIR, "C5.3 not a directory");
    }
    return !directory && inode.directory() && context.refuse("C5.3 a directory")
        ? context.fail(Errno.EISDIR, "C5.3 a directory")
        : null;
  }

  /** check_sticky(). */
  private static boolean sticky(CallContext context, Inode directory, Inode victim) {
    Credentials who = context.task().credentials();
    if (directory == null || victim == null || (directory.mode() & S_ISVTX) == 0) {
      return false;
    }
    boolean known = who.known() && victim.uid() != -1 && directory.uid() != -1;
    return known
        && victim.uid() != who.fsuid()
        && directory.uid() != who.fsuid()
        && !Access.owner(context.state(), who, victim);
  }

  /** mnt_want_write() would fail. */
  static boolean readOnly(KernelState state, Place place) {
    Mount mount = state.mounts.get(place.mount());
    if (mount == null) {
      return false;
    }
    Superblock sb = state.superblocks.get(mount.superblock());
    return (mount.flags() & MS_RDONLY) != 0 || sb != null && (sb.flags() & MS_RDONLY) != 0;
  }

  static int umask(CallContext context) {
    FsStruct fs = context.state().fs.get(context.task().fs());
    return fs == null ? 0 : fs.umask();
  }

  /** The inode at a place, or null. */
  static Inode inode(KernelState state, Place place) {
    return inode(state, state.dentries.get(place.dentry()));
  }

  /** The inode of a dentry, or null. */
  static Inode inode(KernelState state, Dentry dentry) {
    return dentry == null ? null : state.inodes.get(dentry.inode());
  }
}
