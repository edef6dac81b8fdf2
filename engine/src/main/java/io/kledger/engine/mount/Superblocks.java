package io.kledger.engine.mount;

import io.kledger.engine.CallContext;
import io.kledger.engine.binfmt.Binfmt;
import io.kledger.engine.block.BlockHandles;
import io.kledger.engine.block.LoopPools;
import io.kledger.engine.file.Dcache;
import io.kledger.engine.ns.Capability;
import io.kledger.engine.ns.NamespaceLife;
import io.kledger.engine.ns.NamespaceRows;
import io.kledger.engine.watch.Events;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.change.MountChange;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.ns.NamespaceKind;
import io.kledger.kernel.watch.InotifyWatch;
import java.util.Comparator;
import java.util.TreeSet;

/** Filesystem instances: sget_fc(), and their end. */
public final class Superblocks {
  private Superblocks() {}

  /** The superblock of a device, or null. */
  public static Superblock byDevice(KernelState state, int major, int minor) {
    for (long key : state.superblocksByDevice.keys(KernelState.pair(major + 1L, minor))) {
      Superblock superblock = state.superblocks.get(key);
      if (superblock.major() == major && superblock.minor() == minor) {
        return superblock;
      }
    }
    return null;
  }

  /** The oldest superblock of a type, for filesystems of which there is one: sysfs, devtmpfs ... */
  static Superblock single(KernelState state, Bytes type) {
    return single(state, type, 0);
  }

  /** As above, of those that show the contents of a namespace. */
  static Superblock single(KernelState state, Bytes type, long namespace) {
    for (Superblock superblock : state.superblocks.rows()) {
      if (superblock.type().equals(type) && superblock.namespace() == namespace) {
        return superblock;
      }
    }
    return null;
  }

  /**
   * A new filesystem with its root.
   *
   * @param namespace whose contents it shows, 0 if of none or the initial one
   * @param empty true if it is known to hold nothing (a fresh tmpfs)
   */
  public static Superblock create(
      CallContext context,
      int major,
      int minor,
      Bytes type,
      Bytes subtype,
      long flags,
      FilesystemOptions.Shown options,
      long userNs,
      long namespace,
      int rootMode,
      boolean empty) {
    long key = context.newKey();
    boolean tmpfs = type.latin1().equals("tmpfs");
    long root =
        Dcache.createRoot(
                context,
                key,
                Dcache.Spec.of(Inode.S_IFDIR | rootMode, 0, 0),
                tmpfs ? 1 : 0,
                empty,
                !empty)
            .key();
    Superblock superblock =
        new Superblock(
            key,
            major,
            minor,
            type,
            subtype,
            root,
            flags & MountFlags.OF_SUPERBLOCK,
            options.text(),
            userNs,
            namespace,
            options.known());
    context.emit(new MountChange.SuperblockCreated(superblock));
    return superblock;
  }

  /** deactivate_super(): the last mount went. What was in memory only goes with it. */
  static void releaseIfUnused(CallContext context, long key) {
    KernelState state = context.state();
    if (state.mountsBySuperblock.count(key) > 0 || state.fsContextsBySuperblock.count(key) > 0) {
      return;
    }
    Superblock superblock = state.superblocks.get(key);
    if (superblock != null && (superblock.major() == 0 || state.blockHandles.get(key) != null)) {
      endWatches(context, key);
    }
    if (superblock != null && state.blockHandles.get(key) != null) {
      // What is on the device stays there.
      context.emit(new MountChange.SuperblockReleased(key));
      BlockHandles.release(context, key);
      return;
    }
    if (superblock == null || superblock.major() != 0) {
      return;
    }
    context.emit(new MountChange.SuperblockReleased(key));
    NamespaceLife.dropIfUnused(context, superblock.userNs());
    if (state.overlayLayersBySuperblock.count(key) > 0) {
      OverlayMounts.release(context, superblock);
    }
    if (superblock.type().equals(Binfmt.TYPE)) {
      Binfmt.unmounted(context, superblock);
    }
    if (superblock.type().latin1().equals("loopfs")) {
      LoopPools.end(context, key);
    }
    for (long dentry : state.dentriesBySuperblock.keys(key)) {
      context.remove(Tables.DENTRIES, dentry);
    }
    for (long inode : state.inodesBySuperblock.keys(key)) {
      context.remove(Tables.INODES, inode);
    }
  }

  /**
   * fsnotify_sb_delete(): the watches on what is unmounted end, those on the newest inode first.
   */
  private static void endWatches(CallContext context, long superblock) {
    KernelState state = context.state();
    TreeSet<Long> watched = new TreeSet<>(Comparator.reverseOrder());
    for (InotifyWatch watch : state.watches.rows()) {
      Inode inode = state.inodes.get(watch.inode());
      if (inode != null && inode.superblock() == superblock) {
        watched.add(inode.key());
      }
    }
    for (long inode : watched) {
      Events.of(context).unmounted(inode);
    }
  }

  /**
   * CAP_SYS_ADMIN over the user namespace of a superblock (ns_capable() of s_user_ns). Those that
   * were there before the log are taken to be of the oldest user namespace that it knows.
   */
  public static boolean administers(CallContext context, Superblock superblock) {
    KernelState state = context.state();
    long owner = superblock.userNs();
    if (owner == 0) {
      Namespace first = NamespaceRows.initial(state, NamespaceKind.USER);
      if (first == null) {
        return true;
      }
      owner = first.key();
    }
    return Capability.over(state, context.task().credentials(), owner, Capability.SYS_ADMIN);
  }
}
