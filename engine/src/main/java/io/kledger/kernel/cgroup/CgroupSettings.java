package io.kledger.kernel.cgroup;

import io.kledger.store.Row;

/**
 * Limits and requests of a cgroup that few have. Key: the cgroup's; no row = {@link #initial}.
 *
 * @param maxDepth cgroup.max.depth, -1 = max
 * @param maxDescendants cgroup.max.descendants, -1 = max
 * @param freeze what was written to its own cgroup.freeze
 */
public record CgroupSettings(long key, int maxDepth, int maxDescendants, boolean freeze)
    implements Row {
  /** What a new cgroup has. */
  public static CgroupSettings initial(long key) {
    return new CgroupSettings(key, -1, -1, false);
  }
}
