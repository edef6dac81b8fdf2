package io.kledger.kernel.watch;

import io.kledger.store.Row;

/**
 * What belongs to an inotify descriptor (struct fsnotify_group with its inotify part).
 *
 * @param key of the OpenFileDescription
 * @param lastWd the highest watch descriptor given out
 * @param maxQueued max_queued_events as it was when the instance was made
 */
public record InotifyInstance(long key, int lastWd, int maxQueued) implements Row {}
