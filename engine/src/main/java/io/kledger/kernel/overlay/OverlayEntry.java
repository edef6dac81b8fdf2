package io.kledger.kernel.overlay;

import io.kledger.store.Row;
import java.util.List;

/**
 * What a name of an overlay is made of (struct ovl_entry).
 *
 * @param key of the overlay's dentry
 * @param upper key of the dentry in the upper layer, 0 if it has none there
 * @param lowers dentries in lower layers, top to bottom; more than one only of a directory
 * @param guarded provided by an immutable layer, and no directory
 */
public record OverlayEntry(long key, long upper, List<Lower> lowers, boolean guarded)
    implements Row {
  /** A dentry in a lower layer. */
  public record Lower(int layer, long dentry) {}

  public OverlayEntry {
    lowers = List.copyOf(lowers);
  }
}
