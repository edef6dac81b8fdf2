package io.kledger.kernel.overlay;

import io.kledger.event.Bytes;
import io.kledger.store.Row;

/**
 * A layer of an overlay (struct ovl_layer).
 *
 * @param superblock key of the overlay
 * @param index 0 of the upper layer, from 1 of the lower ones, top to bottom; {@link #WORK}
 * @param mount key of the private clone of the mount that it was given by; 0 of the work directory
 * @param path as typed
 * @param data a lower layer for data only
 * @param immutable what it provides cannot be changed or hidden by the upper layer
 */
public record OverlayLayer(
    long key, long superblock, int index, long mount, Bytes path, boolean data, boolean immutable)
    implements Row {
  /** Index of the work directory, which is no layer. */
  public static final int WORK = -1;
}
