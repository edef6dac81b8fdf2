package io.kledger.kernel.watch;

import io.kledger.store.Row;

/**
 * A watch on an inode (struct inotify_inode_mark).
 *
 * @param instance key of the {@link InotifyInstance}
 * @param inode key of the inode
 * @param mask IN_* bits, with IN_EXCL_UNLINK and IN_ONESHOT
 */
public record InotifyWatch(long key, long instance, int wd, long inode, long mask) implements Row {
  public InotifyWatch withMask(long newMask) {
    return new InotifyWatch(key, instance, wd, inode, newMask);
  }
}
