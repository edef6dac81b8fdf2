package io.kledger.kernel.file;

import io.kledger.event.Bytes;
import io.kledger.store.Row;

/**
 * What a regular file of the model machine holds, as long as all of it is known and it is not too
 * large to keep. No row: nothing is known, unless the file is empty.
 *
 * @param key of the {@link Inode}
 */
public record FileContent(long key, Bytes data) implements Row {
  /** A larger file is kept without its content, in bytes. */
  public static final int LARGEST = 1 << 20;
}
