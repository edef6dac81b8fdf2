package io.kledger.ingest.strace;

import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Cuts a stream into lines without copying them: a line is a range of {@link #buffer}. */
final class LineSplitter {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long NEWLINES = 0x0a0a0a0a0a0a0a0aL;
  private static final long ONES = 0x0101010101010101L;
  private static final long HIGHS = 0x8080808080808080L;

  private final InputStream in;
  private final int limit;
  private byte[] buffer = new byte[1 << 20];
  private int filled;
  private int from;
  private int to;
  private int next;
  private boolean ended;
  private boolean tooLong;

  LineSplitter(InputStream in, int limit) {
    this.in = in;
    this.limit = limit;
  }

  /** Reads what is there already, without waiting for more; returns the end of it. */
  int prefetch() throws IOException {
    do {
      int n = in.read(buffer, filled, buffer.length - filled);
      ended = n < 0;
      filled += Math.max(0, n);
    } while (!ended && filled < buffer.length && in.available() > 0);
    return filled;
  }

  byte[] buffer() {
    return buffer;
  }

  int from() {
    return from;
  }

  int to() {
    return to;
  }

  /** Whether the line was longer than the limit: then only its beginning is there. */
  boolean tooLong() {
    return tooLong;
  }

  /** Moves to the next line; false at the end of the stream. The line before is gone then. */
  boolean advance() throws IOException {
    from = next;
    tooLong = false;
    int scan = from;
    while (true) {
      int newline = newline(scan);
      if (newline >= 0) {
        to = Math.min(newline, from + limit);
        tooLong |= newline - from > limit;
        next = newline + 1;
        return true;
      }
      scan = filled;
      if (ended) {
        to = filled;
        next = filled;
        return to > from;
      }
      if (filled - from > limit) {
        skipLongLine();
        return true;
      }
      scan -= fill();
    }
  }

  /** Reads more, and returns by how much the line moved towards the start of the buffer. */
  private int fill() throws IOException {
    int moved = 0;
    if (filled == buffer.length) {
      byte[] target = filled - from > buffer.length / 2 ? new byte[buffer.length * 2] : buffer;
      System.arraycopy(buffer, from, target, 0, filled - from);
      moved = from;
      filled -= from;
      from = 0;
      buffer = target;
    }
    int n = in.read(buffer, filled, buffer.length - filled);
    if (n < 0) {
      ended = true;
    } else {
      filled += n;
    }
    return moved;
  }

  private void skipLongLine() throws IOException {
    tooLong = true;
    to = from + limit;
    int keep = filled;
    while (!ended) {
      // The rest goes over the same bytes again and again.
      int start = to;
      int n = in.read(buffer, start, keep - start);
      if (n < 0) {
        ended = true;
        filled = start;
        next = start;
        return;
      }
      for (int i = start; i < start + n; i++) {
        if (buffer[i] == '\n') {
          filled = start + n;
          next = i + 1;
          return;
        }
      }
    }
  }

  /**
   * Index of the first line feed at or after {@code i}, -1 if there is none; eight bytes at a time.
   */
  private int newline(int i) {
    byte[] b = buffer;
    int end = filled;
    while (i + 8 <= end) {
      long x = (long) LONGS.get(b, i) ^ NEWLINES;
      long hit = x - ONES & ~x & HIGHS;
      if (hit != 0) {
        return i + (Long.numberOfTrailingZeros(hit) >>> 3);
      }
      i += 8;
    }
    for (; i < end; i++) {
      if (b[i] == '\n') {
        return i;
      }
    }
    return -1;
  }
}
