package io.kledger.kernel.block;

import io.kledger.store.Row;

/**
 * Proposed: what a filesystem context knows of its device before there is a superblock.
 *
 * @param key of the filesystem context
 * @param early the device is opened when it is named
 * @param device key of the device that was named by FSCONFIG_SET_BDEV or opened early, else 0
 * @param diskseq that it must have, 0 if it may have any
 */
public record FsDevice(long key, boolean early, long device, long diskseq) implements Row {}
