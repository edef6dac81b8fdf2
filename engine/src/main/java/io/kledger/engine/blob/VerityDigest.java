package io.kledger.engine.blob;

import io.kledger.event.Bytes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/** The fs-verity digest of a file: SHA-256, blocks of 4096 bytes, no salt (fs/verity/enable.c). */
public final class VerityDigest {
  public static final int BLOCK = 4096;
  private static final int HASH = 32;
  private static final int DESCRIPTOR = 256;

  private VerityDigest() {}

  /** 64 lowercase hex digits. */
  public static Bytes of(Bytes content) {
    byte[] data = content.toArray();
    byte[] descriptor = new byte[DESCRIPTOR];
    descriptor[0] = 1;
    descriptor[1] = 1;
    descriptor[2] = 12;
    for (int i = 0; i < Long.BYTES; i++) {
      descriptor[8 + i] = (byte) ((long) data.length >>> 8 * i);
    }
    System.arraycopy(root(data), 0, descriptor, 16, HASH);
    return Bytes.of(HexFormat.of().formatHex(sha256().digest(descriptor)));
  }

  /** The root of the Merkle tree; zeros for an empty file. */
  private static byte[] root(byte[] data) {
    if (data.length == 0) {
      return new byte[HASH];
    }
    byte[] level = hashes(data);
    while (level.length > HASH) {
      level = hashes(level);
    }
    return level;
  }

  /** The hashes of the blocks of a level, one after the other; the last block padded with zeros. */
  private static byte[] hashes(byte[] level) {
    MessageDigest digest = sha256();
    int blocks = (level.length + BLOCK - 1) / BLOCK;
    byte[] hashes = new byte[blocks * HASH];
    for (int i = 0; i < blocks; i++) {
      byte[] block = Arrays.copyOfRange(level, i * BLOCK, (i + 1) * BLOCK);
      System.arraycopy(digest.digest(block), 0, hashes, i * HASH, HASH);
    }
    return hashes;
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
