package io.kledger.kernel.watch;

import io.kledger.store.Row;

/**
 * A mark of a group on a mount namespace (struct fsnotify_mark).
 *
 * @param group key of the FanotifyGroup
 * @param namespace key of the mount namespace
 * @param mask FAN_MNT_* bits
 * @param ignored FAN_MNT_* bits that are not reported
 */
public record MountMark(long key, long group, long namespace, long mask, long ignored)
    implements Row {}
