package io.kledger.engine.syscall;

import io.kledger.event.Bytes;
import io.kledger.event.avro.OpaqueCall;

/**
 * The bare words of a call that the tracer does not know: {@code syscall_0x1d3(0xffffff9c, 0x1)}.
 */
final class RawArguments {
  private RawArguments() {}

  /** The word at an index, from 0; 0 if there is none or it is not a number. */
  static long word(OpaqueCall call, int index) {
    String[] words = Bytes.of(call.getArguments()).latin1().split(",", index + 2);
    if (index >= words.length) {
      return 0;
    }
    String word = words[index].strip();
    try {
      return word.startsWith("0x")
          ? Long.parseUnsignedLong(word.substring(2), 16)
          : Long.parseLong(word);
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
