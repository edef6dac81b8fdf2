package io.kledger.kernel.file;

import io.kledger.event.Bytes;
import io.kledger.store.Row;

/**
 * A name in a directory (struct dentry). The root of a filesystem has no parent and an empty name.
 *
 * @param inode key of the inode; 0 = the name is known not to exist (a negative dentry)
 * @param deleted the name was removed; the dentry lives on while something stands on it
 */
public record Dentry(
    long key, long superblock, long parent, Bytes name, long inode, boolean deleted)
    implements Row {
  /** Group of the index by name: the same for equal names in one directory. */
  public static long nameGroup(long parent, Bytes name) {
    long h = name.hash64() ^ parent * 0x9E3779B97F4A7C15L;
    return h == 0 ? 1 : h;
  }
}
