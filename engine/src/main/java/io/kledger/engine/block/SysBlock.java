package io.kledger.engine.block;

import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.file.Contents;
import io.kledger.engine.file.Dcache;
import io.kledger.engine.file.FilePut;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.block.BlockDevice;
import io.kledger.kernel.block.LoopBinding;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.path.PathText;

/**
 * Nodes of devices in devtmpfs or their loopfs, and what /sys/block shows of them. The directory of
 * a device stands at /sys/block/NAME itself.
 */
public final class SysBlock {
  private static final Bytes BLOCK = Bytes.of("block");
  private static final Bytes LOOP = Bytes.of("loop");
  private static final Bytes BACKING_FILE = Bytes.of("backing_file");
  private static final long SECTOR = 512;

  private SysBlock() {}

  /** device_add_disk(): node and directory. */
  static void added(CallContext context, BlockDevice device) {
    KernelState state = context.state();
    Superblock nodes =
        device.instance() == 0
            ? mounted(state, "devtmpfs")
            : state.superblocks.get(device.instance());
    if (nodes != null && context.simulated()) {
      boolean own = device.instance() != 0;
      int uid = own ? context.task().credentials().fsuid() : 0;
      int gid = own ? context.task().credentials().fsgid() : 0;
      Dcache.createChild(
          context,
          nodes.root(),
          BlockDevices.name(device),
          new Dcache.Spec(
              Inode.S_IFBLK | 0660, uid, gid, device.major(), device.minor(), Bytes.EMPTY));
    }
    refresh(context, device);
  }

  /** del_gendisk(). */
  static void removed(CallContext context, BlockDevice device) {
    KernelState state = context.state();
    Superblock nodes =
        device.instance() == 0
            ? mounted(state, "devtmpfs")
            : state.superblocks.get(device.instance());
    if (nodes != null) {
      unlink(context, state.child(nodes.root(), BlockDevices.name(device)));
    }
    Superblock sysfs = mounted(state, "sysfs");
    Dentry block = sysfs == null ? null : state.child(sysfs.root(), BLOCK);
    if (block != null) {
      removeTree(context, state.child(block.key(), BlockDevices.name(device)));
    }
  }

  /** Writes the attributes anew; those of a loop device are there while it is bound. */
  static void refresh(CallContext context, BlockDevice device) {
    KernelState state = context.state();
    Superblock sysfs = mounted(state, "sysfs");
    if (sysfs == null || device.instance() != 0) {
      return;
    }
    if (!context.simulated()) {
      observed(context, sysfs, device);
      return;
    }
    Dentry block = directory(context, sysfs.root(), BLOCK);
    Dentry own = directory(context, block.key(), BlockDevices.name(device));
    attribute(context, own, "diskseq", Long.toString(device.diskseq()));
    attribute(context, own, "ro", device.refusesWrites() ? "1" : "0");
    attribute(context, own, "size", Long.toString(device.size() / SECTOR));
    LoopBinding binding = state.loopBindings.get(device.key());
    if (binding == null) {
      removeTree(context, state.child(own.key(), LOOP));
      return;
    }
    Dentry loop = directory(context, own.key(), LOOP);
    attribute(context, loop, "autoclear", flag(binding, LoopBinding.AUTOCLEAR));
    attribute(context, loop, BACKING_FILE.toString(), backing(state, binding).latin1());
    attribute(context, loop, "dio", flag(binding, LoopBinding.DIRECT_IO));
    if (context.profile().has(KernelFeature.LOOP_IMMUTABLE)) {
      attribute(context, loop, "immutable", flag(binding, LoopBinding.IMMUTABLE));
    }
    attribute(context, loop, "offset", Long.toString(binding.offset()));
    attribute(context, loop, "partscan", flag(binding, LoopBinding.PARTSCAN));
    attribute(context, loop, "sizelimit", Long.toString(binding.sizeLimit()));
  }

  /** In a trace names are learned by looking; what goes with a binding is known to be gone. */
  private static void observed(CallContext context, Superblock sysfs, BlockDevice device) {
    KernelState state = context.state();
    Dentry block = state.child(sysfs.root(), BLOCK);
    Dentry own = block == null ? null : state.child(block.key(), BlockDevices.name(device));
    if (own != null && state.loopBindings.get(device.key()) == null) {
      removeTree(context, state.child(own.key(), LOOP));
    }
  }

  /**
   * loop_attr_backing_file_show(): the name that the backing file has now. Null if the file is not
   * that of a bound loop device.
   */
  public static Bytes backingFile(KernelState state, OpenFileDescription file) {
    Dentry name = state.dentries.get(file.place().dentry());
    Dentry loop = name == null ? null : state.dentries.get(name.parent());
    Dentry own = loop == null ? null : state.dentries.get(loop.parent());
    if (own == null || !name.name().equals(BACKING_FILE) || !loop.name().equals(LOOP)) {
      return null;
    }
    for (BlockDevice device : state.blockDevices.rows()) {
      LoopBinding binding = state.loopBindings.get(device.key());
      if (binding != null
          && device.instance() == 0
          && BlockDevices.name(device).equals(own.name())) {
        return backing(state, binding).plus(Bytes.of("\n"));
      }
    }
    return null;
  }

  private static String flag(LoopBinding binding, long flag) {
    return binding.is(flag) ? "1" : "0";
  }

  private static Bytes backing(KernelState state, LoopBinding binding) {
    OpenFileDescription file = state.descriptions.get(binding.backing());
    return file == null || !file.place().known()
        ? Bytes.EMPTY
        : PathText.fromTop(state, file.place());
  }

  private static Superblock mounted(KernelState state, String type) {
    for (Superblock superblock : state.superblocks.rows()) {
      if (superblock.namespace() == 0 && superblock.type().latin1().equals(type)) {
        return superblock;
      }
    }
    return null;
  }

  private static Dentry directory(CallContext context, long parent, Bytes name) {
    Dentry there = context.state().child(parent, name);
    return there != null && there.inode() != 0
        ? there
        : Dcache.createChild(context, parent, name, Dcache.Spec.of(Inode.S_IFDIR | 0755, 0, 0));
  }

  private static void attribute(CallContext context, Dentry directory, String name, String value) {
    KernelState state = context.state();
    Bytes text = Bytes.of(value + "\n");
    Dentry there = state.child(directory.key(), Bytes.of(name));
    if (there == null || there.inode() == 0) {
      there =
          Dcache.createChild(
              context, directory.key(), Bytes.of(name), Dcache.Spec.of(Inode.S_IFREG | 0444, 0, 0));
    }
    Inode inode = state.inodes.require(there.inode());
    if (!text.equals(Contents.of(state, inode))) {
      context.put(Tables.INODES, inode.withSize(text.length()));
      Contents.set(context, inode.key(), text);
    }
  }

  private static void removeTree(CallContext context, Dentry directory) {
    if (directory == null || directory.inode() == 0) {
      return;
    }
    KernelState state = context.state();
    for (long key : state.dentriesByParent.keys(directory.key())) {
      Dentry child = state.dentries.get(key);
      Inode inode = child == null ? null : state.inodes.get(child.inode());
      if (inode != null && inode.directory()) {
        removeTree(context, child);
      } else {
        unlink(context, child);
      }
    }
    unlink(context, state.dentries.get(directory.key()));
  }

  private static void unlink(CallContext context, Dentry dentry) {
    if (dentry != null && dentry.inode() != 0) {
      Dcache.unlink(context, dentry);
      FilePut.dropInode(context, dentry.inode());
    }
  }
}
