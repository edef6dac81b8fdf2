package io.kledger.engine.mount;

import io.kledger.engine.CallContext;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.mount.Mount;

/** Dentries that something is mounted on (struct mountpoint). */
public final class Mountpoints {
  private Mountpoints() {}

  /** is_local_mountpoint(): something is mounted there in the caller's namespace. */
  public static boolean local(CallContext context, long dentry) {
    KernelState state = context.state();
    for (long key : state.mountsByMountpoint.keys(dentry)) {
      Mount mount = state.mounts.require(key);
      Mount parent = state.mounts.get(mount.parent());
      boolean hidden = parent != null && parent.root() == dentry;
      if (Checks.inCallersNamespace(context, mount) && !hidden) {
        return true;
      }
    }
    return false;
  }

  /** detach_mounts(): the name is gone, and so is what other namespaces have mounted there. */
  public static void detach(CallContext context, long dentry) {
    KernelState state = context.state();
    for (long key : state.mountsByMountpoint.keys(dentry)) {
      Mount mount = state.mounts.get(key);
      if (mount != null && mount.mountpoint() == dentry && mount.parent() != 0) {
        Unmounting.tree(context, key, Unmounting.CONNECTED);
      }
    }
  }
}
