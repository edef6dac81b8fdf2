package io.kledger.kernel.file;

import io.kledger.store.Row;

/**
 * One number of an fd table.
 *
 * @param key {@link #key(long, int)}
 * @param table key of the FdTable
 * @param description key of the OpenFileDescription
 * @param since position of the event that installed it
 */
public record FdSlot(
    long key, long table, int fd, long description, boolean closeOnExec, long since)
    implements Row {
  /** fs.nr_open is below 2^30, so table and number fit one key. */
  public static long key(long table, int fd) {
    return table << 30 | fd;
  }
}
