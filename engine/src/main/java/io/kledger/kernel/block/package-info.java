/**
 * Block devices and what is on them: struct gendisk, struct loop_device, struct bdev_handle. Knows
 * nothing of calls.
 */
package io.kledger.kernel.block;
