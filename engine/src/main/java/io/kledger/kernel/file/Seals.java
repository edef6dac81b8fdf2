package io.kledger.kernel.file;

import io.kledger.store.Row;

/**
 * Seals of a memory file (struct shmem_inode_info.seals).
 *
 * @param key of the inode
 * @param bits F_SEAL_*
 */
public record Seals(long key, int bits) implements Row {
  public static final int SEAL = 1;
  public static final int SHRINK = 2;
  public static final int GROW = 4;
  public static final int WRITE = 8;
  public static final int FUTURE_WRITE = 16;
  public static final int EXEC = 32;
  public static final int ALL = 63;

  public boolean has(int any) {
    return (bits & any) != 0;
  }
}
