package io.kledger.kernel.quota;

import io.kledger.store.Row;

/**
 * Quotas of a filesystem: s_quota_types and which are on.
 *
 * @param key of the block device that it is on
 * @param supported bits: 1 user, 2 group, 4 project
 * @param on those that are counted and enforced
 */
public record QuotaTypes(long key, int supported, int on) implements Row {}
