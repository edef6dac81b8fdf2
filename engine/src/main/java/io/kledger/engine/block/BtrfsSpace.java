package io.kledger.engine.block;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.block.BlockDevice;
import io.kledger.kernel.block.DiskImage;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.mount.Superblock;

/** Space of a btrfs as a budget of bytes: no chunks, one device. */
public final class BtrfsSpace {
  private static final long SMALLEST = 256L << 20;
  private static final long DEFAULT_STEP = 256L << 20;
  private static final long SECTOR = 4096;
  private static final String OPTION = "autogrow";

  private BtrfsSpace() {}

  /** The filesystem that an inode is on, if it is a btrfs whose device the ledger knows. */
  public static DiskImage of(KernelState state, Inode inode) {
    DiskImage image = inode == null ? null : state.diskImages.get(inode.superblock());
    return image != null && image.type().latin1().equals("btrfs") ? image : null;
  }

  private static BlockDevice device(KernelState state, DiskImage image) {
    Superblock superblock = state.superblocks.get(image.key());
    return superblock == null
        ? null
        : BlockDevices.of(state, superblock.major(), superblock.minor());
  }

  /** A file is to grow by so many bytes: false if there is no room for them. */
  public static boolean charge(CallContext context, Inode inode, long bytes) {
    KernelState state = context.state();
    DiskImage image = of(state, inode);
    if (image == null || bytes <= 0) {
      return true;
    }
    long missing = image.used() + bytes - (image.size() - image.overhead());
    if (missing > 0) {
      image = grown(context, image, missing);
    }
    if (image.used() + bytes > image.size() - image.overhead()) {
      context.notice("fs.enospc", "sb", Long.toString(image.key()));
      return false;
    }
    context.put(Tables.DISK_IMAGES, image.withUsed(image.used() + bytes));
    return true;
  }

  /** A file shrank, or went. */
  public static void refund(CallContext context, Inode inode, long bytes) {
    DiskImage image = of(context.state(), inode);
    if (image != null && bytes > 0) {
      context.put(Tables.DISK_IMAGES, image.withUsed(Math.max(0, image.used() - bytes)));
    }
  }

  /** Proposed: the filesystem takes more of its device. */
  private static DiskImage grown(CallContext context, DiskImage image, long missing) {
    long step = step(context, image);
    BlockDevice device = device(context.state(), image);
    if (step == 0 || device == null) {
      return image;
    }
    long most = image.growLimit() == 0 ? device.size() : image.growLimit();
    long wanted = Math.min(image.size() + Math.max(step, missing), most);
    long size = Math.min(wanted, device.size()) / SECTOR * SECTOR;
    return size <= image.size() ? image : resized(context, image, size, "ENOSPC");
  }

  private static DiskImage resized(
      CallContext context, DiskImage image, long size, String trigger) {
    DiskImage after = image.withSize(size);
    context.put(Tables.DISK_IMAGES, after);
    context.notice(
        "fs.grown",
        "sb",
        Long.toString(image.key()),
        "old",
        Long.toString(image.size()),
        "new",
        Long.toString(size),
        "trigger",
        trigger);
    return after;
  }

  /** Proposed, BTRFS_IOC_SET_AUTOGROW: a step of 0 bytes ends it, a limit of 0 is the device's. */
  public static void setGrowth(CallContext context, DiskImage image, long step, long limit) {
    context.put(Tables.DISK_IMAGES, image.withGrowth(step == 0 ? -1 : step, limit));
  }

  /** The step of the ioctl or the mount option, in bytes; 0 if it is not on. */
  private static long step(CallContext context, DiskImage image) {
    Superblock superblock = context.state().superblocks.get(image.key());
    if (superblock == null || !context.profile().has(KernelFeature.BTRFS_AUTOGROW)) {
      return 0;
    }
    if (image.growStep() != 0) {
      return Math.max(0, image.growStep());
    }
    for (String option : superblock.options().latin1().split(",")) {
      if (option.equals(OPTION)) {
        return DEFAULT_STEP;
      }
      if (option.startsWith(OPTION + "=")) {
        return Math.max(SECTOR, memparse(option.substring(OPTION.length() + 1)));
      }
    }
    return 0;
  }

  /** memparse(): digits and a suffix; -1 if it is something else. */
  private static long memparse(String text) {
    if (!text.matches("[0-9]{1,18}[kKmMgGtT]?")) {
      return -1;
    }
    int shift = "kmgt".indexOf(Character.toLowerCase(text.charAt(text.length() - 1)));
    String digits = shift < 0 ? text : text.substring(0, text.length() - 1);
    return Long.parseLong(digits) << (shift < 0 ? 0 : 10 * (shift + 1));
  }

  /** btrfs_ioctl_resize() behind capability and mount: 0, or an error number. */
  public static int resize(CallContext context, DiskImage image, String spec) {
    if (spec.equals("cancel")) {
      return Errno.ENOTCONN;
    }
    int colon = spec.indexOf(':');
    String size = spec.substring(colon + 1);
    if (colon >= 0) {
      String id = spec.substring(0, colon);
      if (!id.matches("[0-9]{1,9}") || Integer.parseInt(id) == 0) {
        return Errno.EINVAL;
      }
      if (Integer.parseInt(id) != 1) {
        return Errno.ENODEV;
      }
    }
    BlockDevice device = device(context.state(), image);
    if (device == null) {
      return Errno.ENODEV;
    }
    if (device.refusesWrites()) {
      return Errno.EPERM;
    }
    long wanted = size.equals("max") ? device.size() : wanted(image, size);
    if (wanted < SMALLEST) {
      return Errno.EINVAL;
    }
    if (wanted > device.size()) {
      return Errno.EFBIG;
    }
    wanted = wanted / SECTOR * SECTOR;
    if (image.used() > wanted - image.overhead()) {
      return Errno.ENOSPC;
    }
    if (wanted != image.size()) {
      resized(context, image, wanted, "IOCTL");
    }
    return 0;
  }

  /** The size that is asked for; negative if it is not one. */
  private static long wanted(DiskImage image, String text) {
    boolean more = text.startsWith("+");
    boolean less = text.startsWith("-");
    long amount = memparse(more || less ? text.substring(1) : text);
    if (amount <= 0) {
      return -1;
    }
    return more ? image.size() + amount : less ? image.size() - amount : amount;
  }
}
