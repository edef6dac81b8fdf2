package io.kledger.engine.syscall;

import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.ns.NamespaceKind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What statmount(2) writes: struct statmount with the members that its mask asks for. */
final class StatmountAnswer {
  private static final long OWNER = 1L << 32;
  private static final long SUPPORTED = 0x7fff;

  /** A member of the structure. */
  private enum Form {
    NUMBER,
    STRING,
    LIST
  }

  /**
   * A group of members that one bit of the mask asks for.
   *
   * @param presence the field whose presence sets the bit in the answer; null: it is always set
   */
  private record Group(String name, long bit, String presence, Form form, List<String> members) {
    static Group numbers(String name, long bit, String... members) {
      return new Group(name, bit, null, Form.NUMBER, List.of(members));
    }

    static Group string(String name, long bit, String member) {
      return new Group(name, bit, member, Form.STRING, List.of(member));
    }

    static Group list(String name, long bit, String member) {
      return new Group(name, bit, member, Form.LIST, List.of(member));
    }
  }

  private static final List<Group> GROUPS =
      List.of(
          Group.numbers("SB_BASIC", 0x1, "sb_dev", "sb_dev_major", "sb_dev_minor"),
          Group.numbers(
              "MNT_BASIC",
              0x2,
              "mnt_id",
              "mnt_parent_id",
              "mnt_id_old",
              "mnt_parent_id_old",
              "mnt_attr",
              "mnt_propagation",
              "mnt_peer_group",
              "mnt_master"),
          Group.numbers("PROPAGATE_FROM", 0x4, "propagate_from"),
          Group.string("MNT_ROOT", 0x8, "mnt_root"),
          Group.string("MNT_POINT", 0x10, "mnt_point"),
          Group.string("FS_TYPE", 0x20, "fs_type"),
          Group.numbers("MNT_NS_ID", 0x40, "mnt_ns_id"),
          Group.string("MNT_OPTS", 0x80, "mnt_opts"),
          Group.string("FS_SUBTYPE", 0x100, "fs_subtype"),
          Group.string("SB_SOURCE", 0x200, "sb_source"),
          Group.numbers("SUPPORTED_MASK", 0x1000, "supported_mask"),
          Group.list("MNT_UIDMAP", 0x2000, "mnt_uidmap"),
          Group.list("MNT_GIDMAP", 0x4000, "mnt_gidmap"),
          Group.numbers(
              "MNT_OWNER",
              OWNER,
              "owner_userns_inode",
              "owner_userns_level",
              "ns_userns_inode",
              "locked",
              "may_umount"));

  private StatmountAnswer() {}

  /**
   * The structure as a trace prints it. Members that were not asked for, or that the mount has not,
   * are zero or empty; {@code mask} names those that are there.
   *
   * @param fields of MountStat
   * @param wanted the mask of the request
   */
  static Bytes text(
      CallContext context, Mount mount, Map<String, List<String>> fields, long wanted) {
    boolean owners = context.profile().has(KernelFeature.MOUNT_OWNER);
    Map<String, List<String>> all = members(context.state(), mount, fields, owners);
    List<String> mask = new ArrayList<>();
    List<String> shown = new ArrayList<>();
    for (Group group : GROUPS) {
      boolean known = group.bit() != OWNER || owners;
      boolean there = group.presence() == null || all.containsKey(group.presence());
      boolean answered = known && there && (wanted & group.bit()) != 0;
      if (answered) {
        mask.add("STATMOUNT_" + group.name());
      }
      for (String member : known ? group.members() : List.<String>of()) {
        List<String> value = answered ? all.getOrDefault(member, List.of()) : List.of();
        shown.add(member + "=" + print(group.form(), value));
      }
    }
    shown.addFirst("mask=" + (mask.isEmpty() ? "0" : String.join("|", mask)));
    String text = "{" + String.join(", ", shown) + "}";
    return Bytes.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static Map<String, List<String>> members(
      KernelState state, Mount mount, Map<String, List<String>> fields, boolean owners) {
    Map<String, List<String>> all = new LinkedHashMap<>(fields);
    String[] device = fields.get("sb_dev").getFirst().split(":");
    all.put("sb_dev_major", List.of(device[0]));
    all.put("sb_dev_minor", List.of(device[1]));
    Namespace namespace = state.namespaces.get(mount.namespace());
    all.put("mnt_ns_id", List.of("0x" + Long.toHexString(namespace.id())));
    all.put("supported_mask", List.of("0x" + Long.toHexString(SUPPORTED | (owners ? OWNER : 0))));
    if (fields.containsKey("uidmap")) {
      all.put("mnt_uidmap", fields.get("uidmap"));
      all.put("mnt_gidmap", fields.get("gidmap"));
    }
    all.put("owner_userns_inode", List.of(inode(state, mount.owner())));
    all.put("owner_userns_level", fields.get("owner_level"));
    all.put("ns_userns_inode", List.of(inode(state, namespace.owner())));
    return all;
  }

  private static String inode(KernelState state, long userNs) {
    Namespace namespace = state.namespaces.get(userNs);
    boolean user = namespace != null && namespace.kind() == NamespaceKind.USER;
    return user ? Long.toString(namespace.inode()) : "0";
  }

  private static String print(Form form, List<String> value) {
    return switch (form) {
      case NUMBER -> value.isEmpty() ? "0" : value.getFirst();
      case STRING -> value.isEmpty() ? "\"\"" : '"' + value.getFirst() + '"';
      case LIST -> {
        List<String> quoted = new ArrayList<>();
        value.forEach(line -> quoted.add('"' + line + '"'));
        yield "[" + String.join(", ", quoted) + "]";
      }
    };
  }
}
