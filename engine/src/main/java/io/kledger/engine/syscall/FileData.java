package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.blob.Blobs;
import io.kledger.engine.block.BlockDevices;
import io.kledger.engine.block.BtrfsSpace;
import io.kledger.engine.file.Contents;
import io.kledger.engine.file.OpenFlags;
import io.kledger.engine.file.OverlayUpper;
import io.kledger.engine.file.Pipes;
import io.kledger.engine.quota.Quotas;
import io.kledger.event.Bytes;
import io.kledger.event.avro.Fd;
import io.kledger.event.avro.Text;
import io.kledger.kernel.Tables;
import io.kledger.kernel.block.BlockDevice;
import io.kledger.kernel.change.FdChange;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.mount.Superblock;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.apache.avro.specific.SpecificRecord;

/**
 * How many bytes move. Queues of sockets and pipes are in the ledger; of files it knows sizes and
 * positions, and in a simulation what is in them.
 */
final class FileData {
  /** Instead of an offset: the position of the description. */
  static final long CURRENT = -1;

  static final Result UNKNOWN = new Result.Unknown("what data there is");

  private static final int NULL_DEVICE = 3;
  private static final int ZERO_DEVICE = 5;
  private static final int FULL_DEVICE = 7;

  /** MAX_RW_COUNT: no call moves more. */
  private static final long MOST = 0x7ffff000L;

  /** Filesystems whose files hold what was written to them. */
  private static final Set<String> STORES =
      new TreeSet<>(
          List.of(
              "ext2",
              "ext3",
              "ext4",
              "tmpfs",
              "xfs",
              "btrfs",
              "overlay",
              "f2fs",
              "vfat",
              "ramfs",
              "blobfs",
              "devtmpfs",
              "exfat",
              "ntfs3"));

  private FileData() {}

  /**
   * What a read gives.
   *
   * @param given what a trace shows of the data
   * @param fill the call with what was read
   */
  static Result read(
      CallContext context,
      OpenFileDescription file,
      Fd fd,
      long count,
      long offset,
      Object given,
      Function<Text, SpecificRecord> fill) {
    if (file.kind() == FileKind.SOCKET) {
      return ReceiveCalls.read(context, fd, count, given, fill);
    }
    if (file.kind() == FileKind.EVENTFD) {
      return EventfdData.read(context, file, count, fill);
    }
    Inode inode = context.state().inodes.get(file.inode());
    if (Pipes.isPipe(inode)) {
      return PipeData.read(context, file, inode, count, fill);
    }
    if (context.assuming()) {
      return moved(context, file, offset, false);
    }
    if (inode == null || !inode.typeKnown()) {
      return UNKNOWN;
    }
    if (!inode.regular()) {
      return device(context, file, inode, count, offset, false);
    }
    long from = offset == CURRENT ? file.position() : offset;
    if (from < 0 || !sizeKnown(context, inode)) {
      return UNKNOWN;
    }
    long bytes = Math.max(0, Math.min(Math.min(count, MOST), inode.size() - from));
    bytes = Blobs.verified(context, inode, from, bytes);
    if (bytes < 0) {
      return context.fail(Errno.EIO, "F30.4 damaged block");
    }
    long real = context.observedOr(bytes);
    if (offset == CURRENT && real > 0) {
      context.emit(new FdChange.DescriptionChanged(file.withPosition(from + real)));
    }
    Bytes content = Contents.of(context.state(), inode);
    return content == null || bytes == 0 && from > content.length()
        ? Result.value(bytes)
        : Result.value(
            bytes,
            fill.apply(
                new Text(content.slice((int) from, (int) (from + bytes)).toBuffer(), false, null)));
  }

  static Result write(
      CallContext context, OpenFileDescription file, Fd fd, Object data, long count, long offset) {
    if (file.kind() == FileKind.SOCKET) {
      return SendCalls.write(context, fd, data, count);
    }
    if (file.kind() == FileKind.EVENTFD) {
      return EventfdData.write(context, file, shown(data, count), count);
    }
    Inode inode = context.state().inodes.get(file.inode());
    if (Pipes.isPipe(inode)) {
      return PipeData.write(context, file, inode, shown(data, count), count);
    }
    if (context.assuming()) {
      return moved(context, file, offset, true);
    }
    if (inode == null || !inode.typeKnown()) {
      return UNKNOWN;
    }
    if (!inode.regular()) {
      return device(context, file, inode, count, offset, true);
    }
    boolean pointer = !(data instanceof Text text) || text.getAddress() != null;
    if ((!stores(context, inode) || pointer) && !context.simulated()) {
      return UNKNOWN;
    }
    return write(context, file, inode, data, Math.min(count, MOST), offset);
  }

  /** Whether the file is one of a filesystem that keeps data. */
  static boolean stores(CallContext context, Inode inode) {
    Superblock superblock = context.state().superblocks.get(inode.superblock());
    return superblock == null
        ? inode.superblock() == 0
        : STORES.contains(superblock.type().toString());
  }

  /** Whether nothing can have changed the size unseen. */
  static boolean sizeKnown(CallContext context, Inode inode) {
    return context.simulated()
        || (inode.inferred() ? inode.size() > 0 : inode.size() >= 0) && stores(context, inode);
  }

  private static boolean positioned(OpenFileDescription file) {
    return file.kind() == FileKind.PATH || file.kind() == FileKind.MEMFD;
  }

