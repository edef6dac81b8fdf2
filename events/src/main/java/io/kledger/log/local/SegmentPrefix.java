package io.kledger.log.local;

import java.io.IOException;
import java.util.Arrays;

/**
 * The first uncompressed events of a segment, with their lengths: the dictionary against which its
 * later batches are compressed, so that small batches compress nearly as well as one large one. A
 * dictionary has one of four lengths; a batch uses the longest that was written before it.
 */
final class SegmentPrefix {

  /** The longest dictionary: 2 MiB. */
  static final int MAX_LOG = 21;

  private static final int[] LOGS = {MAX_LOG, 20, 18, 16};
  private static final int MAX = 1 << MAX_LOG;

  private byte[] content = new byte[0];
  private int size;

  /** Finds the beginning of a segment when a batch needs it. */
  @FunctionalInterface
  interface Loader {
    /** The first 2^{@code log} bytes. */
    byte[] first(int log) throws IOException;
  }

  void clear() {
    content = new byte[0];
    size = 0;
  }

  boolean isFull() {
    return size == MAX;
  }

  boolean has(int log) {
    return size >= 1 << log;
  }

  /** The length, as a power of two, of the longest dictionary that is there; 0 if none is. */
  int longest() {
    for (int log : LOGS) {
      if (has(log)) {
        return log;
      }
    }
    return 0;
  }

  byte[] first(int log) {
    return Arrays.copyOf(content, 1 << log);
  }

  /** Adds a batch's events; what goes beyond the longest dictionary is left out. */
  void add(byte[] raw, int length) {
    int more = Math.min(length, MAX - size);
    if (content.length - size < more) {
      content = Arrays.copyOf(content, Math.min(MAX, Math.max(2 * content.length, size + more)));
    }
    System.arraycopy(raw, 0, content, size, more);
    size += more;
  }
}
