package io.kledger.kernel.uring;

import io.kledger.store.Row;

/**
 * What belongs to an io_uring descriptor (struct io_ring_ctx).
 *
 * @param key of the OpenFileDescription
 * @param flags IORING_SETUP_* of io_uring_setup(2)
 * @param files slots of registered files, 0 if none were registered
 */
public record Ring(long key, long flags, int files) implements Row {
  public static final long SQPOLL = 2;
  public static final long R_DISABLED = 64;

  public Ring withFlags(long newFlags) {
    return new Ring(key, newFlags, files);
  }

  public Ring withFiles(int slots) {
    return new Ring(key, flags, slots);
  }

  public boolean has(long flag) {
    return (flags & flag) != 0;
  }
}
