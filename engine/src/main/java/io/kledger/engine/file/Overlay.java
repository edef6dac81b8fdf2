package io.kledger.engine.file;

import io.kledger.engine.CallContext;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.file.Xattr;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.overlay.OverlayEntry;
import io.kledger.kernel.overlay.OverlayEntry.Lower;
import io.kledger.kernel.overlay.OverlayLayer;
import io.kledger.kernel.path.PathText;
import java.util.ArrayList;
import java.util.List;

/**
 * Names of an overlay whose layers the ledger knows: ovl_lookup(), ovl_copy_up(), whiteouts. A name
 * of the overlay is made when it is first looked up.
 */
public final class Overlay {
  static final int WHITEOUT = Inode.S_IFCHR;
  private static final Bytes PRIVATE = Bytes.of("trusted.overlay.");
  static final Bytes OPAQUE = Bytes.of("trusted.overlay.opaque");

  private Overlay() {}

  /** What a dentry of an overlay is made of; null if it is none. */
  public static OverlayEntry entry(KernelState state, long dentry) {
    return state.overlayEntries.size() == 0 ? null : state.overlayEntries.get(dentry);
  }

  /** Whether an immutable layer provides the file. */
  public static boolean guarded(KernelState state, long dentry) {
    OverlayEntry entry = entry(state, dentry);
    return entry != null && entry.guarded();
  }

  /** A layer of an overlay, or null. */
  public static OverlayLayer layer(KernelState state, long superblock, int index) {
    for (long key : state.overlayLayersBySuperblock.keys(superblock)) {
      OverlayLayer layer = state.overlayLayers.require(key);
      if (layer.index() == index) {
        return layer;
      }
    }
    return null;
  }

  /** The dentry of a name, made of the layers if it was not yet; null if there is none. */
  public static Dentry lookup(CallContext context, long directory, Bytes name) {
    KernelState state = context.state();
    OverlayEntry above = entry(state, directory);
    if (above == null) {
      return null;
    }
    long superblock = state.dentries.require(directory).superblock();
    Dentry up = above.upper() == 0 ? null : child(state, above.upper(), name);
    List<Lower> lowers = lowers(state, above, name);
    boolean file = !lowers.isEmpty() && !directory(state, lowers.getFirst().dentry());
    boolean guarded = file && layer(state, superblock, lowers.getFirst().layer()).immutable();
    if (guarded && up != null) {
      Place place = place(state, directory);
      context.notice(
          "overlay.conflict",
          "path",
          (PathText.fromTop(state, place).latin1() + "/" + name.latin1()).replace("//", "/"));
      up = null;
    }
    if (up != null && whiteout(state, up) || up == null && lowers.isEmpty()) {
      return null;
    }
    boolean merges = up == null || directory(state, up.key()) && !file && !opaque(state, up.key());
    OverlayLayer top = layer(state, superblock, up != null ? 0 : lowers.getFirst().layer());
    Dentry real = up != null ? up : state.dentries.require(lowers.getFirst().dentry());
    Dentry made = materialise(context, directory, name, top, real);
    context.put(
        Tables.OVERLAY_ENTRIES,
        new OverlayEntry(
            made.key(), up == null ? 0 : up.key(), merges ? lowers : List.of(), guarded));
    return made;
  }

  /** A place of the dentry through some mount of its overlay. */
  private static Place place(KernelState state, long dentry) {
    long superblock = state.dentries.require(dentry).superblock();
    for (long key : state.mountsBySuperblock.keys(superblock)) {
      Mount mount = state.mounts.require(key);
      if (mount.namespace() != 0) {
        return new Place(key, dentry);
      }
    }
    return Place.UNKNOWN;
  }

  /** Lower dentries of a name: the first, and of directories those that merge with it. */
  static List<Lower> lowers(KernelState state, OverlayEntry above, Bytes name) {
    List<Lower> found = new ArrayList<>();
    for (Lower lower : above.lowers()) {
      Dentry child = child(state, lower.dentry(), name);
      if (child == null) {
        continue;
      }
      boolean dir = directory(state, child.key());
      if (whiteout(state, child) || !dir && !found.isEmpty()) {
        break;
      }
      found.add(new Lower(lower.layer(), child.key()));
      if (!dir || opaque(state, child.key())) {
        break;
      }
    }
    return found;
  }

  static Dentry child(KernelState state, long directory, Bytes name) {
    Dentry child = state.child(directory, name);
    return child == null || child.inode() == 0 || child.deleted() ? null : child;
  }

  static Inode inode(KernelState state, long dentry) {
    return state.inodes.require(state.dentries.require(dentry).inode());
  }

  static boolean directory(KernelState state, long dentry) {
    return inode(state, dentry).directory();
  }

  static boolean whiteout(KernelState state, Dentry dentry) {
    Inode inode = inode(state, dentry.key());
    return (inode.mode() & Inode.S_IFMT) == WHITEOUT
        && inode.rdevMajor() == 0
        && inode.rdevMinor() == 0;
  }

  /** ovl_path_is_opaque(): what is below a directory of its name does not show. */
  private static boolean opaque(KernelState state, long dentry) {
    long inode = state.dentries.require(dentry).inode();
    for (long key : state.xattrsByInode.keys(inode)) {
      if (state.xattrs.require(key).name().equals(OPAQUE)) {
        return true;
      }
    }
    return false;
  }

