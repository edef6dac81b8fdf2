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
 */
public record DiskImage(
    long key,
    long carrier,
    Bytes type,
    long root,
    long size,
    long used,
    long overhead,
    boolean dirty)
    implements Row {
  /** The journal was replayed. */
  public DiskImage clean() {
    return new DiskImage(key, carrier, type, root, size, used, overhead, false);
  }

  public DiskImage withSize(long bytes) {
    return new DiskImage(key, carrier, type, root, bytes, used, overhead, dirty);
  }

  public DiskImage withUsed(long bytes) {
    return new DiskImage(key, carrier, type, root, size, bytes, overhead, dirty);
  }
}
