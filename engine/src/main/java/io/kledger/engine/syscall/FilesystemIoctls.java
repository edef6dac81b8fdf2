package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
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
    if ((int) call.getRequest() != RESIZE) {
      return null;
    }
    return image == null ? BlockIoctls.notty(context) : resize(context, file, image, call);
  }

  /** btrfs_ioctl_resize(). */
  private static Result resize(
      CallContext context, OpenFileDescription file, DiskImage image, IoctlCall call) {
    boolean may =
        Capability.initial(context.state(), context.task().credentials(), Capability.SYS_ADMIN);
    if (!may) {
      return context.fail(Errno.EPERM, "F44.2 CAP_SYS_ADMIN");
    }
    if (Names.readOnly(context.state(), file.place())) {
      return context.fail(Errno.EROFS, "F44.2 read-only");
    }
    RawStruct asked = RawStruct.of(call.getArgument());
    Bytes name = asked == null ? null : asked.quoted("name");
    if (name == null) {
      return context.fail(Errno.EFAULT, "F44.2 no struct btrfs_ioctl_vol_args");
    }
    int errno = BtrfsSpace.resize(context, image, name.latin1());
    return errno == 0 ? Result.ZERO : context.fail(errno, "F44.2 size");
  }
}
