package io.kledger.engine.mount;

import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import java.util.ArrayList;
import java.util.List;

/** Questions about the tree of mounts. */
public final class MountTree {
  private MountTree() {}

  /** The mount and everything below it, depth first, children as attached (next_mnt()). */
  public static List<Mount> tree(KernelState state, Mount root) {
    List<Mount> all = new ArrayList<>();
    gather(state, root, all);
    return all;
  }

  private static void gather(KernelState state, Mount root, List<Mount> into) {
    ArrayList<Mount> stack = new ArrayList<>();
    stack.add(root);
    while (!stack.isEmpty()) {
      Mount mount = stack.removeLast();
      into.add(mount);
      long[] children = state.mountsByParent.keys(mount.key());
      for (int i = children.length - 1; i >= 0; i--) {
        stack.add(state.mounts.get(children[i]));
      }
    }
  }

  /** The topmost mount of the stack that stands on this mount's root (topmost_overmount()). */
  public static Mount top(KernelState state, Mount mount) {
    Mount at = mount;
    for (Mount on = over(state, at); on != null; on = over(state, at)) {
      at = on;
    }
    return at;
  }

  /** The mount directly on this mount's root, or null. */
  public static Mount over(KernelState state, Mount mount) {
    return state.mountAt(mount.key(), mount.root());
  }

  /** The topmost place at a place: follows what is mounted there. */
  public static Place topmost(KernelState state, Place place) {
    Place at = place;
    for (Mount on = state.mountAt(at.mount(), at.dentry());
        on != null;
        on = state.mountAt(at.mount(), at.dentry())) {
      at = new Place(on.key(), on.root());
    }
    return at;
  }

  /** is_subdir(): whether a dentry is another one or below it. */
  public static boolean below(KernelState state, long dentry, long ancestor) {
    for (Dentry at = state.dentries.get(dentry); at != null; at = state.dentries.get(at.parent())) {
      if (at.key() == ancestor) {
        return true;
      }
    }
    return false;
  }

  /** Whether a mount is another one or below it in the tree. */
  public static boolean descends(KernelState state, Mount mount, long ancestor) {
    for (Mount at = mount; at != null; at = state.mounts.get(at.parent())) {
      if (at.key() == ancestor) {
        return true;
      }
    }
    return false;
  }

  /** is_path_reachable(): whether a place is at or below another one. */
  public static boolean reachable(KernelState state, Place place, Place root) {
    long mount = place.mount();
    long dentry = place.dentry();
    while (mount != root.mount()) {
      Mount at = state.mounts.get(mount);
      if (at == null || at.parent() == 0) {
        return false;
      }
      dentry = at.mountpoint();
      mount = at.parent();
    }
    return below(state, dentry, root.dentry());
  }
}
