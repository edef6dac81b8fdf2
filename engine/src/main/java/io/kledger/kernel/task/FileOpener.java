package io.kledger.kernel.task;

import io.kledger.store.Row;

/**
 * Who opened a control file: f_cred, and for cgroup2 the cgroup namespace (struct cgroup_file_ctx).
 * A write to it is judged by these, whoever writes. Key: the OpenFileDescription's.
 *
 * @param cgroupNs key of the Namespace
 */
public record FileOpener(long key, Credentials credentials, long cgroupNs) implements Row {}
