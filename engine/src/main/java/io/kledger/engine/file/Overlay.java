package io.kledger.engine.file;

import io.kledger.engine.CallContext;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
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
  private static final int WHITEOUT = Inode.S_IFCHR;

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
    boolean merges = up == null || directory(state, up.key()) && !file;
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
  private static List<Lower> lowers(KernelState state, OverlayEntry above, Bytes name) {
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
      if (!dir) {
        break;
      }
    }
    return found;
  }

  private static Dentry child(KernelState state, long directory, Bytes name) {
    Dentry child = state.child(directory, name);
    return child == null || child.inode() == 0 || child.deleted() ? null : child;
  }

  private static Inode inode(KernelState state, long dentry) {
    return state.inodes.require(state.dentries.require(dentry).inode());
  }

  private static boolean directory(KernelState state, long dentry) {
    return inode(state, dentry).directory();
  }

  private static boolean whiteout(KernelState state, Dentry dentry) {
    Inode inode = inode(state, dentry.key());
    return (inode.mode() & Inode.S_IFMT) == WHITEOUT
        && inode.rdevMajor() == 0
        && inode.rdevMinor() == 0;
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
    if (raw.regular()) {
      context.put(Tables.INODES, inode.withSize(raw.size()));
      Bytes content = Contents.of(state, raw);
      if (content != null && !content.isEmpty()) {
        Contents.set(context, made.inode(), content);
      }
    }
    return made;
  }

  /** Makes all names of a directory: ovl_dir_read_merged(). */
  public static void list(CallContext context, long directory) {
    KernelState state = context.state();
    OverlayEntry above = entry(state, directory);
    if (above == null) {
      return;
    }
    List<Long> real = new ArrayList<>();
    if (above.upper() != 0) {
      real.add(above.upper());
    }
    above.lowers().forEach(lower -> real.add(lower.dentry()));
    for (long dir : real) {
      for (long key : state.dentriesByParent.keys(dir)) {
        Bytes name = state.dentries.require(key).name();
        if (state.child(directory, name) == null) {
          lookup(context, directory, name);
        }
      }
    }
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

  /** ovl_copy_up(): from now on the upper layer has it. */
  public static void copyUp(CallContext context, long key) {
    KernelState state = context.state();
    OverlayEntry entry = entry(state, key);
    if (entry == null || entry.upper() != 0) {
      return;
    }
    Dentry dentry = state.dentries.require(key);
    copyUp(context, dentry.parent());
    OverlayEntry above = entry(state, dentry.parent());
    Inode inode = state.inodes.require(dentry.inode());
    OverlayLayer upper = layer(state, dentry.superblock(), 0);
    if (above == null || upper == null) {
      return;
    }
    Dentry made =
        Dcache.createChild(
            context,
            above.upper(),
            dentry.name(),
            stored(
                state,
                upper,
                new Dcache.Spec(
                    inode.mode(),
                    inode.uid(),
                    inode.gid(),
                    inode.rdevMajor(),
                    inode.rdevMinor(),
                    inode.target())));
    context.put(
        Tables.OVERLAY_ENTRIES,
        new OverlayEntry(key, made.key(), inode.directory() ? entry.lowers() : List.of(), false));
    sync(context, key);
  }

  private static Dcache.Spec stored(KernelState state, OverlayLayer upper, Dcache.Spec spec) {
    return new Dcache.Spec(
        spec.mode(),
        Idmapped.stored(state, upper.mount(), spec.uid(), false),
        Idmapped.stored(state, upper.mount(), spec.gid(), true),
        spec.rdevMajor(),
        spec.rdevMinor(),
        spec.target());
  }

  /** What changed in the overlay changed in the upper layer. */
  public static void sync(CallContext context, long key) {
    KernelState state = context.state();
    OverlayEntry entry = entry(state, key);
    if (entry == null || entry.upper() == 0) {
      return;
    }
    Inode inode = inode(state, key);
    OverlayLayer upper = layer(state, state.dentries.require(key).superblock(), 0);
    Inode real = inode(state, entry.upper());
    Inode after =
        real.withMode(inode.mode())
            .withOwner(
                Idmapped.stored(state, upper.mount(), inode.uid(), false),
                Idmapped.stored(state, upper.mount(), inode.gid(), true));
    if (inode.regular()) {
      after = after.withSize(inode.size());
    }
    if (!after.equals(real)) {
      context.put(Tables.INODES, after);
    }
    Bytes content = inode.regular() ? Contents.of(state, inode) : null;
    if (content != null) {
      Contents.set(context, real.key(), content);
    }
  }

  /** A new name: it is made in the upper layer, where a whiteout gives way. */
  static Dentry create(CallContext context, long directory, Bytes name, Dcache.Spec spec) {
    KernelState state = context.state();
    copyUp(context, directory);
    long upperDirectory = entry(state, directory).upper();
    clear(context, upperDirectory, name);
    OverlayLayer upper = layer(state, state.dentries.require(directory).superblock(), 0);
    Dentry real = Dcache.createChild(context, upperDirectory, name, stored(state, upper, spec));
    Dentry made = Dcache.make(context, directory, name, spec);
    context.put(Tables.OVERLAY_ENTRIES, new OverlayEntry(made.key(), real.key(), List.of(), false));
    return made;
  }

  private static void clear(CallContext context, long upperDirectory, Bytes name) {
    Dentry old = child(context.state(), upperDirectory, name);
    if (old != null && whiteout(context.state(), old)) {
      Dcache.unlink(context, old);
    }
  }

  /** A name goes: the upper layer loses it, and hides what lower layers have under it. */
  static void unlinked(CallContext context, Dentry dentry) {
    KernelState state = context.state();
    OverlayEntry entry = entry(state, dentry.key());
    if (entry == null) {
      return;
    }
    copyUp(context, dentry.parent());
    OverlayEntry above = entry(state, dentry.parent());
    Dentry real = entry.upper() == 0 ? null : state.dentries.get(entry.upper());
    if (real != null && !real.deleted()) {
      Dcache.unlink(context, real);
    }
    context.remove(Tables.OVERLAY_ENTRIES, dentry.key());
    hide(context, above, dentry.name());
  }

  private static void hide(CallContext context, OverlayEntry above, Bytes name) {
    if (above != null && !lowers(context.state(), above, name).isEmpty()) {
      Dcache.createChild(
          context, above.upper(), name, new Dcache.Spec(WHITEOUT, 0, 0, 0, 0, Bytes.EMPTY));
    }
  }

  /** A name moves within the overlay; a directory only if it is of the upper layer alone. */
  static void moved(CallContext context, Dentry dentry, long directory, Bytes name) {
    KernelState state = context.state();
    if (entry(state, dentry.key()) == null) {
      return;
    }
    copyUp(context, dentry.key());
    copyUp(context, directory);
    long upperDirectory = entry(state, directory).upper();
    clear(context, upperDirectory, name);
    Dentry real = state.dentries.require(entry(state, dentry.key()).upper());
    Dcache.move(context, real, upperDirectory, name);
    hide(context, entry(state, dentry.parent()), dentry.name());
  }
}
