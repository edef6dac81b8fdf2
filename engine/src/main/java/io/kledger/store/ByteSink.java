package io.kledger.store;

import io.kledger.event.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A growing buffer that rows and keys are written to; used again and again by one thread. */
public final class ByteSink {
  private byte[] data = new byte[256];
  private int size;

  /** Forgets what was written. */
  public ByteSink clear() {
    size = 0;
    return this;
  }

  public int size() {
    return size;
  }

  /** A copy of what was written. */
  public byte[] toArray() {
    return Arrays.copyOf(data, size);
  }

  /** The buffer itself: only the first {@link #size} bytes count, until the next write. */
  public byte[] array() {
    return data;
  }

  public void u8(int value) {
    room(1);
    data[size++] = (byte) value;
  }

  /** Eight bytes, big endian: ordered as the unsigned numbers are. */
  public void fixed(long value) {
    room(8);
    for (int shift = 56; shift >= 0; shift -= 8) {
      data[size++] = (byte) (value >>> shift);
    }
  }

  /** An unsigned number in groups of 7 bits, the lowest first. */
  public void varint(long value) {
    room(10);
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      data[size++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    data[size++] = (byte) rest;
  }

  /** A signed number; small ones of either sign are short. */
  public void zigzag(long value) {
    varint(value << 1 ^ value >> 63);
  }

  public void bytes(byte[] bytes) {
    bytes(bytes, 0, bytes.length);
  }

  public void bytes(byte[] bytes, int from, int to) {
    room(to - from);
    System.arraycopy(bytes, from, data, size, to - from);
    size += to - from;
  }

  /** Length and bytes; null is told from empty. */
  public void nullable(Bytes bytes) {
    if (bytes == null) {
      varint(0);
      return;
    }
    varint(bytes.length() + 1L);
    room(bytes.length());
    size = bytes.copyTo(data, size);
  }

  /** As UTF-8; null is told from empty. */
  public void nullable(String text) {
    if (text == null) {
      varint(0);
      return;
    }
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    varint(utf8.length + 1L);
    bytes(utf8);
  }

  private void room(int count) {
    if (data.length - size < count) {
      data = Arrays.copyOf(data, Math.max(data.length * 2, size + count));
    }
  }
}
