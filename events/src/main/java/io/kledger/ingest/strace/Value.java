package io.kledger.ingest.strace;

import io.kledger.event.Bytes;
import java.util.Arrays;
import java.util.List;

/**
 * A part of the text of a call: what strace printed for an argument or a member of a structure.
 *
 * <p>A value is a range of the line's bytes, {@code source[from, to)}, and valid as long as the
 * line is.
 */
public sealed interface Value {
  /** The bytes of the line. */
  byte[] source();

  /** Index of the first byte. */
  int from();

  /** Index after the last byte. */
  int to();

  /** The text as printed. */
  default Bytes text() {
    return Bytes.of(source(), from(), to());
  }

  /** Whether this is printed exactly as that ASCII text. */
  default boolean is(byte[] text) {
    return Arrays.equals(source(), from(), to(), text, 0, text.length);
  }

  /**
   * An integer, with the comment that may follow it: {@code 0x1000 /* MS_BIND *}{@code /}.
   *
   * @param value the number, as 64 bits
   * @param digitsTo index after the last digit
   */
  record Number(byte[] source, int from, int to, long value, int digitsTo) implements Value {
    /** Whether it was printed in hexadecimal. */
    public boolean hex() {
      return digitsTo - from > 2 && source[from] == '0' && source[from + 1] == 'x';
    }

    /** The comment between its markers, empty if there is none. */
    public Bytes comment() {
      return to == digitsTo ? Bytes.EMPTY : Bytes.of(source, digitsTo + 4, to - 3);
    }
  }

  /**
   * A string in quotes.
   *
   * @param bodyTo index of the closing quote
   * @param escaped whether the body has escape sequences
   * @param cut whether {@code ...} follows: only the beginning is shown
   * @param abstractName whether {@code @} precedes it: a name in the abstract socket namespace
   */
  record Quoted(
      byte[] source,
      int from,
      int to,
      int bodyTo,
      boolean escaped,
      boolean cut,
      boolean abstractName)
      implements Value {
    /** The bytes that the string stands for. */
    public byte[] bytes() {
      int body = from + (abstractName ? 2 : 1);
      return escaped
          ? Escapes.unescape(source, body, bodyTo)
          : Arrays.copyOfRange(source, body, bodyTo);
    }
  }

  /**
   * A number with an annotation in angle brackets: a file descriptor, or a pid with its command
   * name.
   *
   * @param number the number itself
   * @param targetFrom index after the opening bracket
   * @param targetTo index after the annotation; {@code >(deleted)} belongs to it
   */
  record Descriptor(byte[] source, int from, int to, long number, int targetFrom, int targetTo)
      implements Value {
    /** What stands between the brackets, followed by {@code >(deleted)} if strace says so. */
    public Bytes target() {
      return Bytes.of(source, targetFrom, targetTo);
    }
  }

  /** {@code [a, b, ...]}. */
  record Sequence(byte[] source, int from, int to, List<Value> elements) implements Value {}

  /** <code>{name=value, ...}</code>; its members are mostly {@link Named}. */
  record Struct(byte[] source, int from, int to, List<Value> members) implements Value {}

  /** {@code name=value}. */
  record Named(byte[] source, int from, int to, int nameTo, Value value) implements Value {
    /** The name. */
    public Bytes name() {
      return Bytes.of(source, from, nameTo);
    }

    boolean isNamed(byte[] name) {
      return nameTo - from == name.length
          && Arrays.equals(source, from, nameTo, name, 0, name.length);
    }
  }

  /** {@code in => out}: memory that the call read, and what it wrote there. */
  record InOut(byte[] source, int from, int to, Value in, Value out) implements Value {}

  /** {@code _} or {@code $name} in a scenario: any text. */
  record Wildcard(byte[] source, int from, int to) implements Value {
    /** The name after the dollar sign, empty for {@code _}. */
    public Bytes name() {
      return source[from] == '$' ? Bytes.of(source, from + 1, to) : Bytes.EMPTY;
    }
  }

  /** Anything else: {@code NULL}, {@code O_RDWR|O_CREAT}, {@code makedev(0x8, 0)}. */
  record Token(byte[] source, int from, int to) implements Value {}
}
