package io.kledger.log;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;

/**
 * How far a source (a trace file, a stream) has been taken into a machine's log. Its identity is
 * what was read, not what it is called: the SHA-256 of the bytes consumed so far.
 *
 * @param number the {@code source} of its events, from 1
 * @param opened position of its SourceOpened event
 * @param name what it was called when it was opened
 * @param format {@code strace}, {@code audit}, {@code avro} ...
 * @param lines how many line ends were consumed
 * @param bytes how many bytes were consumed (of the uncompressed text)
 * @param sha256 digest of these bytes, 32 bytes
 * @param head digest of the first {@code min(bytes, 4096)} bytes, 32 bytes: tells early that a
 *     stream is another one
 * @param complete whether the source had ended there
 */
public record SourceProgress(
    int number,
    long opened,
    String name,
    String format,
    long lines,
    long bytes,
    byte[] sha256,
    byte[] head,
    boolean complete) {

  /** How many bytes {@link #head()} covers at most. */
  public static final int HEAD_BYTES = 4096;

  /** Checks the members. */
  public SourceProgress {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(format, "format");
    if (number < 1 || opened < 1 || lines < 0 || bytes < 0) {
      throw new IllegalArgumentException(
          "source " + number + " opened at " + opened + ", lines " + lines + ", bytes " + bytes);
    }
    if (sha256.length != 32 || head.length != 32) {
      throw new IllegalArgumentException("a SHA-256 digest has 32 bytes");
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SourceProgress that
        && number == that.number
        && opened == that.opened
        && name.equals(that.name)
        && format.equals(that.format)
        && lines == that.lines
        && bytes == that.bytes
        && Arrays.equals(sha256, that.sha256)
        && Arrays.equals(head, that.head)
        && complete == that.complete;
  }

  @Override
  public int hashCode() {
    return 31 * number + Arrays.hashCode(sha256);
  }

  @Override
  public String toString() {
    return "source "
        + number
        + " "
        + format
        + ":"
        + name
        + " lines "
        + lines
        + " bytes "
        + bytes
        + (complete ? " complete" : "")
        + " sha256 "
        + HexFormat.of().formatHex(sha256);
  }
}
