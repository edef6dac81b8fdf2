package io.kledger.engine.mount;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.block.BlockDevices;
import io.kledger.engine.block.BlockHandles;
import io.kledger.engine.file.Dcache;
import io.kledger.engine.ns.Capability;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.block.BlockDevice;
import io.kledger.kernel.block.BlockHandle;
import io.kledger.kernel.block.DiskImage;
import io.kledger.kernel.block.FsDevice;
import io.kledger.kernel.block.LoopBinding;
import io.kledger.kernel.change.MountChange;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.task.Credentials;
import java.util.Map;

/** Superblocks of devices that the ledger knows: get_tree_bdev(), setup_bdev_super(). */
final class DeviceMounts {
  private DeviceMounts() {}

  private static NewMount.Not no(CallContext context, int errno, String rule) {
    return new NewMount.Not(context.fail(errno, rule));
  }

  /**
   * The superblock of a device.
   *
   * @param pin what a filesystem context insists on, or null
   */
  static NewMount.Found superblock(
      CallContext context, Bytes type, BlockDevice device, long word, Bytes data, FsDevice pin) {
    KernelState state = context.state();
    if (!mayMount(context, type, device) && context.refuse("F31.7 owner of the device")) {
      return no(context, Errno.EPERM, "F31.7 owner of the device");
    }
    Superblock there = Superblocks.byDevice(state, device.major(), device.minor());
    if (there != null && there.type().equals(type)) {
      return shared(context, there, device, word, pin);
    }
    LoopBinding binding = state.loopBindings.get(device.key());
    if (binding != null && binding.rundown() && context.refuse("C12.1 device goes")) {
      return no(context, Errno.ENXIO, "C12.1 device goes");
    }
    boolean claimed =
        BlockHandles.claimant(state, device, pin == null ? 0 : pin.key()) != null || there != null;
    if (claimed && context.refuse("C12.2 claimed")) {
      return no(context, Errno.EBUSY, "C12.2 claimed");
    }
    boolean readOnly = (word & MountFlags.RDONLY) != 0;
    if (!readOnly && device.refusesWrites() && context.refuse("C12.3 read-only device")) {
      return no(context, Errno.EACCES, "C12.3 read-only device");
    }
    if (stale(pin, device.diskseq()) && context.refuse("F35.3 diskseq")) {
      return no(context, Errno.ESTALE, "F35.3 diskseq");
    }
    return fill(context, type, device, word, data, pin);
  }

  /** Whether the caller is privileged, or the device its user namespace's own. */
  private static boolean mayMount(CallContext context, Bytes type, BlockDevice device) {
    Credentials who = context.task().credentials();
    return Capability.initial(context.state(), who, Capability.SYS_ADMIN)
        || device.userNs() != 0 && device.userNs() == who.userNs() && lends(type, device);
  }

  /** A disk that was given to a namespace takes any filesystem, a loop device a harmless one. */
  private static boolean lends(Bytes type, BlockDevice device) {
    FilesystemType known = FilesystemType.of(type);
    return device.instance() == 0 || known != null && known.ownDevice();
  }

  private static boolean stale(FsDevice pin, long diskseq) {
    return pin != null && pin.diskseq() != 0 && pin.diskseq() != diskseq;
  }

  private static NewMount.Found shared(
      CallContext context, Superblock there, BlockDevice device, long word, FsDevice pin) {
    long differ = (word ^ there.flags()) & MountFlags.RDONLY;
    if (differ != 0 && context.refuse("C9.6 ro and rw")) {
      return no(context, Errno.EBUSY, "C9.6 ro and rw");
    }
    BlockHandle handle = context.state().blockHandles.get(there.key());
    long diskseq = handle == null ? device.diskseq() : handle.diskseq();
    if (stale(pin, diskseq) && context.refuse("F35.5 diskseq")) {
      return no(context, Errno.ESTALE, "F35.5 diskseq");
    }
    return new NewMount.Ready(there, true);
  }

  /** fill_super() of the filesystems. */
  private static NewMount.Found fill(
      CallContext context, Bytes type, BlockDevice device, long word, Bytes data, FsDevice pin) {
    KernelState state = context.state();
    if (device.size() == 0 && context.refuse("C12.3 no medium")) {
      return no(context, Errno.EIO, "C12.3 no medium");
    }
    DiskImage image = BlockDevices.image(state, device);
    boolean fits = image != null && takes(type.latin1(), image.type().latin1());
    if (!fits && context.refuse("C12.3 bad superblock")) {
      return no(context, Errno.EINVAL, "C12.3 bad superblock");
    }
    Map<String, String> options = FilesystemOptions.parse(data);
    boolean recovers =
        fits
            && image.dirty()
            && !options.containsKey("noload")
            && !options.containsKey("norecovery");
    if (recovers && device.refusesWrites() && context.refuse("F16.4 recovery")) {
      return no(context, Errno.EROFS, "F16.4 recovery");
    }
    if (recovers && !device.refusesWrites()) {
      context.put(Tables.DISK_IMAGES, image.clean());
      context.notice("inode.content_modified", "dev", device.path().latin1(), "why", "journal");
    }
    Superblock made = create(context, type, device, image, word, data);
    BlockHandle handle =
        BlockHandles.open(
            context,
            made.key(),
            device,
            BlockHandle.Holder.SUPERBLOCK,
            true,
            (word & MountFlags.RDONLY) == 0);
    if (pin != null && pin.diskseq() != 0) {
      context.put(Tables.BLOCK_HANDLES, handle.pin());
    }
    return new NewMount.Ready(made, false);
  }

  private static boolean takes(String type, String found) {
    return type.equals(found)
        || type.equals("ext4") && (found.equals("ext3") || found.equals("ext2"));
  }

  private static Superblock create(
      CallContext context, Bytes type, BlockDevice device, DiskImage image, long word, Bytes data) {
    KernelState state = context.state();
    boolean taken = image == null || state.superblocks.get(image.key()) != null;
    long key = taken ? context.newKey() : image.key();
    long root =
        image != null
            ? image.root()
            : Dcache.createRoot(context, key, Dcache.Spec.of(0040755, 0, 0), 2, false, true).key();
    boolean never =
        switch (type.latin1()) {
          case "squashfs", "erofs", "iso9660" -> true;
          default -> false;
        };
    FilesystemOptions.Shown options = FilesystemOptions.of(type, data);
    Superblock superblock =
        new Superblock(
            key,
            device.major(),
            device.minor(),
            type,
            Bytes.EMPTY,
            root,
            (never ? word | MountFlags.RDONLY : word) & MountFlags.OF_SUPERBLOCK,
            options.text(),
            context.task().credentials().userNs(),
            0,
            options.known());
    context.emit(new MountChange.SuperblockCreated(superblock));
    return superblock;
  }

  /** Whether a filesystem cannot become writable: reconfigure_super() asks the device. */
  static boolean refusesWrites(KernelState state, Superblock superblock) {
    BlockDevice device = BlockDevices.of(state, superblock.major(), superblock.minor());
    return device != null && device.refusesWrites();
  }
}
