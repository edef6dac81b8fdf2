package io.kledger.view;

import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.path.PathText;
import io.kledger.kernel.task.FsStruct;
import io.kledger.kernel.task.Task;
import java.util.ArrayList;
import java.util.List;

/** The text of /proc/PID/mountinfo: show_mountinfo() of fs/proc_namespace.c. */
public final class MountInfo {
  private static final long RDONLY = 1;

  /** MS_* bits of a mount, in the order of show_mnt_opts(). */
  private static final long[] MOUNT_BITS = {2, 4, 8, 1024, 2048, 1 << 21, 256};

  private static final String[] MOUNT_NAMES = {
    ",nosuid", ",nodev", ",noexec", ",noatime", ",nodiratime", ",relatime", ",nosymfollow"
  };

  /** SB_* bits, in the order of show_sb_opts(). */
  private static final long[] SUPER_BITS = {16, 128, 64, 1 << 25};

  private static final String[] SUPER_NAMES = {",sync", ",dirsync", ",mand", ",lazytime"};

  private MountInfo() {}

  /** What a task reads from its /proc/PID/mountinfo; one char a byte. */
  public static List<String> lines(KernelState state, Task task) {
    FsStruct fs = state.fs.get(task.fs());
    return fs == null
        ? List.of()
        : lines(state, task.namespaces().mount(), fs.root(), task.namespaces().cgroup());
  }

  /** The mounts of a namespace that can be reached from a root, in the order of their creation. */
  public static List<String> lines(KernelState state, long namespace, Place root) {
    return lines(state, namespace, root, 0);
  }

  /**
   * The same with the optional tags that the ledger adds behind those of propagation: owner, {@code
   * locked}, {@code frozen}, {@code propagate_ro}.
   */
  public static List<String> extended(KernelState state, Task task) {
    FsStruct fs = state.fs.get(task.fs());
    return fs == null
        ? List.of()
        : lines(state, task.namespaces().mount(), fs.root(), task.namespaces().cgroup(), true);
  }

  private static List<String> lines(
      KernelState state, long namespace, Place root, long cgroupNamespace) {
    return lines(state, namespace, root, cgroupNamespace, false);
  }

  private static List<String> lines(
      KernelState state, long namespace, Place root, long cgroupNamespace, boolean extended) {
    List<String> lines = new ArrayList<>();
    for (long key : state.mountsByNamespace.keys(namespace)) {
      Mount mount = state.mounts.get(key);
      if (reachable(state, mount, root)) {
        lines.add(
            line(state, mount, root, cgroupNamespace, extended ? extensions(state, mount) : ""));
      }
    }
    return lines;
  }

  /** is_path_reachable() of the mount's root. */
  static boolean reachable(KernelState state, Mount mount, Place root) {
    return !root.known() || PathText.reachable(state, new Place(mount.key(), mount.root()), root);
  }

  private static String extensions(KernelState state, Mount mount) {
    StringBuilder text = new StringBuilder();
    Namespace owner = state.namespaces.get(mount.owner());
    if (owner != null && owner.inode() != 0) {
      text.append(" userns:").append(owner.inode());
    }
    text.append(mount.locked() ? " locked" : "");
    text.append(mount.frozen() ? " frozen" : "");
    return text.append(mount.propagatesReadOnly() ? " propagate_ro" : "").toString();
  }

  private static String line(
      KernelState state, Mount mount, Place root, long cgroupNamespace, String extensions) {
    Superblock superblock = state.superblocks.get(mount.superblock());
    Mount parent = state.mounts.get(mount.parent());
    StringBuilder text = new StringBuilder();
    text.append(mount.id()).append(' ');
    text.append(parent == null ? mount.id() : parent.id()).append(' ');
    text.append(superblock.major()).append(':').append(superblock.minor()).append(' ');
    text.append(RootText.of(state, superblock, mount.root(), cgroupNamespace)).append(' ');
    Place top = new Place(mount.key(), mount.root());
    text.append(Mangle.path(PathText.names(state, top, root)));
    text.append(' ').append(options(mount)).append(tags(state, mount, root));
    text.append(extensions);
    text.append(" - ").append(type(superblock)).append(' ');
    text.append(mount.source() == null ? "none" : Mangle.source(mount.source()));
    return text.append(' ').append(superOptions(superblock)).toString();
  }

  /** {@code rw,nosuid,relatime}. */
  static String options(Mount mount) {
    StringBuilder text = new StringBuilder((mount.flags() & RDONLY) != 0 ? "ro" : "rw");
    names(text, mount.flags(), MOUNT_BITS, MOUNT_NAMES);
    if (mount.idmap() != 0) {
      text.append(",idmapped");
    }
    return text.toString();
  }

  /** Type with subtype: {@code fuse.sshfs}. */
  static String type(Superblock superblock) {
    String type = Mangle.source(superblock.type());
    return superblock.subtype() == null || superblock.subtype().isEmpty()
        ? type
        : type + "." + Mangle.source(superblock.subtype());
  }

  /** Options of the superblock, {@code rw} or {@code ro} first. */
  static String superOptions(Superblock superblock) {
    StringBuilder text = new StringBuilder((superblock.flags() & RDONLY) != 0 ? "ro" : "rw");
    names(text, superblock.flags(), SUPER_BITS, SUPER_NAMES);
    if (superblock.options() != null && !superblock.options().isEmpty()) {
      text.append(',').append(superblock.options().latin1());
    }
    return text.toString();
  }

  private static void names(StringBuilder text, long flags, long[] bits, String[] names) {
    for (int i = 0; i < bits.length; i++) {
      if ((flags & bits[i]) != 0) {
        text.append(names[i]);
      }
    }
  }

  /** {@code shared:N master:N propagate_from:N unbindable}, each with a blank before. */
  static String tags(KernelState state, Mount mount, Place root) {
    StringBuilder text = new StringBuilder();
    if (mount.peerGroup() != 0) {
      text.append(" shared:").append(mount.peerGroup());
    }
    Mount master = state.mounts.get(mount.master());
    if (master != null) {
      text.append(" master:").append(master.peerGroup());
      int dominating = dominating(state, mount, root);
      if (dominating != 0 && dominating != master.peerGroup()) {
        text.append(" propagate_from:").append(dominating);
      }
    }
    return mount.unbindable() ? text.append(" unbindable").toString() : text.toString();
  }

  /** get_dominating_id(): the nearest peer group upwards that has a member under this root. */
  private static int dominating(KernelState state, Mount mount, Place root) {
    for (Mount m = state.mounts.get(mount.master()); m != null; m = state.mounts.get(m.master())) {
      for (long key : state.mountsByPeerGroup.keys(m.peerGroup())) {
        Mount peer = state.mounts.get(key);
        if (peer.namespace() == mount.namespace() && reachable(state, peer, root)) {
          return peer.peerGroup();
        }
      }
    }
    return 0;
  }

  /** The mount point of a mount as a path below a root. */
  public static Bytes mountPoint(KernelState state, Mount mount, Place root) {
    return PathText.names(state, new Place(mount.key(), mount.root()), root);
  }
}
