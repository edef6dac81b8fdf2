package io.kledger.kernel.task;

import io.kledger.store.Row;

/**
 * What a pidfd still tells of a task that was reaped: struct pidfs_exit_info of fs/pidfs.c.
 *
 * @param key of the {@link Pid}
 * @param status in the form that wait(2) gives
 * @param cgroup 64-bit id of its cgroup in the v2 hierarchy when it exited
 */
public record PidExit(long key, int status, long cgroup) implements Row {}
