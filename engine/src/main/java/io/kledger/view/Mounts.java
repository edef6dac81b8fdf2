package io.kledger.view;

import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.block.BlockHandle;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.path.PathText;
import java.util.ArrayList;
import java.util.List;

/** Mounts under the columns of findmnt(8), and what only a ledger knows. */
public final class Mounts {
  /** All columns. */
  public static final List<String> COLUMNS =
      List.of(
          "TARGET",
          "SOURCE",
          "FSTYPE",
          "OPTIONS",
          "PROPAGATION",
          "ID",
          "PARENT",
          "MAJ:MIN",
          "FSROOT",
          "VFS-OPTIONS",
          "FS-OPTIONS",
          "SHARED",
          "MASTER",
          "UNIQ-ID",
          "NS",
          "OWNER-USERNS",
          "CREATED",
          "CAUSE",
          "INFERRED",
          "DISKSEQ",
          "DEPTH");

  /** The columns of findmnt without options. */
  public static final List<String> DEFAULT = List.of("TARGET", "SOURCE", "FSTYPE", "OPTIONS");

  private final KernelState state;
  private final Place root;

  private Mounts(KernelState state, Place root) {
    this.state = state;
    this.root = root;
  }

  /**
   * The mounts of a namespace that a root can reach.
   *
   * @param tree parents before children, siblings as attached; else in the order of mountinfo
   */
  public static Sheet sheet(KernelState state, long namespace, Place root, boolean tree) {
    Mounts view = new Mounts(state, root);
    Sheet sheet = new Sheet(COLUMNS, new ArrayList<>());
    List<Mount> mounts = new ArrayList<>();
    for (long key : state.mountsByNamespace.keys(namespace)) {
      Mount mount = state.mounts.get(key);
      if (MountInfo.reachable(state, mount, root)) {
        mounts.add(mount);
      }
    }
    if (!tree) {
      mounts.forEach(mount -> view.row(sheet, mount, 0));
      return sheet;
    }
    for (Mount mount : mounts) {
      Mount parent = state.mounts.get(mount.parent());
      if (parent == null || !mounts.contains(parent)) {
        view.branch(sheet, mount, 0, mounts);
      }
    }
    return sheet;
  }

  /** One mount, by its name from the root of its tree; none if it is gone. */
  static Sheet sheet(KernelState state, long mount) {
    Sheet sheet = new Sheet(COLUMNS, new ArrayList<>());
    Mount row = state.mounts.get(mount);
    if (row != null) {
      new Mounts(state, Place.UNKNOWN).row(sheet, row, 0);
    }
    return sheet;
  }

  private void branch(Sheet sheet, Mount mount, int depth, List<Mount> shown) {
    row(sheet, mount, depth);
    for (long key : state.mountsByParent.keys(mount.key())) {
      Mount child = state.mounts.get(key);
      if (shown.contains(child)) {
        branch(sheet, child, depth + 1, shown);
      }
    }
  }

  private void row(Sheet sheet, Mount mount, int depth) {
    Superblock superblock = state.superblocks.get(mount.superblock());
    Mount parent = state.mounts.get(mount.parent());
    Mount master = state.mounts.get(mount.master());
    Namespace namespace = state.namespaces.get(mount.namespace());
    String vfs = MountInfo.options(mount);
    String fs = MountInfo.superOptions(superblock);
    BlockHandle device = state.blockHandles.get(superblock.key());
    Bytes fsroot = PathText.inFilesystem(state, mount.root());
    sheet.row(
        PathText.names(state, new Place(mount.key(), mount.root()), root),
        source(mount, fsroot),
        MountInfo.type(superblock),
        joined(vfs, fs),
        propagation(mount),
        mount.id(),
        parent == null ? mount.id() : parent.id(),
        superblock.major() + ":" + superblock.minor(),
        fsroot,
        vfs,
        fs,
        mount.peerGroup() == 0 ? null : mount.peerGroup(),
        master == null ? null : master.peerGroup(),
        mount.uniqueId(),
        namespace == null ? null : namespace.inode(),
        namespace == null ? null : Tasks.inode(state, namespace.owner()),
        mount.cause().position(),
        mount.cause().kind().name(),
        mount.cause().kind() == io.kledger.kernel.mount.MountCause.Kind.INFERRED,
        device == null ? null : device.diskseq(),
        depth);
  }

  /** findmnt: a mount of a subdirectory shows it after the source, in brackets. */
  private static Bytes source(Mount mount, Bytes fsroot) {
    Bytes source = mount.source() == null ? Bytes.of("none") : mount.source();
    return fsroot.equals(Bytes.of("/"))
        ? source
        : source.plus(Bytes.of("[")).plus(fsroot).plus(Bytes.of("]"));
  }

  /** Options of both, each once. */
  private static String joined(String vfs, String fs) {
    boolean readOnly = vfs.startsWith("ro") || fs.startsWith("ro");
    StringBuilder text = new StringBuilder(readOnly ? "ro" : "rw");
    text.append(vfs.substring(2)).append(fs.substring(2));
    return text.toString();
  }

  private static String propagation(Mount mount) {
    List<String> words = new ArrayList<>();
    words.add(mount.peerGroup() != 0 ? "shared" : "private");
    if (mount.master() != 0) {
      words.add("slave");
    }
    if (mount.unbindable()) {
      words.add("unbindable");
    }
    return String.join(",", words);
  }
}
