package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.Result;
import io.kledger.engine.block.BtrfsSpace;
import io.kledger.engine.ns.Capability;
import io.kledger.event.Bytes;
import io.kledger.event.avro.IoctlCall;
import io.kledger.kernel.block.DiskImage;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;

/** Requests of filesystems: fs/btrfs/ioctl.c, and those of fs-verity. */
final class FilesystemIoctls {
  private static final int BTRFS = 0x94;
  private static final int RESIZE = 0x50009403;

  /** Proposed. */
  private static final int SET_AUTOGROW = 0x4010947f;

  private FilesystemIoctls() {}

  /** Null if the request is none of these. */
  static Result ioctl(CallContext context, OpenFileDescription file, IoctlCall call) {
    Inode inode = context.state().inodes.get(file.inode());
    Result verity =
        context.simulated() && inode != null && inode.typeKnown()
            ? VerityIoctls.ioctl(context, file, inode, call)
            : null;
    if (verity != null) {
      return verity;
    }
    boolean btrfs = (call.getRequest() >> 8 & 0xff) == BTRFS;
    if (!btrfs || !context.simulated() || inode == null) {
      return null;
    }
    DiskImage image = BtrfsSpace.of(context.state(), inode);
    boolean grows =
        (int) call.getRequest() == SET_AUTOGROW
            && context.profile().has(KernelFeature.BTRFS_AUTOGROW);
    if ((int) call.getRequest() != RESIZE && !grows) {
      return null;
    }
    if (image == null) {
      return BlockIoctls.notty(context);
    }
    Result refused = refused(context, file);
    if (refused != null) {
      return refused;
    }
    return grows ? growth(context, image, call) : resize(context, image, call);
  }

  private static Result refused(CallContext context, OpenFileDescription file) {
    boolean may =
        Capability.initial(context.state(), context.task().credentials(), Capability.SYS_ADMIN);
    if (!may) {
      return context.fail(Errno.EPERM, "F44.2 CAP_SYS_ADMIN");
    }
    return Names.readOnly(context.state(), file.place())
        ? context.fail(Errno.EROFS, "F44.2 read-only")
        : null;
  }

  private static Result growth(CallContext context, DiskImage image, IoctlCall call) {
    RawStruct asked = RawStruct.of(call.getArgument());
    if (asked == null) {
      return context.fail(Errno.EFAULT, "F44 no step and limit");
    }
    long step = asked.number("step");
    long limit = asked.number("limit");
    if (step < 0 || limit < 0) {
      return context.fail(Errno.EINVAL, "F44 step and limit");
    }
    BtrfsSpace.setGrowth(context, image, step, limit);
    return Result.ZERO;
  }

  /** btrfs_ioctl_resize(). */
  private static Result resize(CallContext context, DiskImage image, IoctlCall call) {
    RawStruct asked = RawStruct.of(call.getArgument());
    Bytes name = asked == null ? null : asked.quoted("name");
    if (name == null) {
      return context.fail(Errno.EFAULT, "F44.2 no struct btrfs_ioctl_vol_args");
    }
    int errno = BtrfsSpace.resize(context, image, name.latin1());
    return errno == 0 ? Result.ZERO : context.fail(errno, "F44.2 size");
  }
}
