package io.kledger.kernel.watch;

import io.kledger.store.Row;

/**
 * What belongs to a fanotify descriptor (struct fsnotify_group with its fanotify part).
 *
 * @param key of the OpenFileDescription
 * @param flags FAN_* of fanotify_init(2)
 */
public record FanotifyGroup(long key, long flags) implements Row {
  /** FAN_REPORT_MNT: the group hears of mounts, and of nothing else. */
  public static final long REPORT_MNT = 0x4000;

  public boolean ofMounts() {
    return (flags & REPORT_MNT) != 0;
  }
}
