package io.kledger.kernel.file;

import io.kledger.event.Bytes;
import io.kledger.store.Row;

/**
 * An extended attribute of an inode.
 *
 * @param inode key of the inode
 * @param name with its prefix: {@code user.a}
 */
public record Xattr(long key, long inode, Bytes name, Bytes value) implements Row {
  public Xattr withValue(Bytes newValue) {
    return new Xattr(key, inode, name, newValue);
  }
}
