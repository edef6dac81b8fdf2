package io.kledger.kernel.block;

import io.kledger.store.Row;

/**
 * One opening of a block device (struct bdev_handle). A device with handles has users; one of them
 * at most claims it.
 *
 * @param key of the holder: open file description, superblock, filesystem context, mapped device
 * @param device key of the {@link BlockDevice}
 * @param exclusive whether it claims the device (BLK_OPEN_EXCL)
 * @param write BLK_OPEN_WRITE
 * @param diskseq of the device when it was opened
 * @param pinned whether the holder insists on that content
 */
public record BlockHandle(
    long key,
    long device,
    Holder holder,
    boolean exclusive,
    boolean write,
    long diskseq,
    boolean pinned)
    implements Row {
  /** The holder insists on the content. */
  public BlockHandle pin() {
    return new BlockHandle(key, device, holder, exclusive, write, diskseq, true);
  }

  /** What holds a device open. */
  public enum Holder {
    FILE,
    SUPERBLOCK,
    FS_CONTEXT,
    MAPPED
  }
}
