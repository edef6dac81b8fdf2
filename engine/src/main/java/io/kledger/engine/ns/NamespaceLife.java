package io.kledger.engine.ns;

import io.kledger.engine.CallContext;
import io.kledger.engine.mount.MountNamespaces;
import io.kledger.engine.mount.MountsPoll;
import io.kledger.engine.mount.NamespaceFiles;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.change.NamespaceChange;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.ns.NamespaceKind;
import io.kledger.kernel.ns.UserNamespace;
import io.kledger.kernel.task.NamespaceSet;
import io.kledger.kernel.task.Task;
import java.util.ArrayList;
import java.util.List;

/** How long namespaces live: while a task, an open file or a mount of theirs is there. */
public final class NamespaceLife {
  private NamespaceLife() {}

  /** A task is no longer in these. */
  public static void left(CallContext context, NamespaceSet set) {
    dropIfUnused(context, set.mount());
    dropIfUnused(context, set.uts());
    dropIfUnused(context, set.ipc());
    dropIfUnused(context, set.pidForChildren());
    dropIfUnused(context, set.cgroup());
    dropIfUnused(context, set.net());
    dropIfUnused(context, set.time());
    dropIfUnused(context, set.timeForChildren());
  }

  /** The namespace goes when nothing refers to it. */
  public static void dropIfUnused(CallContext context, long key) {
    KernelState state = context.state();
    Namespace row = state.namespaces.get(key);
    if (row == null
        || row.inode() != 0 && row.inode() == NamespaceRows.initialInode(row.kind())
        || row.id() == 0
        || row.anonymous()
        || state.descriptionsByObject.count(key) > 0
        || state.namespacesByOwner.count(key) > 0
        || NamespaceFiles.mounted(state, key)
        || used(state, row)) {
      return;
    }
    if (row.kind() == NamespaceKind.MOUNT) {
      MountNamespaces.died(context, key);
      MountsPoll.drop(context, key);
    }
    boolean mapping = row.kind() == NamespaceKind.USER && state.mountsByIdmap.count(key) > 0;
    if (mapping) {
      keepMapping(context, key);
    }
    if (state.timeOffsets.get(key) != null) {
      context.remove(Tables.TIME_OFFSETS, key);
    }
    context.emit(new NamespaceChange.Destroyed(key, row.kind()));
    if (row.kind() == NamespaceKind.USER && !mapping) {
      context.emit(new NamespaceChange.UserReleased(key));
    }
    dropIfUnused(context, row.parent());
    dropIfUnused(context, row.owner());
  }

  /** Idmapped mounts have a copy of the maps (struct mnt_idmap), in ids of the kernel. */
  private static void keepMapping(CallContext context, long key) {
    KernelState state = context.state();
    UserNamespace user = state.userNamespaces.require(key);
    long parent = state.namespaces.require(key).parent();
    context.put(
        Tables.USER_NAMESPACES,
        new UserNamespace(
            key,
            user.ownerUid(),
            user.ownerGid(),
            kernelIds(state, parent, user.uidMap(), false),
            kernelIds(state, parent, user.gidMap(), true),
            user.setgroupsAllowed(),
            user.parentCouldSetFcap()));
  }

  private static List<UserNamespace.IdExtent> kernelIds(
      KernelState state, long parent, List<UserNamespace.IdExtent> map, boolean group) {
    List<UserNamespace.IdExtent> extents = new ArrayList<>();
    for (UserNamespace.IdExtent extent : map) {
      int outside = IdMap.toKernel(state, parent, extent.outside(), group);
      extents.add(new UserNamespace.IdExtent(extent.inside(), outside, extent.count()));
    }
    return extents;
  }

  /** The last mount with an idmapping went: its copy of the maps goes, too. */
  public static void mappingUnused(CallContext context, long key) {
    KernelState state = context.state();
    if (state.namespaces.get(key) == null
        && state.userNamespaces.get(key) != null
        && state.mountsByIdmap.count(key) == 0) {
      context.emit(new NamespaceChange.UserReleased(key));
    }
  }

  private static boolean used(KernelState state, Namespace row) {
    long key = row.key();
    if (row.kind() == NamespaceKind.MOUNT) {
      return state.tasksByMountNs.count(key) > 0;
    }
    if (row.kind() == NamespaceKind.PID && state.pidsByNamespace.count(key) > 0) {
      return true;
    }
    if (row.kind() == NamespaceKind.USER && state.superblocksByUserNs.count(key) > 0) {
      return true;
    }
    for (long task : state.tasks.keys()) {
      if (member(state.tasks.get(task), row)) {
        return true;
      }
    }
    for (long other : state.namespaces.keys()) {
      if (state.namespaces.get(other).parent() == key) {
        return true;
      }
    }
    return false;
  }

  private static boolean member(Task task, Namespace row) {
    NamespaceSet set = task.namespaces();
    long key = row.key();
    return switch (row.kind()) {
      case MOUNT -> set.mount() == key;
      case UTS -> set.uts() == key;
      case IPC -> set.ipc() == key;
      case USER -> task.credentials().userNs() == key;
      case PID -> set.pid() == key || set.pidForChildren() == key;
      case NET -> set.net() == key;
      case CGROUP -> set.cgroup() == key;
      case TIME -> set.time() == key || set.timeForChildren() == key;
    };
  }
}
