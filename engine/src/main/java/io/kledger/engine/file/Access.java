package io.kledger.engine.file;

import io.kledger.engine.xattr.PosixAcl;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.Xattr;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.ns.UserNamespace;
import io.kledger.kernel.task.Credentials;

/** inode_permission() without security modules: mode bits, lists, ids and capabilities. */
public final class Access {
  public static final int EXEC = 1;
  public static final int WRITE = 2;
  public static final int READ = 4;

  static final int CAP_CHOWN = 0;
  static final int CAP_DAC_OVERRIDE = 1;
  static final int CAP_DAC_READ_SEARCH = 2;
  static final int CAP_FOWNER = 3;

  private static final Bytes ACCESS_LIST = Bytes.of("system.posix_acl_access");

  private Access() {}

  /** False only if it is known that the kernel refuses. */
  public static boolean allowed(KernelState state, Credentials who, Inode inode, int wanted) {
    return allowed(state, who, who.fsuid(), who.fsgid(), inode, 0, wanted);
  }

  /** As above, of an inode that is seen through a mount, whose idmapping lists follow too. */
  public static boolean allowed(
      KernelState state, Credentials who, Inode inode, long mount, int wanted) {
    return allowed(state, who, who.fsuid(), who.fsgid(), inode, mount, wanted);
  }

  /**
   * As {@link #allowed(KernelState, Credentials, Inode, int)}, with other ids: access(2).
   *
   * @param mount key of the mount through which the inode is seen, 0 if that does not matter
   */
  public static boolean allowed(
      KernelState state, Credentials who, int uid, int gid, Inode inode, long mount, int wanted) {
    if (inode == null || !who.known() || inode.uid() == -1 || !inode.typeKnown()) {
      return true;
    }
    if (granted(state, who, uid, gid, inode, mount, wanted)) {
      return true;
    }
    if (inode.directory()) {
      return capable(state, who, CAP_DAC_OVERRIDE, inode)
          || (wanted & WRITE) == 0 && capable(state, who, CAP_DAC_READ_SEARCH, inode);
    }
    if (wanted == READ && capable(state, who, CAP_DAC_READ_SEARCH, inode)) {
      return true;
    }
    return ((wanted & EXEC) == 0 || (inode.mode() & 0111) != 0)
        && capable(state, who, CAP_DAC_OVERRIDE, inode);
  }

  /** acl_permission_check(). */
  private static boolean granted(
      KernelState state, Credentials who, int uid, int gid, Inode inode, long mount, int wanted) {
    int bits = inode.mode();
    if (inode.uid() == uid) {
      return (bits >> 6 & wanted) == wanted;
    }
    boolean group = inode.gid() == gid || who.groups().contains(inode.gid());
    PosixAcl acl = (bits & 070) == 0 ? null : list(state, inode);
    if (acl != null) {
      PosixAcl.Asker asker =
          new PosixAcl.Asker() {
            @Override
            public boolean user(int id) {
              return id == uid;
            }

            @Override
            public boolean member(int id) {
              return id == gid || who.groups().contains(id);
            }
          };
      return acl.translated((id, named) -> Idmapped.shown(state, mount, id, named))
          .grants(asker, false, group, wanted);
    }
    return ((group ? bits >> 3 : bits) & wanted) == wanted;
  }

  /** The access list of an inode, or null. */
  private static PosixAcl list(KernelState state, Inode inode) {
    if (state.xattrs.size() == 0) {
      return null;
    }
    for (long key : state.xattrsByInode.keys(inode.key())) {
      Xattr row = state.xattrs.require(key);
      if (row.name().equals(ACCESS_LIST) && PosixAcl.decodeError(row.value()) == 0) {
        return PosixAcl.decode(row.value());
      }
    }
    return null;
  }

  /** capable_wrt_inode_uidgid(): the capability, in a user namespace that maps the inode's ids. */
  public static boolean capable(KernelState state, Credentials who, int capability, Inode inode) {
    return who.has(capability)
        && mapped(state, who.userNs(), inode.uid(), true)
        && mapped(state, who.userNs(), inode.gid(), false);
  }

  /** inode_owner_or_capable(). */
  public static boolean owner(KernelState state, Credentials who, Inode inode) {
    return !who.known()
        || inode.uid() == -1
        || who.fsuid() == inode.uid()
        || who.has(CAP_FOWNER) && mapped(state, who.userNs(), inode.uid(), true);
  }

  private static boolean mapped(KernelState state, long userNs, int id, boolean user) {
    return id != Idmapped.NOBODY && inside(state, userNs, id, user) != -1;
  }

  /** The id as the user namespace sees it; -1 if it does not map it. */
  private static int inside(KernelState state, long userNs, int id, boolean user) {
    Namespace ns = state.namespaces.get(userNs);
    if (ns == null || ns.parent() == 0) {
      return id;
    }
    int outer = inside(state, ns.parent(), id, user);
    UserNamespace maps = state.userNamespaces.get(userNs);
    if (maps == null || outer == -1) {
      return outer;
    }
    for (UserNamespace.IdExtent e : user ? maps.uidMap() : maps.gidMap()) {
      if (Integer.compareUnsigned(outer - e.outside(), e.count()) < 0) {
        return e.inside() + (outer - e.outside());
      }
    }
    return -1;
  }
}