  /**
   * What a real kernel moved where that was not predicted: it moves the position of a regular file.
   * Where a write that appends has begun, only the size tells.
   */
  private static Result moved(
      CallContext context, OpenFileDescription file, long offset, boolean write) {
    Inode inode = context.state().inodes.get(file.inode());
    boolean other = inode != null && inode.typeKnown() && !inode.regular();
    if (offset != CURRENT || !context.assuming() || !positioned(file) || other) {
      return UNKNOWN;
    }
    long bytes = context.observed().getValue();
    boolean append = write && (file.flags() & OpenFlags.APPEND) != 0;
    long size = inode == null ? -1 : inode.size();
    long from = append ? size : file.position();
    long to = from < 0 ? OpenFileDescription.POSITION_UNKNOWN : from + bytes;
    if (bytes > 0 && to != file.position()) {
      context.emit(new FdChange.DescriptionChanged(file.withPosition(to)));
    }
    if (bytes > 0 && write && size >= 0 && to > size) {
      context.put(Tables.INODES, inode.withSize(to));
    }
    return Result.value(bytes);
  }

  private static Result write(
      CallContext context,
      OpenFileDescription file,
      Inode inode,
      Object data,
      long count,
      long offset) {
    boolean append = (file.flags() & OpenFlags.APPEND) != 0;
    long size = inode.size();
    boolean known = context.simulated() || !inode.inferred() || size > 0;
    long end = known ? size : OpenFileDescription.POSITION_UNKNOWN;
    long from = append ? end : offset == CURRENT ? file.position() : offset;
    long real = context.observedOr(count);
    long fits = context.simulated() ? Quotas.fitting(context, inode, from, count) : count;
    if (fits < count) {
      return fits == 0
          ? context.fail(Errno.EDQUOT, "F20 hard limit")
          : write(context, file, inode, data, fits, offset);
    }
    Result forbidden = SealCommands.write(context, inode, from + count);
    if (forbidden != null && count > 0) {
      return forbidden;
    }
    Result blob = Blobs.mayWrite(context, inode, from, count);
    if (blob != null) {
      return blob;
    }
    if (context.simulated() && !BtrfsSpace.charge(context, inode, from + count - size)) {
      return context.fail(Errno.ENOSPC, "F44 no space");
    }
    if (context.simulated()) {
      Contents.write(context, inode, from, shown(data, count));
    }
    long to = from < 0 ? OpenFileDescription.POSITION_UNKNOWN : from + real;
    if (real > 0 && known && to > size) {
      context.put(Tables.INODES, inode.withSize(to));
    }
    if (offset == CURRENT && real > 0 && to != file.position()) {
      context.emit(new FdChange.DescriptionChanged(file.withPosition(to)));
    }
    OverlayUpper.changed(context, inode.key());
    Result sealed = Blobs.wrote(context, inode, count);
    if (sealed instanceof Result.Failed || sealed instanceof Result.Unknown) {
      return sealed;
    }
    return Result.value(count);
  }

  /** The bytes of a write, if all of them are shown. */
  static Bytes shown(Object data, long count) {
    if (!(data instanceof Text text) || text.getCut() || text.getAddress() != null) {
      return null;
    }
    Bytes bytes = Bytes.of(text.getValue());
    return bytes.length() == count ? bytes : null;
  }

  /** blkdev_read_iter(), blkdev_write_iter(): the data are not in the ledger. */
  private static Result block(
      CallContext context,
      OpenFileDescription file,
      BlockDevice device,
      long count,
      long offset,
      boolean write) {
    if (write && device.refusesWrites()) {
      return context.fail(Errno.EPERM, "C11.7 read-only device");
    }
    long from = offset == CURRENT ? file.position() : offset;
    long bytes = Math.max(0, Math.min(Math.min(count, MOST), device.size() - from));
    if (write && bytes == 0 && count > 0) {
      return context.fail(Errno.ENOSPC, "blkdev_write_iter: end of the device");
    }
    if (offset == CURRENT && bytes > 0) {
      context.emit(new FdChange.DescriptionChanged(file.withPosition(from + bytes)));
    }
    return Result.value(bytes);
  }

  /** Devices of memory; block devices, whose ends are not looked at. */
  private static Result device(
      CallContext context,
      OpenFileDescription file,
      Inode inode,
      long count,
      long offset,
      boolean write) {
    BlockDevice known = BlockDevices.of(context.state(), inode);
    if (known != null && context.simulated()) {
      return block(context, file, known, count, offset, write);
    }
    if (known != null && write && count > 0) {
      long from = offset == CURRENT ? file.position() : offset;
      if (known.refusesWrites() && context.refuse("C11.7 read-only device")) {
        return context.fail(Errno.EPERM, "C11.7 read-only device");
      }
      // Of a device whose size no line told it is 0.
      boolean beyond = known.size() > 0 && from >= known.size();
      if (beyond && context.refuse("C11.7 end of the device")) {
        return context.fail(Errno.ENOSPC, "C11.7 end of the device");
      }
    }
    if ((inode.mode() & Inode.S_IFMT) == Inode.S_IFBLK) {
      return context.simulated() ? UNKNOWN : Result.value(count);
    }
    boolean memory = (inode.mode() & Inode.S_IFMT) == Inode.S_IFCHR && inode.rdevMajor() == 1;
    if (!memory) {
      return UNKNOWN;
    }
    return switch (inode.rdevMinor()) {
      case NULL_DEVICE -> Result.value(write ? count : 0);
      case ZERO_DEVICE -> Result.value(count);
      case FULL_DEVICE ->
          write && count > 0 ? context.fail(Errno.ENOSPC, "write: /dev/full") : Result.value(count);
      default -> UNKNOWN;
    };
  }
}
