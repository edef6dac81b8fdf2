package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.file.Access;
import io.kledger.engine.file.Dcache;
import io.kledger.engine.file.Lookup;
import io.kledger.engine.file.PathWalk;
import io.kledger.event.avro.Fd;
import io.kledger.event.avro.Text;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.mount.Superblock;

/** What calls that make and remove names have in common (fs/namei.c). */
final class Names {
  private static final long RDONLY = 1;

  private Names() {}

  /** A last component that a call is about, or the call's result. */
  sealed interface Target {}

  /**
   * The directory and the name in it.
   *
   * @param dentry what has that name; null if nothing has
   */
  record Entry(PathWalk.Parent parent, Dentry dentry) implements Target {
    long directory() {
      return parent.directory().dentry();
    }
  }

  record Stop(Result result) implements Target {}

  /** filename_parentat() and the lookup of the last component; only for ordinary names. */
  static Target target(CallContext context, Fd dirfd, Text path, int errnoOfDots) {
    return switch (PathWalk.parent(context, dirfd, path)) {
      case PathWalk.Refused refused ->
          new Stop(context.fail(refused.errno(), refused.rule()));
      case PathWalk.Unknown unknown -> new Stop(new Result.Unknown(unknown.reason()));
      case PathWalk.Parent parent ->
          parent.last() == PathWalk.Last.NORM
              ? lookup(context, parent)
              : new Stop(context.fail(errnoOfDots, "C5 last component is . or .. or /"));
    };
  }

  private static Target lookup(CallContext context, PathWalk.Parent parent) {
    if (!parent.directory().known()) {
      return new Stop(new Result.Unknown("the directory"));
    }
    return switch (Lookup.of(context, parent.directory().dentry(), parent.name())) {
      case Lookup.Present present -> new Entry(parent, present.dentry());
      case Lookup.Absent absent -> new Entry(parent, null);
      case Lookup.TooLong tooLong ->
          new Stop(context.fail(Errno.ENAMETOOLONG, "C4.2 NAME_MAX"));
      case Lookup.NotKnown notKnown -> notKnown(context, parent);
    };
  }

  private static Target notKnown(CallContext context, PathWalk.Parent parent) {
    if (context.assuming()) {
      return new Entry(parent, null);
    }
    Lookup.learnMissing(context, parent.directory().dentry(), parent.name());
    return new Stop(new Result.Unknown("a name in a directory that is not known completely"));
  }

  /** filename_create() and may_create(): null if a name can be made, else the result. */
  static Result mayCreate(CallContext context, Entry entry, boolean directory) {
    if (entry.dentry() != null && context.refuse("C5 exists")) {
      return context.fail(Errno.EEXIST, "C5 exists");
    }
    if (!directory && entry.parent().trailingSlash() && context.refuse("C5 trailing slash")) {
      return context.fail(Errno.ENOENT, "C5 trailing slash");
    }
    return mayChange(context, entry);
  }

  /** Read-only filesystems, removed directories, permission to write in the directory. */
  static Result mayChange(CallContext context, Entry entry) {
    KernelState state = context.state();
    Place place = entry.parent().directory();
    if (readOnly(state, place) && context.refuse("C5 read-only filesystem")) {
      return context.fail(Errno.EROFS, "C5 read-only filesystem");
    }
    Dentry directory = state.dentries.require(place.dentry());
    if (directory.deleted() && context.refuse("C5 directory removed")) {
      return context.fail(Errno.ENOENT, "C5 directory removed");
    }
    Inode inode = state.inodes.get(directory.inode());
    boolean allowed =
        Access.allowed(
            state, context.task().credentials(), inode, Access.WRITE | Access.EXEC);
    if (!allowed && context.refuse("C5 permission in the directory")) {
      return context.fail(Errno.EACCES, "C5 permission in the directory");
    }
    return null;
  }

  /** __mnt_is_readonly(). */
  static boolean readOnly(KernelState state, Place place) {
    Mount mount = state.mounts.get(place.mount());
    if (mount == null) {
      return false;
    }
    Superblock superblock = state.superblocks.get(mount.superblock());
    return (mount.flags() & RDONLY) != 0
        || superblock != null && (superblock.flags() & RDONLY) != 0;
  }

  /** The inode of a dentry, or null. */
  static Inode inode(KernelState state, Dentry dentry) {
    return dentry == null ? null : state.inodes.get(dentry.inode());
  }

  /** Makes the name with a new inode of this type, owned by the caller. */
  static Dentry create(CallContext context, Entry entry, int type, long mode, Dcache.Spec like) {
    KernelState state = context.state();
    Inode directory = inode(state, state.dentries.require(entry.directory()));
    var fs = state.fs.get(context.task().fs());
    int umask = fs == null ? 022 : fs.umask();
    int bits = type | (int) mode & 07777 & ~umask;
    Dcache.Spec spec = Dcache.owned(context, directory, bits);
    if (like != null) {
      spec =
          new Dcache.Spec(
              like.target().isEmpty() ? spec.mode() : type | 0777, spec.uid(), spec.gid(),
              like.rdevMajor(), like.rdevMinor(), like.target());
    }
    return Dcache.createChild(context, entry.directory(), entry.parent().name(), spec);
  }

  /** In the second run of a call that succeeded, a name that must have been there. */
  static Dentry present(CallContext context, Entry entry, int type) {
    return entry.dentry() != null
        ? entry.dentry()
        : Dcache.inferChild(context, entry.directory(), entry.parent().name(), type);
  }
}
