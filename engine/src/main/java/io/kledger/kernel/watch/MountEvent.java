package io.kledger.kernel.watch;

import io.kledger.store.Row;

/**
 * A record that waits to be read (struct fanotify_mnt_event). Keys ascend in the order of the
 * queue.
 *
 * @param pid key of the Pid of the process that did it, 0 of an overflow
 * @param mount unique id of the mount, 0 of an overflow
 */
public record MountEvent(long key, long group, long mask, long pid, long mount) implements Row {
  /** Instead of events that found no room. */
  public static final long OVERFLOW = 0x4000;

  /** Bytes that read(2) gives for it: metadata, and the id of the mount. */
  public int size() {
    return mask == OVERFLOW ? 24 : 40;
  }
}
