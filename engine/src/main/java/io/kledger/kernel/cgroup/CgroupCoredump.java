package io.kledger.kernel.cgroup;

import io.kledger.store.Row;

/**
 * The proposed files coredump.max and coredump.events of a cgroup. Key: the cgroup's; no row =
 * {@link #initial}.
 *
 * @param max bytes, -1 = max
 * @param dumped cores written as far as the process's own limit let them
 * @param truncated cores that this cgroup's limit cut
 * @param suppressed dumps that this cgroup's limit forbade
 */
public record CgroupCoredump(long key, long max, long dumped, long truncated, long suppressed)
    implements Row {
  /** What a new cgroup has. */
  public static CgroupCoredump initial(long key) {
    return new CgroupCoredump(key, -1, 0, 0, 0);
  }
}
