package io.kledger.kernel.quota;

import io.kledger.store.Row;

/**
 * Limits of one id (struct dquot without its usage, which the inodes tell).
 *
 * @param device key of the block device
 * @param type 0 user, 1 group, 2 project
 * @param id as it is stored on the device
 * @param blockHard units of 1024 bytes; 0 = none
 * @param blockSoft units of 1024 bytes; 0 = none
 */
public record QuotaLimits(
    long key,
    long device,
    int type,
    int id,
    long blockHard,
    long blockSoft,
    long inodeHard,
    long inodeSoft)
    implements Row {}
