package io.kledger.kernel.cgroup;

import io.kledger.store.Row;

/**
 * When readers of a cgroup's events file were last told (cgroup_file.notified_at). Key: the
 * cgroup's.
 *
 * @param at nanoseconds of monotonic time
 */
public record CgroupNotified(long key, long at) implements Row {}
