package io.kledger.kernel.cgroup;

import io.kledger.event.Bytes;
import io.kledger.store.Row;

/**
 * What a controller's file of a cgroup holds, as the file shows it; no row = what a new cgroup has.
 *
 * @param cgroup key of the Cgroup
 * @param file name of the file
 * @param value its one line
 */
public record CgroupLimit(long key, long cgroup, Bytes file, Bytes value) implements Row {}
