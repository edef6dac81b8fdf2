package io.kledger.kernel.cgroup;

import io.kledger.store.Row;

/**
 * How often the cgroup.events file of a cgroup has changed, and what a reader has seen of it: the
 * {@code event} counters of struct kernfs_open_node and struct kernfs_open_file.
 *
 * @param key of the Cgroup, or of the OpenFileDescription that read the file
 * @param count changes so far
 */
public record CgroupEventCount(long key, long count) implements Row {}
