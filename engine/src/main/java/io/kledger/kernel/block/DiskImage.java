package io.kledger.kernel.block;

import io.kledger.event.Bytes;
import io.kledger.store.Row;

/**
 * A filesystem on a medium, mounted or not. Its key is that of the superblock while it is mounted;
 * its names and inodes stay when it is not.
 *
 * @param carrier key of the inode of the image file, or of the device
 * @param type name of the filesystem type
 * @param root key of the root dentry
 * @param size of the filesystem in bytes
 * @param used bytes of file data
 * @param overhead bytes that data cannot have
 * @param dirty its journal wants replaying
 * @param growStep proposed, btrfs: bytes to grow by, 0 = as the mount option says, -1 = it does not
 * @param growLimit proposed, btrfs: size in bytes that it does not grow beyond, 0 = the device's
 */
public record DiskImage(
    long key,
    long carrier,
    Bytes type,
    long root,
    long size,
    long used,
    long overhead,
    boolean dirty,
    long growStep,
    long growLimit)
    implements Row {
  /** The journal was replayed. */
  public DiskImage clean() {
    return new DiskImage(
        key, carrier, type, root, size, used, overhead, false, growStep, growLimit);
  }

  public DiskImage withSize(long bytes) {
    return new DiskImage(
        key, carrier, type, root, bytes, used, overhead, dirty, growStep, growLimit);
  }

  public DiskImage withUsed(long bytes) {
    return new DiskImage(
        key, carrier, type, root, size, bytes, overhead, dirty, growStep, growLimit);
  }

  /** Another way of growing by itself. */
  public DiskImage withGrowth(long step, long limit) {
    return new DiskImage(key, carrier, type, root, size, used, overhead, dirty, step, limit);
  }
}
