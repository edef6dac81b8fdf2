package io.kledger.kernel.watch;

import io.kledger.event.Bytes;
import io.kledger.store.Row;

/**
 * A record that waits to be read (struct inotify_event_info). Keys ascend in the order of the
 * queue.
 *
 * @param wd watch descriptor, -1 for an overflow
 * @param name of the object in the watched directory; empty if the watched object itself is meant
 */
public record InotifyEvent(long key, long instance, int wd, long mask, int cookie, Bytes name)
    implements Row {
  /** Size of the record's header, in bytes. */
  private static final int HEADER = 16;

  /** Bytes that the name takes: padded with zeros to a multiple of 16, at least one of them. */
  public int nameLength() {
    return name.isEmpty() ? 0 : (name.length() / HEADER + 1) * HEADER;
  }

  /** Bytes that read(2) gives for it. */
  public int size() {
    return HEADER + nameLength();
  }

  /** Whether another event says the same: cookies are not compared. */
  public boolean repeats(InotifyEvent other) {
    return wd == other.wd && mask == other.mask && name.equals(other.name);
  }
}
