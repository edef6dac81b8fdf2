package io.kledger.log.codec;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A growing array that Avro's primitive types are written to. Not for several threads. */
public final class WireOut {

  private byte[] buffer;
  private int size;

  /** Begins with room for {@code capacity} bytes. */
  public WireOut(int capacity) {
    buffer = new byte[Math.max(16, capacity)];
  }

  /** What was written, from index 0 on; replaced when it grows. */
  public byte[] array() {
    return buffer;
  }

  /** How many bytes were written. */
  public int size() {
    return size;
  }

  /** Takes back what was written after the first {@code size} bytes. */
  public void truncate(int size) {
    if (size < 0 || size > this.size) {
      throw new IllegalArgumentException("truncate to " + size + " of " + this.size);
    }
    this.size = size;
  }

  /** A copy of what was written. */
  public byte[] toByteArray() {
    return Arrays.copyOf(buffer, size);
  }

  void writeBoolean(boolean value) {
    room(1);
    buffer[size++] = (byte) (value ? 1 : 0);
  }

  void writeLong(long value) {
    room(10);
    long raw = (value << 1) ^ (value >> 63);
    int at = size;
    while ((raw & ~0x7fL) != 0) {
      buffer[at++] = (byte) (raw | 0x80);
      raw >>>= 7;
    }
    buffer[at++] = (byte) raw;
    size = at;
  }

  void writeBytes(ByteBuffer value) {
    int length = value.remaining();
    writeLong(length);
    room(length);
    value.get(value.position(), buffer, size, length);
    size += length;
  }

  void writeString(String value) {
    byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
    writeLong(utf8.length);
    write(utf8, 0, utf8.length);
  }

  /** Copies bytes as they are. */
  public void write(byte[] bytes, int offset, int length) {
    room(length);
    System.arraycopy(bytes, offset, buffer, size, length);
    size += length;
  }

  /**
   * Puts an Avro long in front of what was written since {@code mark}: the length of a record that
   * is only known once it is written.
   */
  public void prefixLength(int mark) {
    int length = size - mark;
    int width = 1;
    while ((2L * length) >>> 7 * width != 0) {
      width++;
    }
    room(width);
    System.arraycopy(buffer, mark, buffer, mark + width, length);
    size = mark;
    writeLong(length);
    size += length;
  }

  private void room(int more) {
    if (buffer.length - size < more) {
      buffer = Arrays.copyOf(buffer, Math.max(buffer.length * 2, Math.addExact(size, more)));
    }
  }
}
