package io.kledger.log.codec;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Reads Avro's primitive types from an array. Never reads outside its range. */
final class WireIn {

  private byte[] buffer;
  private int at;
  private int limit;

  void reset(byte[] bytes, int offset, int length) {
    buffer = bytes;
    at = offset;
    limit = offset + length;
  }

  int remaining() {
    return limit - at;
  }

  boolean readBoolean() {
    byte b = next();
    if (b != 0 && b != 1) {
      throw new WireException("boolean is " + b);
    }
    return b == 1;
  }

  int readInt() {
    long value = readLong();
    if (value != (int) value) {
      throw new WireException("int out of range: " + value);
    }
    return (int) value;
  }

  long readLong() {
    int at = this.at;
    if (at >= limit) {
      throw ended();
    }
    long b = buffer[at++];
    long raw = b;
    if (b < 0) {
      raw = b & 0x7f;
      int shift = 7;
      do {
        if (at >= limit) {
          throw ended();
        }
        if (shift > 63) {
          throw new WireException("number of more than 10 bytes");
        }
        b = buffer[at++];
        raw |= (b & 0x7f) << shift;
        shift += 7;
      } while (b < 0);
    }
    this.at = at;
    return (raw >>> 1) ^ -(raw & 1);
  }

  /** A length or count; what follows must be able to hold it at one byte each. */
  int readLength() {
    long length = readLong();
    if (length < 0 || length > limit - at) {
      throw new WireException("length " + length + " with " + (limit - at) + " bytes left");
    }
    return (int) length;
  }

  ByteBuffer readBytes() {
    int length = readLength();
    var copy = new byte[length];
    System.arraycopy(buffer, at, copy, 0, length);
    at += length;
    return ByteBuffer.wrap(copy);
  }

  String readString() {
    int length = readLength();
    var text = new String(buffer, at, length, StandardCharsets.UTF_8);
    at += length;
    return text;
  }

  private byte next() {
    if (at >= limit) {
      throw ended();
    }
    return buffer[at++];
  }

  private static WireException ended() {
    return new WireException("record goes on after its last byte");
  }
}
