/**
 * Rules of block devices: block/bdev.c, drivers/block/loop.c, the device half of fs/super.c. Knows
 * nothing of how calls are written.
 */
package io.kledger.engine.block;
