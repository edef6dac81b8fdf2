package io.kledger.engine.xattr;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.blob.Blobs;
import io.kledger.engine.file.Access;
import io.kledger.engine.security.Security;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.file.Xattr;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Attributes of one inode: vfs_setxattr(), vfs_getxattr(), vfs_removexattr(), vfs_set_acl(). */
public final class Xattrs {
  public static final long CREATE = 1;
  public static final long REPLACE = 2;

  private static final String ACL_ACCESS = "system.posix_acl_access";
  private static final String ACL_DEFAULT = "system.posix_acl_default";

  /** Attributes of a sockfs inode: count, and bytes of all values. */
  private static final int SOCKET_COUNT = 128;

  private static final int SOCKET_BYTES = 128 << 10;

  private Xattrs() {}

  /** Whether an attribute is an access control list: is_posix_acl_xattr(). */
  public static boolean isAcl(String name) {
    return name.equals(ACL_ACCESS) || name.equals(ACL_DEFAULT);
  }

  /** The attribute of an inode, or null. */
  public static Xattr find(KernelState state, Inode inode, Bytes name) {
    for (long key : state.xattrsByInode.keys(inode.key())) {
      Xattr row = state.xattrs.require(key);
      if (row.name().equals(name)) {
        return row;
      }
    }
    return null;
  }

  /** All attributes of an inode, by name. */
  public static List<Xattr> all(KernelState state, long inode) {
    List<Xattr> rows = new ArrayList<>();
    for (long key : state.xattrsByInode.keys(inode)) {
      rows.add(state.xattrs.require(key));
    }
    rows.sort(Comparator.comparing(row -> row.name().latin1()));
    return rows;
  }

  /** The inode is gone, and its attributes with it. */
  public static void drop(CallContext context, long inode) {
    for (long key : context.state().xattrsByInode.keys(inode)) {
      context.remove(Tables.XATTRS, key);
    }
  }

  /** Sets an attribute; the mount is writable, name and flags are valid. */
  public static Result set(
      CallContext context, Place place, Inode inode, Bytes name, Bytes value, long flags) {
    String text = name.latin1();
    if (Blobs.sealed(context.state(), inode)) {
      return context.fail(Errno.EPERM, "F30.4 sealed");
    }
    if (isAcl(text)) {
      return Acls.set(context, place, inode, name, value);
    }
    int refused = XattrRules.permission(context, inode, text, true);
    if (refused == 0) {
      refused = XattrRules.securityError(context, inode, text);
    }
    if (refused == 0) {
      refused = XattrRules.handlerError(context, inode, text);
    }
    Xattr old = find(context.state(), inode, name);
    if (refused == 0 && (flags & CREATE) != 0 && old != null) {
      refused = Errno.EEXIST;
    }
    if (refused == 0 && (flags & REPLACE) != 0 && old == null) {
      refused = Errno.ENODATA;
    }
    if (refused == 0 && inode.superblock() == 0 && full(context.state(), inode, old, value)) {
      refused = Errno.ENOSPC;
    }
    if (refused != 0 && context.refuse("F46 setxattr")) {
      return context.fail(refused, "F46 setxattr");
    }
    write(context, inode, name, value, old);
    return Result.ZERO;
  }

  private static boolean full(KernelState state, Inode inode, Xattr old, Bytes value) {
    int count = old == null ? 1 : 0;
    long bytes = value.length() - (old == null ? 0 : old.value().length());
    for (Xattr row : all(state, inode.key())) {
      count++;
      bytes += row.value().length();
    }
    return count > SOCKET_COUNT || bytes > SOCKET_BYTES;
  }

  static void write(CallContext context, Inode inode, Bytes name, Bytes value, Xattr old) {
    if (old == null) {
      context.put(Tables.XATTRS, new Xattr(context.newKey(), inode.key(), name, value));
    } else if (!old.value().equals(value)) {
      context.put(Tables.XATTRS, old.withValue(value));
    }
  }

  /** Removes an attribute; the mount is writable, the name is valid. */
  public static Result remove(CallContext context, Place place, Inode inode, Bytes name) {
    String text = name.latin1();
    if (isAcl(text)) {
      return Acls.remove(context, place, inode, name);
    }
    int refused = XattrRules.permission(context, inode, text, true);
    if (refused == 0) {
      refused = XattrRules.securityError(context, inode, text);
    }
    if (refused == 0) {
      refused = XattrRules.handlerError(context, inode, text);
    }
    Xattr old = find(context.state(), inode, name);
    if (refused == 0 && old == null && inode.inferred() && !context.assuming()) {
      return new Result.Unknown("attributes from before the trace");
    }
    if (refused == 0 && old == null) {
      refused = Errno.ENODATA;
    }
    if (refused != 0 && context.refuse("F46 removexattr")) {
      return context.fail(refused, "F46 removexattr");
    }
    if (old != null) {
      context.remove(Tables.XATTRS, old.key());
    }
    return Result.ZERO;
  }

  /** What a read of an attribute comes to. */
  public sealed interface Answer {}

  /** It has this value. */
  public record Value(Bytes value) implements Answer {}

  /** The call fails, or the ledger does not know. */
  public record Refused(Result result) implements Answer {}

  /** Reads an attribute; the name is valid. */
  public static Answer get(CallContext context, Place place, Inode inode, Bytes name) {
    String text = name.latin1();
    int refused = 0;
    if (isAcl(text)) {
      refused = Acls.pathHook(context, "path_get_acl", place);
      if (refused == 0) {
        refused = Security.check(context, "inode_get_acl", Security.Request.of(place));
      }
      if (refused == 0 && !Acls.supported(context, inode)) {
        refused = Errno.EOPNOTSUPP;
      }
    } else {
      refused = XattrRules.permission(context, inode, text, false);
      if (refused == 0) {
        refused = XattrRules.handlerError(context, inode, text);
      }
    }
    Xattr row = find(context.state(), inode, name);
    if (refused == 0 && row == null && inode.inferred()) {
      return new Refused(new Result.Unknown("attributes from before the trace"));
    }
    if (refused == 0 && row == null) {
      refused = Errno.ENODATA;
    }
    return refused == 0
        ? new Value(isAcl(text) ? Acls.shown(context, place, row.value()) : row.value())
        : new Refused(context.fail(refused, "F46 getxattr"));
  }

  /** Whether the caller sees attributes of the namespace {@code trusted}. */
  public static boolean seesTrusted(CallContext context) {
    return !context.task().credentials().known()
        || XattrRules.initialAdmin(context.state(), context.task().credentials());
  }

  /** Whether the caller may change what only the owner may. */
  static boolean owner(CallContext context, Inode inode) {
    return Access.owner(context.state(), context.task().credentials(), inode);
  }
}
