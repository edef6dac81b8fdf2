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
  private Idmapped() {}

  /** The inode with the owners that are seen through a mount; unmapped ones are the overflow id. */
  public static Inode view(KernelState state, long mount, Inode inode) {
    long map = map(state, mount);
    if (map == 0 || inode == null || inode.uid() == Dcache.UNKNOWN_ID) {
      return inode;
    }
    return inode.withOwner(
        seen(shown(state, map, inode.uid(), false)), seen(shown(state, map, inode.gid(), true)));
  }

  /** HAS_UNMAPPED_ID(): an owner that the mount's map does not know. Nobody may write to it. */
  public static boolean unmapped(KernelState state, long mount, Inode inode) {
    long map = map(state, mount);
    return map != 0
        && inode != null
        && inode.uid() != Dcache.UNKNOWN_ID
        && (shown(state, map, inode.uid(), false) == IdMap.INVALID
            || shown(state, map, inode.gid(), true) == IdMap.INVALID);
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

  private static long map(KernelState state, long mount) {
    Mount row = state.mounts.get(mount);
    return row == null ? 0 : row.idmap();
  }

  private static int seen(int id) {
    return id == IdMap.INVALID ? IdMap.OVERFLOW : id;
  }

  /** A map is that of a user namespace, or extents of its own (F29). */
  private static int shown(KernelState state, long map, int id, boolean group) {
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
