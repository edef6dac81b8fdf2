package io.kledger.projection.http;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;

/** What was sent, as it was before it was compressed; however small it was made, it is bounded. */
final class Bodies {
  /** Bytes of a trace that is appended or looked at. */
  static final int MOST_TRACE = 64 << 20;

  private static final int BUFFER = 1 << 16;

  private Bodies() {}

  /**
   * The body.
   *
   * @param encoding Content-Encoding: none, identity or gzip
   * @param most bytes that it may have
   */
  static byte[] plain(byte[] body, String encoding, int most) {
    byte[] plain =
        switch (encoding == null ? "identity" : encoding) {
          case "identity" -> body;
          case "gzip" -> unzipped(body, most);
          default ->
              throw new Problem(
                  415, "Content-Encoding " + encoding + ": expected gzip, or the body as it is");
        };
    if (plain.length > most) {
      throw tooLarge(most);
    }
    return plain;
  }

  private static Problem tooLarge(int most) {
    return new Problem(413, "the body has more than " + most + " bytes");
  }

  private static byte[] unzipped(byte[] body, int most) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] buffer = new byte[BUFFER];
    try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(body))) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        if (out.size() + read > most) {
          throw tooLarge(most);
        }
        out.write(buffer, 0, read);
      }
    } catch (IOException e) {
      throw new Problem(400, "the body is not gzip: " + e.getMessage());
    }
    return out.toByteArray();
  }
}
