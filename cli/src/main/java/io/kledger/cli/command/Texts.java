package io.kledger.cli.command;

import io.kledger.event.Bytes;
import java.nio.charset.StandardCharsets;

/** Texts of the engine are one char a byte. */
final class Texts {
  private Texts() {}

  static Bytes bytes(String latin1) {
    return Bytes.wrap(latin1.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** For printing; what is not UTF-8 is replaced. */
  static String utf8(String latin1) {
    return bytes(latin1).toString();
  }
}
