package io.kledger.projection.http;

import io.vertx.core.buffer.Buffer;

/**
 * Some messages that are sent together.
 *
 * @param to position of the last event that was looked at for it
 * @param told cursor's position of the last message in it; -1 if nothing is to be sent
 * @param changes told in it
 * @param text what is sent as text; null where bytes are sent
 * @param bytes what is sent as bytes; null where text is
 */
record Frame(long to, long told, int changes, String text, Buffer bytes) {
  boolean isEmpty() {
    return told < 0;
  }

  int size() {
    return isEmpty() ? 0 : text != null ? text.length() : bytes.length();
  }
}
