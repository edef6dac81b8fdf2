package io.kledger.kernel.block;

import io.kledger.event.Bytes;
import io.kledger.store.Row;

/**
 * A block device (struct gendisk with its struct block_device).
 *
 * @param path of its node
 * @param index number of a loop device within its pool, of a mapped device; else 0
 * @param size in bytes
 * @param diskseq sequence number of what is on it: one counter for the machine
 * @param readOnly the disk itself takes no writes
 * @param userReadOnly BLKROSET
 * @param userNs key of the user namespace that owns it, 0 for the initial one
 * @param instance key of the superblock of the loopfs that it belongs to, 0 of the machine's pool
 */
public record BlockDevice(
    long key,
    int major,
    int minor,
    Bytes path,
    Kind kind,
    int index,
    long size,
    long diskseq,
    boolean readOnly,
    boolean userReadOnly,
    long userNs,
    long instance)
    implements Row {
  /** Driver of a device. */
  public enum Kind {
    DISK,
    LOOP,
    MAPPED
  }

  /** Another size, in bytes. */
  public BlockDevice withSize(long bytes) {
    return new BlockDevice(
        key,
        major,
        minor,
        path,
        kind,
        index,
        bytes,
        diskseq,
        readOnly,
        userReadOnly,
        userNs,
        instance);
  }

  /** Other content. */
  public BlockDevice withDiskseq(long number) {
    return new BlockDevice(
        key,
        major,
        minor,
        path,
        kind,
        index,
        size,
        number,
        readOnly,
        userReadOnly,
        userNs,
        instance);
  }

  /** set_disk_ro(). */
  public BlockDevice withReadOnly(boolean on) {
    return new BlockDevice(
        key, major, minor, path, kind, index, size, diskseq, on, userReadOnly, userNs, instance);
  }

  /** BLKROSET. */
  public BlockDevice withUserReadOnly(boolean on) {
    return new BlockDevice(
        key, major, minor, path, kind, index, size, diskseq, readOnly, on, userNs, instance);
  }

  /** bdev_read_only(). */
  public boolean refusesWrites() {
    return readOnly || userReadOnly;
  }
}
