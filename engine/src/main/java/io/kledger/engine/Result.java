package io.kledger.engine;

import org.apache.avro.specific.SpecificRecord;

/** What the engine says a call returns. Three-valued, and for a call that waits: not yet. */
public sealed interface Result {
  /**
   * Success.
   *
   * @param value what the call returns
   * @param call the call with its out-parameters filled in; null if it has none
   * @param detail what strace(1) prints behind the value, in parentheses; null if not said
   */
  record Done(long value, SpecificRecord call, String detail) implements Result {}

  /**
   * Failure.
   *
   * @param errno error number
   * @param rule what says so, in a few words: the check of the kernel function, the catalogue's
   *     paragraph
   */
  record Failed(int errno, String rule) implements Result {}

  /** The log does not hold what the answer depends on. */
  record Unknown(String reason) implements Result {}

  /** The call waits; {@code on} says for what. */
  record Blocked(String on) implements Result {}

  Result ZERO = new Done(0, null, null);

  /** Returns this value. */
  static Result value(long value) {
    return value == 0 ? ZERO : new Done(value, null, null);
  }

  /** Returns this value, with these out-parameters. */
  static Result value(long value, SpecificRecord call) {
    return new Done(value, call, null);
  }

  /** Returns this value, with what the trace prints behind it. */
  static Result detailed(long value, String detail) {
    return new Done(value, null, detail);
  }
}
