package io.kledger.store;

import io.kledger.event.Bytes;
import java.nio.charset.StandardCharsets;

/**
 * Reads what a {@link ByteSink} wrote. Bytes that it did not write give a {@link
 * StoreException.Damaged}, never another value than was written with a correct end.
 */
public final class ByteReader {
  private final byte[] data;
  private final int end;
  private int at;

  public ByteReader(byte[] data) {
    this(data, 0);
  }

  /** Reads from an offset to the end. */
  public ByteReader(byte[] data, int from) {
    this.data = data;
    this.at = from;
    this.end = data.length;
  }

  public boolean atEnd() {
    return at == end;
  }

  /** Bytes not yet read. */
  public int remaining() {
    return end - at;
  }

  /** Index of the next byte. */
  public int offset() {
    return at;
  }

  public int u8() {
    need(1);
    return data[at++] & 0xff;
  }

  public long fixed() {
    need(8);
    long value = 0;
    for (int i = 0; i < 8; i++) {
      value = value << 8 | data[at++] & 0xff;
    }
    return value;
  }

  public long varint() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      int b = u8();
      value |= (long) (b & 0x7f) << shift;
      if (b < 0x80) {
        return value;
      }
    }
    throw damaged("a number of more than ten bytes");
  }

  public long zigzag() {
    long value = varint();
    return value >>> 1 ^ -(value & 1);
  }

  /** A count of things of at least one byte each that follow. */
  public int count(long value) {
    if (value < 0 || value > end - at) {
      throw damaged("a length of " + value + " where " + (end - at) + " bytes are left");
    }
    return (int) value;
  }

  public Bytes nullableBytes() {
    long tag = varint();
    if (tag == 0) {
      return null;
    }
    int length = count(tag - 1);
    at += length;
    return Bytes.of(data, at - length, at);
  }

  public String nullableString() {
    long tag = varint();
    if (tag == 0) {
      return null;
    }
    int length = count(tag - 1);
    at += length;
    return new String(data, at - length, length, StandardCharsets.UTF_8);
  }

  private void need(int count) {
    if (end - at < count) {
      throw damaged("it ends early");
    }
  }

  static StoreException.Damaged damaged(String what) {
    return new StoreException.Damaged("a stored value cannot be read: " + what);
  }
}
