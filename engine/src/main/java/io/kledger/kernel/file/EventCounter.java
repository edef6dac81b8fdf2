package io.kledger.kernel.file;

import io.kledger.store.Row;

/**
 * Counter of an eventfd (struct eventfd_ctx).
 *
 * @param key of the open file description
 * @param count unsigned
 * @param semaphore a read takes 1, not all
 */
public record EventCounter(long key, long count, boolean semaphore) implements Row {
  public EventCounter withCount(long newCount) {
    return new EventCounter(key, newCount, semaphore);
  }
}
