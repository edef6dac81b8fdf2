package io.kledger.kernel.block;

import io.kledger.event.Bytes;
import io.kledger.store.Row;

/**
 * A device-mapper device (struct mapped_device).
 *
 * @param key of the {@link BlockDevice}
 * @param live key of the {@link MappedTable} in use, 0 if none
 * @param inactive key of the one loaded, 0 if none
 * @param deferred it goes with its last user (DM_DEFERRED_REMOVE)
 */
public record MappedDevice(
    long key, Bytes name, Bytes uuid, long live, long inactive, boolean suspended, boolean deferred)
    implements Row {
  public MappedDevice withTables(long newLive, long newInactive) {
    return new MappedDevice(key, name, uuid, newLive, newInactive, suspended, deferred);
  }

  public MappedDevice withSuspended(boolean on) {
    return new MappedDevice(key, name, uuid, live, inactive, on, deferred);
  }

  public MappedDevice withDeferred() {
    return new MappedDevice(key, name, uuid, live, inactive, suspended, true);
  }
}
