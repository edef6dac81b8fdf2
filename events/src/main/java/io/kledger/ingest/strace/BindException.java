package io.kledger.ingest.strace;

import java.nio.charset.StandardCharsets;

/** Why a value does not fit its field: the reason that an opaque call carries. */
final class BindException extends Exception {
  private static final long serialVersionUID = 1L;
  private static final int SHOWN = 60;

  BindException(String reason) {
    super(reason, null, false, false);
  }

  static String quote(byte[] s, int from, int to) {
    boolean cut = to - from > SHOWN;
    return new String(s, from, cut ? SHOWN : to - from, StandardCharsets.ISO_8859_1)
        + (cut ? "..." : "");
  }
}
