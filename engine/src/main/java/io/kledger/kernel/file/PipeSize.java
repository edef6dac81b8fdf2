package io.kledger.kernel.file;

import io.kledger.store.Row;

/**
 * Capacity of a pipe that F_SETPIPE_SZ changed.
 *
 * @param key of the inode
 * @param bytes a power of two, at least a page
 */
public record PipeSize(long key, long bytes) implements Row {}
