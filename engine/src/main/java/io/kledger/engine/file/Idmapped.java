package io.kledger.engine.file;

import io.kledger.engine.ns.IdMap;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.ns.UserNamespace;
import java.util.List;

/**
 * Owners of files as an idmapped mount shows them: make_vfsuid() and from_vfsuid() of
 * fs/mnt_idmapping.c. Through any other mount an inode looks as it is.
 */
public final class Idmapped {
  /** An owner that no user namespace maps (INVALID_VFSUID); -1 stands for one not known. */
  static final int NOBODY = -2;

  private Idmapped() {}

  /** The inode with the owners that are seen through a mount; unmapped ones are the overflow id. */
  public static Inode view(KernelState state, long mount, Inode inode) {
    long map = map(state, mount);
    if (map == 0 || inode == null || inode.uid() == Dcache.UNKNOWN_ID) {
      return inode;
    }
    return inode.withOwner(
        seen(shownBy(state, map, inode.uid(), false)),
        seen(shownBy(state, map, inode.gid(), true)));
  }

  /**
   * The inode for a decision about permission through a mount: an owner that its map does not know
   * is {@link #NOBODY}, who is not even the user with the overflow id.
   */
  public static Inode judged(KernelState state, long mount, Inode inode) {
    long map = map(state, mount);
    if (map == 0 || inode == null || inode.uid() == Dcache.UNKNOWN_ID) {
      return inode;
    }
    int uid = shownBy(state, map, inode.uid(), false);
    int gid = shownBy(state, map, inode.gid(), true);
    return inode.withOwner(
        uid == IdMap.INVALID ? NOBODY : uid, gid == IdMap.INVALID ? NOBODY : gid);
  }

  /** HAS_UNMAPPED_ID(): an owner that the mount's map does not know. Nobody may write to it. */
  public static boolean unmapped(KernelState state, long mount, Inode inode) {
    long map = map(state, mount);
    return map != 0
        && inode != null
        && inode.uid() != Dcache.UNKNOWN_ID
        && (shownBy(state, map, inode.uid(), false) == IdMap.INVALID
            || shownBy(state, map, inode.gid(), true) == IdMap.INVALID);
  }

  /**
   * What is stored for an id of a caller that writes through a mount; {@link IdMap#INVALID} if the
   * map has no image for it (EOVERFLOW).
   */
  public static int stored(KernelState state, long mount, int id, boolean group) {
    long map = map(state, mount);
    if (map == 0 || id == Dcache.UNKNOWN_ID) {
      return id;
    }
    if (state.namespaces.get(map) != null) {
      return IdMap.fromKernel(state, map, id, group);
    }
    for (UserNamespace.IdExtent extent : extents(state, map, group)) {
      int offset = id - extent.outside();
      if (Integer.compareUnsigned(offset, extent.count()) < 0) {
        return extent.inside() + offset;
      }
    }
    return IdMap.INVALID;
  }

  /** What an id of the filesystem is through a mount; {@link IdMap#INVALID} if nothing. */
  public static int shown(KernelState state, long mount, int id, boolean group) {
    long map = map(state, mount);
    return map == 0 ? id : shownBy(state, map, id, group);
  }

  private static long map(KernelState state, long mount) {
    Mount row = state.mounts.get(mount);
    return row == null ? 0 : row.idmap();
  }

  private static int seen(int id) {
    return id == IdMap.INVALID ? IdMap.OVERFLOW : id;
  }

  /** A map is that of a user namespace, or extents of its own (F29). */
  private static int shownBy(KernelState state, long map, int id, boolean group) {
    if (state.namespaces.get(map) != null) {
      return IdMap.toKernel(state, map, id, group);
    }
    for (UserNamespace.IdExtent extent : extents(state, map, group)) {
      int offset = id - extent.inside();
      if (Integer.compareUnsigned(offset, extent.count()) < 0) {
        return extent.outside() + offset;
      }
    }
    return IdMap.INVALID;
  }

  private static List<UserNamespace.IdExtent> extents(KernelState state, long map, boolean group) {
    UserNamespace row = state.userNamespaces.require(map);
    return group ? row.gidMap() : row.uidMap();
  }
}
