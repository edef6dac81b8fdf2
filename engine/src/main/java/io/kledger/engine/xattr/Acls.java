package io.kledger.engine.xattr;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.Result;
import io.kledger.engine.file.Idmapped;
import io.kledger.engine.ns.IdMap;
import io.kledger.engine.security.Security;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.file.Xattr;
import io.kledger.kernel.mount.Superblock;
import java.util.List;

/** Setting and removing access control lists: do_set_acl(), vfs_set_acl(), set_posix_acl(). */
final class Acls {
  /** Types of filesystems that have no lists (no SB_POSIXACL). */
  private static final List<String> WITHOUT =
      List.of(
          "ramfs",
          "proc",
          "sysfs",
          "cgroup2",
          "devpts",
          "mqueue",
          "binfmt_misc",
          "vfat",
          "msdos",
          "iso9660",
          "squashfs",
          "debugfs",
          "securityfs",
          "bpf",
          "pipefs",
          "nsfs",
          "pidfs");

  private Acls() {}

  static Result set(CallContext context, Place place, Inode inode, Bytes name, Bytes value) {
    int refused = pathHook(context, "path_set_acl", place);
    if (refused != 0 && context.refuse("F41 path hook")) {
      return context.fail(refused, "F41 path hook");
    }
    refused = value.isEmpty() ? 0 : PosixAcl.decodeError(value);
    PosixAcl acl = refused == 0 && !value.isEmpty() ? PosixAcl.decode(value) : null;
    if (acl != null) {
      acl = acl.translated((id, group) -> fromCaller(context, id, group));
      refused = acl.complete() ? 0 : Errno.EINVAL;
      acl =
          acl.translated((id, group) -> Idmapped.stored(context.state(), place.mount(), id, group));
    }
    if (refused == 0) {
      refused = Security.check(context, "inode_set_acl", Security.Request.of(place));
    }
    if (refused == 0) {
      refused = applicable(context, place, inode, name, acl);
    }
    if (refused != 0 && context.refuse("F41 set ACL")) {
      return context.fail(refused, "F41 set ACL");
    }
    store(context, inode, name, acl);
    return Result.ZERO;
  }

  static Result remove(CallContext context, Place place, Inode inode, Bytes name) {
    int refused = pathHook(context, "path_remove_acl", place);
    if (refused == 0) {
      refused = Security.check(context, "inode_remove_acl", Security.Request.of(place));
    }
    if (refused == 0) {
      refused = applicable(context, place, inode, name, null);
    }
    if (refused != 0 && context.refuse("F41 remove ACL")) {
      return context.fail(refused, "F41 remove ACL");
    }
    store(context, inode, name, null);
    return Result.ZERO;
  }

  /** posix_acl_from_xattr() with the caller's user namespace. */
  private static int fromCaller(CallContext context, int id, boolean group) {
    long userNs = context.task().credentials().userNs();
    return IdMap.toKernel(context.state(), userNs, id, group);
  }

  /** The stored list as the caller sees it through a mount: vfs_posix_acl_to_xattr(). */
  static Bytes shown(CallContext context, Place place, Bytes value) {
    if (PosixAcl.decodeError(value) != 0) {
      return value;
    }
    KernelState state = context.state();
    long userNs = context.task().credentials().userNs();
    PosixAcl acl = PosixAcl.decode(value);
    return acl.translated((id, group) -> Idmapped.shown(state, place.mount(), id, group))
        .translated(
            (id, group) -> id == IdMap.INVALID ? id : IdMap.fromKernel(state, userNs, id, group))
        .encode();
  }

  /** Whether files of this kind have lists: IS_POSIXACL(). */
  static boolean supported(CallContext context, Inode inode) {
    Superblock superblock = context.state().superblocks.get(inode.superblock());
    String type = superblock == null ? "" : superblock.type().latin1();
    return !inode.symlink() && inode.superblock() != 0 && !WITHOUT.contains(type);
  }

  static int pathHook(CallContext context, String hook, Place place) {
    return context.profile().has(KernelFeature.ACL_PATH_HOOK)
        ? Security.check(context, hook, Security.Request.of(place))
        : 0;
  }

  /** set_posix_acl(); the order is the kernel's. */
  private static int applicable(
      CallContext context, Place place, Inode inode, Bytes name, PosixAcl acl) {
    if (!supported(context, inode)) {
      return Errno.EOPNOTSUPP;
    }
    boolean onlyDirectories = name.latin1().equals("system.posix_acl_default");
    if (onlyDirectories && !inode.directory()) {
      return acl == null ? 0 : Errno.EACCES;
    }
    if (!Xattrs.owner(context, Idmapped.view(context.state(), place.mount(), inode))) {
      return Errno.EPERM;
    }
    return acl == null || acl.valid() && acl.complete() ? 0 : Errno.EINVAL;
  }

  /** posix_acl_update_mode(): what mode bits can say is said by them alone. */
  private static void store(CallContext context, Inode inode, Bytes name, PosixAcl acl) {
    boolean access = name.latin1().equals("system.posix_acl_access");
    if (access && acl != null) {
      int mode = inode.mode() & ~0777 | acl.mode();
      if (mode != inode.mode()) {
        context.put(Tables.INODES, inode.withMode(mode));
      }
    }
    Xattr old = Xattrs.find(context.state(), inode, name);
    if (acl != null && !(access && acl.equivalentToMode())) {
      Xattrs.write(context, inode, name, acl.encode(), old);
    } else if (old != null) {
      context.remove(Tables.XATTRS, old.key());
    }
  }
}
