package io.kledger.ingest.strace;

import io.kledger.event.Bytes;
import io.kledger.event.avro.Outcome;
import java.util.List;

/** One line of a trace, by its form. */
public sealed interface StraceLine {
  /** Thread, time and annotations. */
  LineHead head();

  /**
   * A whole call, or one put together from its two halves.
   *
   * @param name the system call, also for those strace prints as {@code syscall_0x1c9}
   * @param values the arguments as printed
   * @param call the record of the call, or an {@code OpaqueCall}
   * @param outcome what the call returned
   * @param duration time in the call, nanoseconds, -1 if not printed
   * @param text where arguments and result stand
   */
  record Call(
      LineHead head,
      String name,
      List<Value> values,
      Object call,
      Outcome outcome,
      long duration,
      Place text)
      implements StraceLine {
    /** The text between the parentheses. */
    public Bytes arguments() {
      return Bytes.of(text.source, text.argumentsFrom, text.argumentsTo);
    }

    /** The text after {@code = }, without the duration. */
    public Bytes result() {
      return Bytes.of(text.source, text.resultFrom, text.resultTo);
    }
  }

  /**
   * Ranges of the bytes of a line: few readers want the text, and copying it costs more than
   * parsing.
   */
  record Place(byte[] source, int argumentsFrom, int argumentsTo, int resultFrom, int resultTo) {}

  /**
   * {@code name(args <unfinished ...>}: the call was entered.
   *
   * @param call what is known of it: its record if the arguments are all there, else an {@code
   *     OpaqueCall}
   * @param begun the text that the resumed line continues, from the name on
   * @param detached strace let go of the task; no resumed line will come
   */
  record Unfinished(LineHead head, String name, Object call, Bytes begun, boolean detached)
      implements StraceLine {}

  /**
   * {@code <... name resumed>rest}.
   *
   * @param rest what follows, the end of the arguments and the result
   */
  record Resumed(LineHead head, String name, Bytes rest) implements StraceLine {}

  /** {@code --- SIG {...} ---} or {@code --- stopped by SIG ---}. */
  record Signal(LineHead head, int signal, Bytes info, boolean stopped) implements StraceLine {}

  /**
   * {@code +++ exited with N +++} or {@code +++ killed by SIG +++}; the signal is 0 for the first.
   */
  record Death(LineHead head, int status, int signal, boolean coreDumped) implements StraceLine {}

  /** {@code +++ superseded by execve in pid N +++}. */
  record Superseded(LineHead head, int by) implements StraceLine {}

  /** A message of strace itself. */
  record Message(LineHead head, Bytes text) implements StraceLine {}
}
