package io.kledger.view;

import io.kledger.engine.mount.MountStat;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.task.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The mounts of a namespace as statmount(2) tells of them, in the order of listmount(2). */
public final class StatMounts {
  /** The fields, under the names of struct statmount; the last ones are the ledger's own. */
  public static final List<String> COLUMNS =
      List.of(
          "mnt_id",
          "mnt_parent_id",
          "mnt_id_old",
          "mnt_parent_id_old",
          "mnt_ns_id",
          "sb_dev_major",
          "sb_dev_minor",
          "sb_source",
          "fs_type",
          "fs_subtype",
          "mnt_attr",
          "mnt_propagation",
          "mnt_peer_group",
          "mnt_master",
          "propagate_from",
          "mnt_root",
          "mnt_point",
          "mnt_opts",
          "mnt_uidmap",
          "mnt_gidmap",
          "owner_level",
          "locked",
          "may_umount",
          "frozen");

  private StatMounts() {}

  /**
   * All mounts that a root can reach. What the kernel leaves unset is null.
   *
   * @param viewer who asks; null if nobody in particular, which leaves {@code may_umount} unset
   */
  public static Sheet sheet(KernelState state, long namespace, Place root, Task viewer) {
    Sheet sheet = new Sheet(COLUMNS, new ArrayList<>());
    for (long key : state.mountsByNamespace.keys(namespace)) {
      Mount mount = state.mounts.require(key);
      if (MountInfo.reachable(state, mount, root)) {
        sheet.rows().add(row(state, mount, root, viewer));
      }
    }
    return sheet;
  }

  private static List<Object> row(KernelState state, Mount mount, Place root, Task viewer) {
    Map<String, List<String>> fields = MountStat.of(state, mount, viewer, root);
    Superblock superblock = state.superblocks.require(mount.superblock());
    Namespace namespace = state.namespaces.get(mount.namespace());
    Mount parent = state.mounts.get(mount.parent());
    List<Object> row = new ArrayList<>();
    for (String column : COLUMNS) {
      row.add(
          switch (column) {
            case "mnt_id" -> mount.uniqueId();
            case "mnt_parent_id" -> parent == null ? mount.uniqueId() : parent.uniqueId();
            case "mnt_ns_id" -> namespace == null || namespace.id() == 0 ? null : namespace.id();
            case "sb_dev_major" -> superblock.major();
            case "sb_dev_minor" -> superblock.minor();
            case "mnt_id_old",
                "mnt_parent_id_old",
                "mnt_peer_group",
                "mnt_master",
                "propagate_from",
                "owner_level" ->
                number(fields.get(column));
            case "mnt_attr", "mnt_propagation" -> words(fields.get(column));
            case "mnt_uidmap", "mnt_gidmap" -> fields.get(column.substring(4));
            case "locked", "may_umount", "frozen" -> truth(fields.get(column));
            default -> fields.containsKey(column) ? fields.get(column).getFirst() : null;
          });
    }
    return row;
  }

  private static Object number(List<String> values) {
    return values == null ? null : Long.parseLong(values.getFirst());
  }

  private static Object truth(List<String> values) {
    return values == null ? null : Boolean.parseBoolean(values.getFirst());
  }

  /** Names of bits; none is an empty list. */
  private static Object words(List<String> values) {
    if (values == null) {
      return null;
    }
    String text = values.getFirst();
    return text.equals("0") ? List.of() : List.of(text.split("\\|"));
  }
}
