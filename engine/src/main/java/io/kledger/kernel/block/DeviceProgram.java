package io.kledger.kernel.block;

import io.kledger.event.Bytes;
import io.kledger.store.Row;
import java.util.List;

/**
 * What a device-cgroup program of this name decides: the ledger does not run it.
 *
 * @param allow rules such as {@code c 1:3 rwm}
 * @param deny rules that win over them
 */
public record DeviceProgram(
    long key, Bytes name, boolean allowByDefault, List<Bytes> allow, List<Bytes> deny)
    implements Row {
  public DeviceProgram {
    allow = List.copyOf(allow);
    deny = List.copyOf(deny);
  }
}
