package io.kledger.kernel.mount;

import io.kledger.store.Row;

/**
 * When the mounts of a namespace last changed, or when a description of its mountinfo was last told
 * so (mnt_namespace.event, proc_mounts.poll_event). Key: the namespace's, or the description's.
 *
 * @param at position of the event
 */
public record MountsTold(long key, long at) implements Row {}
