package io.kledger.event;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/**
 * An immutable byte string: a path, a file name, a comm. The kernel knows no encoding, so names are
 * compared and ordered as unsigned bytes.
 */
public final class Bytes implements Comparable<Bytes> {
  /** The empty byte string. */
  public static final Bytes EMPTY = new Bytes(new byte[0]);

  private final byte[] data;
  private int hash;

  private Bytes(byte[] data) {
    this.data = data;
  }

  /** The UTF-8 bytes of a text. */
  public static Bytes of(String text) {
    return text.isEmpty() ? EMPTY : new Bytes(text.getBytes(StandardCharsets.UTF_8));
  }

  /** A copy of the bytes. */
  public static Bytes of(byte[] bytes) {
    return bytes.length == 0 ? EMPTY : new Bytes(bytes.clone());
  }

  /** A copy of a part of an array. */
  public static Bytes of(byte[] bytes, int from, int to) {
    Objects.checkFromToIndex(from, to, bytes.length);
    return from == to ? EMPTY : new Bytes(Arrays.copyOfRange(bytes, from, to));
  }

  /** A copy of the remaining bytes; the buffer's position does not move. */
  public static Bytes of(ByteBuffer buffer) {
    int length = buffer.remaining();
    if (length == 0) {
      return EMPTY;
    }
    byte[] copy = new byte[length];
    buffer.get(buffer.position(), copy);
    return new Bytes(copy);
  }

  /** Takes ownership of the array: the caller must not change it any more. */
  public static Bytes wrap(byte[] bytes) {
    return bytes.length == 0 ? EMPTY : new Bytes(bytes);
  }

  /** Number of bytes. */
  public int length() {
    return data.length;
  }

  public boolean isEmpty() {
    return data.length == 0;
  }

  /** The byte at an index, 0 to 255. */
  public int at(int index) {
    return data[index] & 0xff;
  }

  /** The bytes from {@code from} (inclusive) to {@code to} (exclusive). */
  public Bytes slice(int from, int to) {
    return from == 0 && to == data.length ? this : of(data, from, to);
  }

  /** Index of the first such byte at or after {@code from}, or -1. */
  public int indexOf(int value, int from) {
    for (int i = from; i < data.length; i++) {
      if (data[i] == (byte) value) {
        return i;
      }
    }
    return -1;
  }

  public boolean startsWith(Bytes prefix) {
    return data.length >= prefix.data.length
        && Arrays.equals(data, 0, prefix.data.length, prefix.data, 0, prefix.data.length);
  }

  public boolean endsWith(Bytes suffix) {
    int start = data.length - suffix.data.length;
    return start >= 0
        && Arrays.equals(data, start, data.length, suffix.data, 0, suffix.data.length);
  }

  /** This followed by that. */
  public Bytes plus(Bytes that) {
    if (that.isEmpty()) {
      return this;
    }
    if (isEmpty()) {
      return that;
    }
    byte[] joined = Arrays.copyOf(data, data.length + that.data.length);
    System.arraycopy(that.data, 0, joined, data.length, that.data.length);
    return new Bytes(joined);
  }

  /** A copy of the bytes. */
  public byte[] toArray() {
    return data.clone();
  }

  /** A read-only view of the bytes. */
  public ByteBuffer toBuffer() {
    return ByteBuffer.wrap(data).asReadOnlyBuffer();
  }

  /** Copies the bytes into {@code target} and returns the index after the last one. */
  public int copyTo(byte[] target, int offset) {
    System.arraycopy(data, 0, target, offset, data.length);
    return offset + data.length;
  }

  /** One char per byte: loses nothing, for processing that only looks at ASCII. */
  public String latin1() {
    return new String(data, StandardCharsets.ISO_8859_1);
  }

  /** A 64-bit hash that is the same in every run. */
  public long hash64() {
    long h = 0xcbf29ce484222325L;
    for (byte b : data) {
      h = (h ^ (b & 0xff)) * 0x100000001b3L;
    }
    return h;
  }

  @Override
  public int compareTo(Bytes that) {
    return Arrays.compareUnsigned(data, that.data);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Bytes that && Arrays.equals(data, that.data);
  }

  @Override
  public int hashCode() {
    int h = hash;
    if (h == 0) {
      h = Arrays.hashCode(data);
      hash = h;
    }
    return h;
  }

  /** The bytes as UTF-8; what is not UTF-8 shows as U+FFFD. For people, not for comparison. */
  @Override
  public String toString() {
    return new String(data, StandardCharsets.UTF_8);
  }
}
