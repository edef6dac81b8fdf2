package io.kledger.store.rocks;

/**
 * How a store on disk is opened.
 *
 * @param sync whether a commit waits for the disk; without it, a commit survives the death of the
 *     process but not that of the machine. What is lost is folded again from the log
 * @param readOnly for reading beside a writer: what is there at opening is seen, and nothing later
 * @param cacheBytes memory for blocks read
 * @param bufferBytes memory for rows written and not yet in a file
 */
public record RocksOptions(boolean sync, boolean readOnly, long cacheBytes, long bufferBytes) {
  /** Writes; waits for the disk; 64 MiB of cache and 32 MiB of buffer. */
  public static final RocksOptions DEFAULTS = new RocksOptions(true, false, 64L << 20, 32L << 20);

  public RocksOptions withSync(boolean value) {
    return new RocksOptions(value, readOnly, cacheBytes, bufferBytes);
  }

  public RocksOptions withReadOnly(boolean value) {
    return new RocksOptions(sync, value, cacheBytes, bufferBytes);
  }
}
