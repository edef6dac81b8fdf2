package io.kledger.engine.file;

import io.kledger.engine.CallContext;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.Xattr;
import io.kledger.kernel.overlay.OverlayEntry;
import io.kledger.kernel.overlay.OverlayLayer;
import java.util.List;

/**
 * Changes of an overlay go to its upper layer: ovl_copy_up(), whiteouts, opaque directories. The
 * overlay's own inode has what is seen, the upper one what stays.
 */
public final class OverlayUpper {
  private OverlayUpper() {}

  /** ovl_copy_up(): from now on the upper layer has it. */
  public static void copyUp(CallContext context, long key) {
    KernelState state = context.state();
    OverlayEntry entry = Overlay.entry(state, key);
    if (entry == null || entry.upper() != 0) {
      return;
    }
    Dentry dentry = state.dentries.require(key);
    copyUp(context, dentry.parent());
    OverlayEntry above = Overlay.entry(state, dentry.parent());
    Inode inode = state.inodes.require(dentry.inode());
    OverlayLayer upper = Overlay.layer(state, dentry.superblock(), 0);
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
    OverlayEntry entry = Overlay.entry(state, key);
    if (entry == null || entry.upper() == 0) {
      return;
    }
    Inode inode = Overlay.inode(state, key);
    OverlayLayer upper = Overlay.layer(state, state.dentries.require(key).superblock(), 0);
    Inode real = Overlay.inode(state, entry.upper());
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
    Overlay.copyXattrs(context, inode.key(), real.key());
    Bytes content = inode.regular() ? Contents.of(state, inode) : null;
    if (content != null) {
      Contents.set(context, real.key(), content);
    }
  }

  /** Data or attributes of an inode changed: so do those of the upper layer. */
  public static void changed(CallContext context, long inode) {
    KernelState state = context.state();
    if (state.overlayEntries.size() == 0) {
      return;
    }
    for (long key : state.dentriesByInode.keys(inode)) {
      if (Overlay.entry(state, key) != null) {
        copyUp(context, key);
        sync(context, key);
      }
    }
  }

  /** Another name for a file, in the upper layer too. */
  static void linked(CallContext context, long directory, Dentry made) {
    KernelState state = context.state();
    long source = 0;
    for (long key : state.dentriesByInode.keys(made.inode())) {
      source = Overlay.entry(state, key) != null ? key : source;
    }
    if (source == 0) {
      return;
    }
    copyUp(context, source);
    copyUp(context, directory);
    long upperDirectory = Overlay.entry(state, directory).upper();
    clear(context, upperDirectory, made.name());
    long real = state.dentries.require(Overlay.entry(state, source).upper()).inode();
    Dentry other = Dcache.link(context, upperDirectory, made.name(), real);
    context.put(
        Tables.OVERLAY_ENTRIES, new OverlayEntry(made.key(), other.key(), List.of(), false));
  }

  /** A new name: it is made in the upper layer, where a whiteout gives way. */
  static Dentry create(CallContext context, long directory, Bytes name, Dcache.Spec spec) {
    KernelState state = context.state();
    copyUp(context, directory);
    long upperDirectory = Overlay.entry(state, directory).upper();
    clear(context, upperDirectory, name);
    OverlayLayer upper = Overlay.layer(state, state.dentries.require(directory).superblock(), 0);
    Dentry real = Dcache.createChild(context, upperDirectory, name, stored(state, upper, spec));
    boolean dir = (spec.mode() & Inode.S_IFMT) == Inode.S_IFDIR;
    if (dir && !Overlay.lowers(state, Overlay.entry(state, directory), name).isEmpty()) {
      context.put(
          Tables.XATTRS, new Xattr(context.newKey(), real.inode(), Overlay.OPAQUE, Bytes.of("y")));
    }
    Dentry made = Dcache.make(context, directory, name, spec);
    context.put(Tables.OVERLAY_ENTRIES, new OverlayEntry(made.key(), real.key(), List.of(), false));
    return made;
  }

  private static void clear(CallContext context, long upperDirectory, Bytes name) {
    Dentry old = Overlay.child(context.state(), upperDirectory, name);
    if (old != null && Overlay.whiteout(context.state(), old)) {
      Dcache.unlink(context, old);
    }
  }

  /** A name goes: the upper layer loses it, and hides what lower layers have under it. */
  static void unlinked(CallContext context, Dentry dentry) {
    KernelState state = context.state();
    OverlayEntry entry = Overlay.entry(state, dentry.key());
    if (entry == null) {
      return;
    }
    copyUp(context, dentry.parent());
    OverlayEntry above = Overlay.entry(state, dentry.parent());
    Dentry real = entry.upper() == 0 ? null : state.dentries.get(entry.upper());
    if (real != null && !real.deleted()) {
      Dcache.unlink(context, real);
    }
    context.remove(Tables.OVERLAY_ENTRIES, dentry.key());
    hide(context, above, dentry.name());
  }

  private static void hide(CallContext context, OverlayEntry above, Bytes name) {
    if (above != null && !Overlay.lowers(context.state(), above, name).isEmpty()) {
      Dcache.createChild(
          context, above.upper(), name, new Dcache.Spec(Overlay.WHITEOUT, 0, 0, 0, 0, Bytes.EMPTY));
    }
  }

  /** A name moves within the overlay; a directory only if it is of the upper layer alone. */
  static void moved(CallContext context, Dentry dentry, long directory, Bytes name) {
    KernelState state = context.state();
    if (Overlay.entry(state, dentry.key()) == null) {
      return;
    }
    copyUp(context, dentry.key());
    copyUp(context, directory);
    long upperDirectory = Overlay.entry(state, directory).upper();
    clear(context, upperDirectory, name);
    Dentry real = state.dentries.require(Overlay.entry(state, dentry.key()).upper());
    Dcache.move(context, real, upperDirectory, name);
    hide(context, Overlay.entry(state, dentry.parent()), dentry.name());
  }
}
