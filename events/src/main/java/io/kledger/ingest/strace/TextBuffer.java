package io.kledger.ingest.strace;

import io.kledger.event.Bytes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A growing byte string. */
final class TextBuffer {
  private byte[] bytes = new byte[256];
  private int length;

  TextBuffer put(int b) {
    if (length == bytes.length) {
      bytes = Arrays.copyOf(bytes, length * 2);
    }
    bytes[length++] = (byte) b;
    return this;
  }

  TextBuffer put(String text) {
    byte[] more = text.getBytes(StandardCharsets.UTF_8);
    return put(more, 0, more.length);
  }

  TextBuffer put(ByteBuffer text) {
    int n = text.remaining();
    reserve(n);
    text.get(text.position(), bytes, length, n);
    length += n;
    return this;
  }

  TextBuffer put(byte[] source, int from, int to) {
    reserve(to - from);
    System.arraycopy(source, from, bytes, length, to - from);
    length += to - from;
    return this;
  }

  int length() {
    return length;
  }

  byte[] toArray() {
    return Arrays.copyOf(bytes, length);
  }

  Bytes toBytes() {
    return Bytes.of(bytes, 0, length);
  }

  private void reserve(int more) {
    if (length + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
    }
  }
}
