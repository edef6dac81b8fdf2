package io.kledger.kernel.file;

import io.kledger.store.Row;

/**
 * What an O_PATH description must not be opened again for (proposed).
 *
 * @param key of the {@link OpenFileDescription}
 * @param mask {@link #NO_READ} and {@link #NO_WRITE}
 */
public record UpgradeMask(long key, long mask) implements Row {
  public static final long NO_READ = 2;
  public static final long NO_WRITE = 4;
}
