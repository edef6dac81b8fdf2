package io.kledger.kernel.file;

import io.kledger.store.Row;
import java.util.List;

/**
 * How a descriptor came where it is, if not by being opened there. Key: that of the FdSlot.
 *
 * @param positions of the events that installed those it was made from, the oldest first
 */
public record FdTrail(long key, List<Long> positions) implements Row {
  public FdTrail {
    positions = List.copyOf(positions);
  }
}
