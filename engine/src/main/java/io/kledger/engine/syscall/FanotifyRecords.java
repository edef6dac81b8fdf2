package io.kledger.engine.syscall;

import io.kledger.event.Bytes;
import io.kledger.event.avro.Text;
import java.util.ArrayList;
import java.util.List;

/** What read(2) of a fanotify descriptor gave. */
final class FanotifyRecords {
  /** struct fanotify_event_metadata: event_len, vers, reserved, metadata_len, mask, fd, pid. */
  private static final int METADATA = 24;

  private static final int MASK_AT = 8;

  private FanotifyRecords() {}

  /** The masks of the records, in order; none if the trace does not show whole ones. */
  static List<Long> masks(Object data) {
    if (!(data instanceof Text text) || text.getCut()) {
      return List.of();
    }
    byte[] bytes = Bytes.of(text.getValue()).toArray();
    List<Long> masks = new ArrayList<>();
    int at = 0;
    while (at + METADATA <= bytes.length) {
      int length = (int) word(bytes, at, 4);
      if (length < METADATA || at + length > bytes.length) {
        return List.of();
      }
      masks.add(word(bytes, at + MASK_AT, 8));
      at += length;
    }
    return at == bytes.length ? masks : List.of();
  }

  private static long word(byte[] bytes, int from, int size) {
    long value = 0;
    for (int i = size - 1; i >= 0; i--) {
      value = value << 8 | bytes[from + i] & 0xff;
    }
    return value;
  }
}
