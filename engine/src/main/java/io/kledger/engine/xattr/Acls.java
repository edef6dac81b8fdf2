package io.kledger.engine.xattr;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.Result;
import io.kledger.engine.security.Security;
import io.kledger.event.Bytes;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.file.Xattr;

/** Setting and removing access control lists: do_set_acl(), vfs_set_acl(), set_posix_acl(). */
final class Acls {
  private Acls() {}

  static Result set(CallContext context, Place place, Inode inode, Bytes name, Bytes value) {
    int refused = pathHook(context, "path_set_acl", place);
    if (refused != 0 && context.refuse("F41 path hook")) {
      return context.fail(refused, "F41 path hook");
    }
    refused = value.isEmpty() ? 0 : PosixAcl.decodeError(value);
    if (refused == 0) {
      refused = Security.check(context, "inode_set_acl", Security.Request.of(place));
    }
    PosixAcl acl = refused == 0 && !value.isEmpty() ? PosixAcl.decode(value) : null;
    if (refused == 0) {
      refused = applicable(context, inode, name, acl);
    }
    if (refused != 0 && context.refuse("F41 set ACL")) {
      return context.fail(refused, "F41 set ACL");
    }
    store(context, inode, name, value, acl);
    return Result.ZERO;
  }

  static Result remove(CallContext context, Place place, Inode inode, Bytes name) {
    int refused = pathHook(context, "path_remove_acl", place);
    if (refused == 0) {
      refused = Security.check(context, "inode_remove_acl", Security.Request.of(place));
    }
    if (refused == 0) {
      refused = applicable(context, inode, name, null);
    }
    if (refused != 0 && context.refuse("F41 remove ACL")) {
      return context.fail(refused, "F41 remove ACL");
    }
    store(context, inode, name, Bytes.EMPTY, null);
    return Result.ZERO;
  }

  private static int pathHook(CallContext context, String hook, Place place) {
    return context.profile().has(KernelFeature.ACL_PATH_HOOK)
        ? Security.check(context, hook, Security.Request.of(place))
        : 0;
  }

  /** set_posix_acl(); the order is the kernel's. */
  private static int applicable(CallContext context, Inode inode, Bytes name, PosixAcl acl) {
    if (inode.symlink()) {
      return Errno.EOPNOTSUPP;
    }
    boolean onlyDirectories = name.latin1().equals("system.posix_acl_default");
    if (onlyDirectories && !inode.directory()) {
      return acl == null ? 0 : Errno.EACCES;
    }
    if (!Xattrs.owner(context, inode)) {
      return Errno.EPERM;
    }
    return acl == null || acl.valid() ? 0 : Errno.EINVAL;
  }

  /** posix_acl_update_mode(): what mode bits can say is said by them alone. */
  private static void store(
      CallContext context, Inode inode, Bytes name, Bytes value, PosixAcl acl) {
    boolean access = name.latin1().equals("system.posix_acl_access");
    if (access && acl != null) {
      int mode = inode.mode() & ~0777 | acl.mode();
      if (mode != inode.mode()) {
        context.put(Tables.INODES, inode.withMode(mode));
      }
    }
    Xattr old = Xattrs.find(context.state(), inode, name);
    if (acl != null && !(access && acl.equivalentToMode())) {
      Xattrs.write(context, inode, name, value, old);
    } else if (old != null) {
      context.remove(Tables.XATTRS, old.key());
    }
  }
}
