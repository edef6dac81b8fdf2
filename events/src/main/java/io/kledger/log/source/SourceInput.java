package io.kledger.log.source;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The bytes of a source, uncompressed. What begins like something that was imported before has to
 * be read twice: once to see whether it is the same, and once to go on.
 */
@FunctionalInterface
public interface SourceInput {

  /** Opens it from its first byte. */
  InputStream open() throws IOException;

  /**
   * Whether {@link #open()} can be called again; if not, what was read is kept in a temporary file.
   */
  default boolean reopens() {
    return true;
  }

  /** A file that is not compressed. */
  static SourceInput file(Path path) {
    return () -> Files.newInputStream(path);
  }

  /** A pipe or a socket. */
  static SourceInput stream(InputStream stream) {
    return new SourceInput() {
      @Override
      public InputStream open() {
        return stream;
      }

      @Override
      public boolean reopens() {
        return false;
      }
    };
  }
}
