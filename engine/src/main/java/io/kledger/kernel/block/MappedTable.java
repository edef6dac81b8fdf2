package io.kledger.kernel.block;

import io.kledger.event.Bytes;
import io.kledger.store.Row;

/**
 * A table of a device-mapper device (struct dm_table) with its one target.
 *
 * @param key also holder of the data device
 * @param type of the target
 * @param sectors length in units of 512 bytes
 * @param readOnly DM_READONLY_FLAG
 * @param data key of the device below
 * @param hashHolder holder of the device with the hashes, 0 if that is the same
 * @param keyring serial of the keyring that vouched, 0 if none was named
 */
public record MappedTable(
    long key,
    Bytes type,
    Bytes params,
    long sectors,
    boolean readOnly,
    long data,
    long hashHolder,
    int keyring)
    implements Row {}
