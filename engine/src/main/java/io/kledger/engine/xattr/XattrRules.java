package io.kledger.engine.xattr;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.file.Access;
import io.kledger.engine.ns.Capability;
import io.kledger.engine.task.Pidfs;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.task.Credentials;

/** Who may touch which attribute of which file: xattr_permission(), xattr_resolve_name(). */
final class XattrRules {
  private static final int STICKY = 01000;
  private static final int LONGEST_NAME = 255;

  private XattrRules() {}

  /** import_xattr_name(); 0 if the name is one. */
  static int nameError(int length) {
    return length == 0 || length > LONGEST_NAME ? Errno.ERANGE : 0;
  }

  /** xattr_permission(); 0 if it is granted. */
  static int permission(CallContext context, Inode inode, String name, boolean write) {
    KernelState state = context.state();
    Credentials who = context.task().credentials();
    if (name.startsWith("security.") || name.startsWith("system.")) {
      return 0;
    }
    if (name.startsWith("trusted.")) {
      boolean admin = !who.known() || initialAdmin(state, who);
      return admin ? 0 : write ? Errno.EPERM : Errno.ENODATA;
    }
    if (name.startsWith("user.") && inode.typeKnown() && !Pidfs.holds(state, inode)) {
      boolean socket = (inode.mode() & Inode.S_IFMT) == Inode.S_IFSOCK;
      boolean admitted =
          inode.regular()
              || inode.directory()
              || socket && context.profile().has(KernelFeature.SOCKET_XATTRS);
      if (!admitted) {
        return write ? Errno.EPERM : Errno.ENODATA;
      }
      boolean sticky = inode.directory() && (inode.mode() & STICKY) != 0;
      if (sticky && write && !Access.owner(state, who, inode)) {
        return Errno.EPERM;
      }
    }
    return Access.allowed(state, who, inode, write ? Access.WRITE : Access.READ) ? 0 : Errno.EACCES;
  }

  static boolean initialAdmin(KernelState state, Credentials who) {
    var user = state.namespaces.get(who.userNs());
    return who.has(Capability.SYS_ADMIN) && (user == null || user.parent() == 0);
  }

  /** cap_inode_setxattr(): attributes of security modules are the administrator's. */
  static int securityError(CallContext context, Inode inode, String name) {
    Credentials who = context.task().credentials();
    if (!name.startsWith("security.") || !who.known()) {
      return 0;
    }
    boolean capability = name.equals("security.capability");
    boolean may =
        capability
            ? Access.capable(context.state(), who, Capability.SETFCAP, inode)
            : who.has(Capability.SYS_ADMIN);
    return may ? 0 : Errno.EPERM;
  }

  /** Whether the filesystem has a handler for the prefix; 0, EOPNOTSUPP, or EINVAL for no name. */
  static int handlerError(CallContext context, Inode inode, String name) {
    String prefix = name.substring(0, name.indexOf('.') + 1);
    boolean known =
        prefix.equals("user.") || prefix.equals("trusted.") || prefix.equals("security.");
    if (!known || !supports(context, inode, prefix)) {
      return Errno.EOPNOTSUPP;
    }
    return prefix.length() == name.length() ? Errno.EINVAL : 0;
  }

  private static boolean supports(CallContext context, Inode inode, String prefix) {
    KernelState state = context.state();
    if (inode.superblock() == 0 && inode.regular()) {
      // A memory file is one of the kernel's own tmpfs.
      return true;
    }
    if (inode.superblock() == 0) {
      // sockfs and its like keep none of their own before 7.1.
      return context.profile().has(KernelFeature.SOCKET_XATTRS) && prefix.equals("user.");
    }
    Superblock superblock = state.superblocks.get(inode.superblock());
    return switch (superblock == null ? "" : superblock.type().latin1()) {
      case "pidfs" -> prefix.equals("trusted.") && context.profile().atLeast(6, 17);
      case "proc", "devpts", "binfmt_misc", "pipefs", "mqueue", "bpf" ->
          prefix.equals("security.") && !superblock.type().latin1().equals("proc");
      case "anon_inodefs" -> false;
      case "sysfs" -> !prefix.equals("user.");
      default -> true;
    };
  }
}
