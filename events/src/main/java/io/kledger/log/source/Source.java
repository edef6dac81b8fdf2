package io.kledger.log.source;

import java.util.Objects;

/**
 * What a source is called; not its identity, which is its content.
 *
 * @param name the file's name, {@code -} for standard input
 * @param format {@code strace}, {@code audit}, {@code avro} ...
 * @param detail what the recorder said of itself: its version, its flags; may be empty
 */
public record Source(String name, String format, String detail) {

  /** Checks that nothing is null. */
  public Source {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(format, "format");
    Objects.requireNonNull(detail, "detail");
  }
}
