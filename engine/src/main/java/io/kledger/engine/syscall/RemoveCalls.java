package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.file.Access;
import io.kledger.engine.file.Dcache;
import io.kledger.engine.file.PathWalk;
import io.kledger.engine.mount.Mountpoints;
import io.kledger.event.avro.Fd;
import io.kledger.event.avro.RmdirCall;
import io.kledger.event.avro.Text;
import io.kledger.event.avro.UnlinkCall;
import io.kledger.event.avro.UnlinkatCall;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.task.Credentials;

/** Calls that remove names: unlink(2) and rmdir(2). */
final class RemoveCalls {
  private static final long AT_REMOVEDIR = 0x200;
  private static final int STICKY = 01000;

  private RemoveCalls() {}

  static void register(SyscallTable.Builder table) {
    table
        .full(UnlinkCall.class, (c, call) -> unlink(c, null, call.getPath()))
        .full(RmdirCall.class, (c, call) -> rmdir(c, null, call.getPath()))
        .partial(UnlinkatCall.class, "AT_EMPTY_PATH", RemoveCalls::unlinkat);
  }

  private static Result unlinkat(CallContext context, UnlinkatCall call) {
    if ((call.getFlags() & ~AT_REMOVEDIR) != 0 && context.refuse("unlinkat: flags")) {
      return context.fail(Errno.EINVAL, "unlinkat: flags");
    }
    return (call.getFlags() & AT_REMOVEDIR) != 0
        ? rmdir(context, call.getDirfd(), call.getPath())
        : unlink(context, call.getDirfd(), call.getPath());
  }

  /** do_unlinkat(). */
  private static Result unlink(CallContext context, Fd dirfd, Text path) {
    Names.Target target = Names.target(context, dirfd, path, Errno.EISDIR);
    if (!(target instanceof Names.Entry entry)) {
      return ((Names.Stop) target).result();
    }
    KernelState state = context.state();
    Result refused = missing(context, entry);
    if (refused != null) {
      return refused;
    }
    Dentry dentry = Names.present(context, entry, 0);
    Inode inode = Names.inode(state, dentry);
    boolean directory = inode != null && inode.directory();
    if (entry.parent().trailingSlash() && context.refuse("C5.3 trailing slash")) {
      return context.fail(directory ? Errno.EISDIR : Errno.ENOTDIR, "C5.3 trailing slash");
    }
    refused = mayDelete(context, entry, inode);
    if (refused != null) {
      return refused;
    }
    if (directory && context.refuse("C5.3 directory")) {
      return context.fail(Errno.EISDIR, "C5.3 directory");
    }
    return remove(context, dentry);
  }

  /** do_rmdir(). */
  private static Result rmdir(CallContext context, Fd dirfd, Text path) {
    int dots = Errno.EBUSY;
    if (PathWalk.parent(context, dirfd, path) instanceof PathWalk.Parent parent) {
      dots =
          switch (parent.last()) {
            case DOT -> Errno.EINVAL;
            case DOTDOT -> Errno.ENOTEMPTY;
            case ROOT, NORM -> Errno.EBUSY;
          };
    }
    Names.Target target = Names.target(context, dirfd, path, dots);
    if (!(target instanceof Names.Entry entry)) {
      return ((Names.Stop) target).result();
    }
    Result refused = missing(context, entry);
    if (refused != null) {
      return refused;
    }
    KernelState state = context.state();
    Dentry dentry = Names.present(context, entry, Inode.S_IFDIR);
    Inode inode = Names.inode(state, dentry);
    refused = mayDelete(context, entry, inode);
    if (refused != null) {
      return refused;
    }
    if (inode != null && inode.typeKnown() && !inode.directory()
        && context.refuse("C5.3 not a directory")) {
      return context.fail(Errno.ENOTDIR, "C5.3 not a directory");
    }
    if (Mountpoints.local(context, dentry.key()) && context.refuse("C5.3 mount point")) {
      return context.fail(Errno.EBUSY, "C5.3 mount point");
    }
    return emptied(context, dentry, inode);
  }

  private static Result emptied(CallContext context, Dentry dentry, Inode inode) {
    KernelState state = context.state();
    for (long key : state.dentriesByParent.keys(dentry.key())) {
      if (state.dentries.require(key).inode() != 0 && context.refuse("C5.3 not empty")) {
        return context.fail(Errno.ENOTEMPTY, "C5.3 not empty");
      }
    }
    boolean known = inode != null && (inode.complete() || Dcache.complete(state, dentry));
    if (!known && !context.assuming()) {
      return new Result.Unknown("whether the directory is empty");
    }
    return remove(context, dentry);
  }

  private static Result missing(CallContext context, Names.Entry entry) {
    return entry.dentry() == null && context.refuse("C5.3 no such name")
        ? context.fail(Errno.ENOENT, "C5.3 no such name")
        : null;
  }

  /** may_delete(). */
  private static Result mayDelete(CallContext context, Names.Entry entry, Inode inode) {
    Result refused = Names.mayChange(context, entry);
    if (refused != null) {
      return refused;
    }
    KernelState state = context.state();
    Inode directory = Names.inode(state, state.dentries.require(entry.directory()));
    Credentials who = context.task().credentials();
    boolean sticky = directory != null && (directory.mode() & STICKY) != 0 && inode != null;
    if (sticky
        && !Access.owner(state, who, directory)
        && !Access.owner(state, who, inode)
        && context.refuse("C5.3 sticky")) {
      return context.fail(Errno.EPERM, "C5.3 sticky");
    }
    return null;
  }

  private static Result remove(CallContext context, Dentry dentry) {
    if (Mountpoints.local(context, dentry.key()) && context.refuse("C5.3 mount point")) {
      return context.fail(Errno.EBUSY, "C5.3 mount point");
    }
    Dcache.unlink(context, dentry);
    Mountpoints.detach(context, dentry.key());
    return Result.ZERO;
  }
}
