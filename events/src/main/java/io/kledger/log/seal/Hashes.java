package io.kledger.log.seal;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The hashes of RFC 6962, section 2.1, and of the chain. Used by one thread. */
final class Hashes {
  /** Bytes of a hash. */
  static final int SIZE = 32;

  private static final byte LEAF = 0;
  private static final byte NODE = 1;
  private static final byte LINK = 2;

  private final MessageDigest sha256 = sha256();

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  byte[] leaf(byte[] data) {
    sha256.update(LEAF);
    return sha256.digest(data);
  }

  byte[] node(byte[] left, byte[] right) {
    sha256.update(NODE);
    sha256.update(left);
    return sha256.digest(right);
  }

  /** The chain's link after a leaf. */
  byte[] link(byte[] before, byte[] leaf) {
    sha256.update(LINK);
    sha256.update(before);
    return sha256.digest(leaf);
  }

  /** The link before the first event of a machine. */
  byte[] start(String machine) {
    return sha256.digest(("kledger chain v1\n" + machine + "\n").getBytes(StandardCharsets.UTF_8));
  }

  byte[] empty() {
    return sha256.digest();
  }
}