  private static Dentry materialise(
      CallContext context, long directory, Bytes name, OverlayLayer layer, Dentry real) {
    KernelState state = context.state();
    Inode raw = state.inodes.require(real.inode());
    Inode seen = Idmapped.view(state, layer.mount(), raw);
    Dentry made =
        Dcache.make(
            context,
            directory,
            name,
            new Dcache.Spec(
                raw.mode(),
                seen.uid(),
                seen.gid(),
                raw.rdevMajor(),
                raw.rdevMinor(),
                raw.target()));
    Inode inode = state.inodes.require(made.inode());
    copyXattrs(context, raw.key(), made.inode());
    if (raw.regular()) {
      context.put(Tables.INODES, inode.withSize(raw.size()));
      Bytes content = Contents.of(state, raw);
      if (content != null && !content.isEmpty()) {
        Contents.set(context, made.inode(), content);
      }
    }
    return made;
  }

  /** All but what overlayfs keeps for itself. */
  static void copyXattrs(CallContext context, long from, long to) {
    KernelState state = context.state();
    List<Bytes> kept = new ArrayList<>();
    for (long key : state.xattrsByInode.keys(from)) {
      Xattr row = state.xattrs.require(key);
      if (row.name().startsWith(PRIVATE)) {
        continue;
      }
      kept.add(row.name());
      Xattr old = xattr(state, to, row.name());
      if (old == null) {
        context.put(Tables.XATTRS, new Xattr(context.newKey(), to, row.name(), row.value()));
      } else if (!old.value().equals(row.value())) {
        context.put(Tables.XATTRS, old.withValue(row.value()));
      }
    }
    for (long key : state.xattrsByInode.keys(to)) {
      Xattr row = state.xattrs.require(key);
      if (!row.name().startsWith(PRIVATE) && !kept.contains(row.name())) {
        context.remove(Tables.XATTRS, key);
      }
    }
  }

  private static Xattr xattr(KernelState state, long inode, Bytes name) {
    for (long key : state.xattrsByInode.keys(inode)) {
      Xattr row = state.xattrs.require(key);
      if (row.name().equals(name)) {
        return row;
      }
    }
    return null;
  }

  /** The names of a directory, also those that nobody looked up yet. */
  public static List<Bytes> names(KernelState state, long directory) {
    List<Bytes> names = new ArrayList<>();
    OverlayEntry above = entry(state, directory);
    if (above == null) {
      return names;
    }
    long superblock = state.dentries.require(directory).superblock();
    for (Bytes name : candidates(state, above)) {
      if (state.child(directory, name) == null && shows(state, above, superblock, name)) {
        names.add(name);
      }
    }
    return names;
  }

  private static boolean shows(KernelState state, OverlayEntry above, long superblock, Bytes name) {
    Dentry up = above.upper() == 0 ? null : child(state, above.upper(), name);
    List<Lower> lowers = lowers(state, above, name);
    boolean guarded =
        !lowers.isEmpty()
            && !directory(state, lowers.getFirst().dentry())
            && layer(state, superblock, lowers.getFirst().layer()).immutable();
    return guarded || up == null ? !lowers.isEmpty() : !whiteout(state, up);
  }

  private static List<Bytes> candidates(KernelState state, OverlayEntry above) {
    List<Long> real = new ArrayList<>();
    if (above.upper() != 0) {
      real.add(above.upper());
    }
    above.lowers().forEach(lower -> real.add(lower.dentry()));
    List<Bytes> names = new ArrayList<>();
    for (long dir : real) {
      for (long key : state.dentriesByParent.keys(dir)) {
        Bytes name = state.dentries.require(key).name();
        if (!names.contains(name)) {
          names.add(name);
        }
      }
    }
    return names;
  }

  /** Makes all names of a directory: ovl_dir_read_merged(). */
  public static void list(CallContext context, long directory) {
    KernelState state = context.state();
    OverlayEntry above = entry(state, directory);
    if (above == null) {
      return;
    }
    names(state, directory).forEach(name -> lookup(context, directory, name));
  }

  /** Whether a directory holds, at any depth, a file of an immutable layer. */
  public static boolean holdsGuarded(CallContext context, long directory) {
    KernelState state = context.state();
    if (entry(state, directory) == null) {
      return false;
    }
    list(context, directory);
    for (long key : state.dentriesByParent.keys(directory)) {
      OverlayEntry entry = entry(state, key);
      boolean dir = entry != null && directory(state, key);
      if (entry != null && (entry.guarded() || dir && holdsGuarded(context, key))) {
        return true;
      }
    }
    return false;
  }

  /** Whether a directory has parts in lower layers: it cannot be renamed (EXDEV). */
  public static boolean mergedDirectory(KernelState state, long dentry) {
    OverlayEntry entry = entry(state, dentry);
    return entry != null && !entry.lowers().isEmpty() && directory(state, dentry);
  }

  /** Whether the overlay was mounted with redirect_dir=on. */
  public static boolean redirects(KernelState state, long dentry) {
    Superblock superblock = state.superblocks.get(state.dentries.require(dentry).superblock());
    return superblock != null && superblock.options().latin1().contains("redirect_dir=on");
  }
}
