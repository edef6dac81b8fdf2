package io.kledger.engine.mount;

import io.kledger.engine.ns.Capability;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.ns.UserNamespace;
import io.kledger.kernel.path.PathText;
import io.kledger.kernel.task.Task;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** struct statmount: the fields of a mount by name (statmount_*() of fs/namespace.c). */
public final class MountStat {
  private static final long[] ATTRIBUTE_BITS = {
    MountFlags.RDONLY, MountFlags.NOSUID, MountFlags.NODEV, MountFlags.NOEXEC, MountFlags.NOATIME
  };
  private static final String[] ATTRIBUTES = {"RDONLY", "NOSUID", "NODEV", "NOEXEC", "NOATIME"};

  private MountStat() {}

  /** All fields that are set, in the order of the structure; several values: several lines. */
  public static Map<String, List<String>> of(
      KernelState state, Mount mount, Task task, Place root) {
    Map<String, List<String>> fields = new LinkedHashMap<>();
    Superblock superblock = state.superblocks.require(mount.superblock());
    Mount parent = state.mounts.get(mount.parent());
    Mount above = parent == null ? mount : parent;
    put(fields, "mnt_id", "0x" + Long.toHexString(mount.uniqueId()));
    put(fields, "mnt_parent_id", "0x" + Long.toHexString(above.uniqueId()));
    put(fields, "mnt_id_old", Integer.toString(mount.id()));
    put(fields, "mnt_parent_id_old", Integer.toString(above.id()));
    put(fields, "sb_dev", superblock.major() + ":" + superblock.minor());
    put(fields, "fs_type", superblock.type().latin1());
    put(fields, "fs_subtype", superblock.subtype().latin1());
    put(fields, "sb_source", mount.source() == null ? "" : mount.source().latin1());
    put(fields, "mnt_attr", attributes(mount));
    put(fields, "mnt_propagation", propagation(mount));
    put(fields, "mnt_peer_group", Integer.toString(mount.peerGroup()));
    Mount master = state.mounts.get(mount.master());
    put(fields, "mnt_master", master == null ? "0" : Integer.toString(master.peerGroup()));
    if (master != null) {
      put(fields, "propagate_from", Integer.toString(dominating(state, mount, root)));
    }
    put(fields, "mnt_root", PathText.inFilesystem(state, mount.root()).latin1());
    Place top = new Place(mount.key(), mount.root());
    if (PathText.reachable(state, top, root)) {
      put(fields, "mnt_point", PathText.names(state, top, root).latin1());
    }
    put(fields, "mnt_opts", superblock.options() == null ? "" : superblock.options().latin1());
    idmap(state, mount, fields);
    Namespace owner = state.namespaces.get(mount.owner());
    put(fields, "owner_level", Integer.toString(owner == null ? 0 : owner.level()));
    put(fields, "locked", Boolean.toString(mount.locked()));
    if (task != null) {
      put(fields, "may_umount", Boolean.toString(mayUmount(state, mount, task)));
    }
    put(fields, "frozen", Boolean.toString(mount.frozen()));
    return fields;
  }

  private static void put(Map<String, List<String>> fields, String key, String value) {
    if (!value.isEmpty()) {
      fields.put(key, List.of(value));
    }
  }

  /** mnt_to_attr_flags(). */
  private static String attributes(Mount mount) {
    List<String> names = new ArrayList<>();
    long flags = mount.flags();
    for (int i = 0; i < ATTRIBUTES.length; i++) {
      if ((flags & ATTRIBUTE_BITS[i]) != 0) {
        names.add("MOUNT_ATTR_" + ATTRIBUTES[i]);
      }
    }
    if ((flags & (MountFlags.NOATIME | MountFlags.RELATIME)) == 0) {
      names.add("MOUNT_ATTR_STRICTATIME");
    }
    if ((flags & MountFlags.NODIRATIME) != 0) {
      names.add("MOUNT_ATTR_NODIRATIME");
    }
    if (mount.idmap() != 0) {
      names.add("MOUNT_ATTR_IDMAP");
    }
    if ((flags & MountFlags.NOSYMFOLLOW) != 0) {
      names.add("MOUNT_ATTR_NOSYMFOLLOW");
    }
    if (mount.propagatesReadOnly()) {
      names.add("MOUNT_ATTR_PROPAGATE_RDONLY");
    }
    return names.isEmpty() ? "0" : String.join("|", names);
  }

  /** mnt_to_propagation_flags(). */
  private static String propagation(Mount mount) {
    List<String> names = new ArrayList<>();
    if (mount.unbindable()) {
      names.add("MS_UNBINDABLE");
    }
    if (mount.slave()) {
      names.add("MS_SLAVE");
    }
    if (mount.shared()) {
      names.add("MS_SHARED");
    }
    return names.isEmpty() ? "MS_PRIVATE" : String.join("|", names);
  }

  /**
   * get_dominating_id(): the nearest peer group upwards that has a member under this root; 0 if
   * none.
   */
  public static int dominating(KernelState state, Mount mount, Place root) {
    for (Mount m = state.mounts.get(mount.master()); m != null; m = state.mounts.get(m.master())) {
      for (long key : state.mountsByPeerGroup.keys(m.peerGroup())) {
        Mount peer = state.mounts.get(key);
        if (peer.namespace() == mount.namespace()
            && PathText.reachable(state, new Place(peer.key(), peer.root()), root)) {
          return peer.peerGroup();
        }
      }
    }
    return 0;
  }

  private static void idmap(KernelState state, Mount mount, Map<String, List<String>> fields) {
    UserNamespace map = state.userNamespaces.get(mount.idmap());
    if (map != null) {
      fields.put("uidmap", extents(map.uidMap()));
      fields.put("gidmap", extents(map.gidMap()));
    }
  }

  private static List<String> extents(List<UserNamespace.IdExtent> map) {
    List<String> lines = new ArrayList<>();
    for (UserNamespace.IdExtent extent : map) {
      lines.add(
          Integer.toUnsignedString(extent.inside())
              + " "
              + Integer.toUnsignedString(extent.outside())
              + " "
              + Integer.toUnsignedString(extent.count()));
    }
    return lines;
  }

  private static boolean mayUmount(KernelState state, Mount mount, Task task) {
    Namespace namespace = state.namespaces.get(mount.namespace());
    return namespace != null
        && mount.namespace() == task.namespaces().mount()
        && mount.parent() != 0
        && !mount.locked()
        && Capability.over(state, task.credentials(), namespace.owner(), Capability.SYS_ADMIN);
  }
}
