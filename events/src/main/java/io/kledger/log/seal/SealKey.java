package io.kledger.log.seal;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.EdECPrivateKey;
import java.security.interfaces.EdECPublicKey;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.NamedParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/**
 * An Ed25519 key as one line of text, as C2SP's signed notes and Go's note package write it: {@code
 * NAME+HASH+BASE64} to verify, {@code PRIVATE+KEY+NAME+HASH+BASE64} to sign.
 */
public final class SealKey {
  private static final String PRIVATE = "PRIVATE+KEY+";
  private static final byte ED25519 = 1;
  private static final int BYTES = 32;

  private final String name;
  private final byte[] id;
  private final byte[] raw;
  private final boolean signs;

  private SealKey(String name, byte[] id, byte[] raw, boolean signs) {
    this.name = name;
    this.id = id;
    this.raw = raw;
    this.signs = signs;
  }

  /** Both halves of a new key: the one that signs, the one that verifies. */
  public static SealKey[] generate(String name) {
    requireName(name);
    try {
      KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
      byte[] seed = ((EdECPrivateKey) pair.getPrivate()).getBytes().orElseThrow();
      byte[] point = encode(((EdECPublicKey) pair.getPublic()).getPoint());
      byte[] id = id(name, point);
      return new SealKey[] {new SealKey(name, id, seed, true), new SealKey(name, id, point, false)};
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Reads a key from its line.
   *
   * @throws SealException if it is none
   */
  public static SealKey parse(String text) {
    String line = text.strip();
    boolean signs = line.startsWith(PRIVATE);
    String[] parts = (signs ? line.substring(PRIVATE.length()) : line).split("\\+", 3);
    if (parts.length != 3) {
      throw new SealException("not a key: expected NAME+HASH+BASE64");
    }
    requireName(parts[0]);
    byte[] id;
    byte[] data;
    try {
      id = HexFormat.of().parseHex(parts[1]);
      data = Base64.getDecoder().decode(parts[2]);
    } catch (IllegalArgumentException e) {
      throw new SealException("not a key: " + e.getMessage());
    }
    if (id.length != 4 || data.length != BYTES + 1 || data[0] != ED25519) {
      throw new SealException("not an Ed25519 key: " + parts[0]);
    }
    byte[] raw = Arrays.copyOfRange(data, 1, data.length);
    if (!signs && !Arrays.equals(id, id(parts[0], raw))) {
      throw new SealException("key " + parts[0] + ": its hash is not that of its name and bytes");
    }
    return new SealKey(parts[0], id, raw, signs);
  }

  private static void requireName(String name) {
    if (!name.matches("[^\\s+]{1,200}")) {
      throw new SealException("key name \"" + name + "\": no blanks and no +");
    }
  }

  private static byte[] id(String name, byte[] point) {
    var sha256 = Hashes.sha256();
    sha256.update(name.getBytes(StandardCharsets.UTF_8));
    sha256.update(new byte[] {'\n', ED25519});
    return Arrays.copyOf(sha256.digest(point), 4);
  }

  /** The name that signatures bear. */
  public String name() {
    return name;
  }

  /** Whether this is the secret half. */
  public boolean signs() {
    return signs;
  }

  /** Four bytes that stand before a signature: which key made it. */
  byte[] id() {
    return id.clone();
  }

  byte[] sign(byte[] message) {
    if (!signs) {
      throw new SealException("key " + name + " is the public half: it cannot sign");
    }
    try {
      PrivateKey key =
          KeyFactory.getInstance("Ed25519")
              .generatePrivate(new EdECPrivateKeySpec(NamedParameterSpec.ED25519, raw));
      Signature signature = Signature.getInstance("Ed25519");
      signature.initSign(key);
      signature.update(message);
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  boolean verifies(byte[] message, byte[] signature) {
    try {
      PublicKey key =
          KeyFactory.getInstance("Ed25519")
              .generatePublic(new EdECPublicKeySpec(NamedParameterSpec.ED25519, decode(raw)));
      Signature check = Signature.getInstance("Ed25519");
      check.initVerify(key);
      check.update(message);
      return check.verify(signature);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  /** RFC 8032, section 5.1.2: y, little endian, with the sign of x in the highest bit. */
  private static byte[] encode(EdECPoint point) {
    byte[] big = point.getY().toByteArray();
    byte[] bytes = new byte[BYTES];
    for (int i = 0; i < big.length && i < BYTES; i++) {
      bytes[i] = big[big.length - 1 - i];
    }
    bytes[BYTES - 1] |= (byte) (point.isXOdd() ? 0x80 : 0);
    return bytes;
  }

  private static EdECPoint decode(byte[] bytes) {
    byte[] big = new byte[BYTES];
    for (int i = 0; i < BYTES; i++) {
      big[i] = bytes[BYTES - 1 - i];
    }
    boolean odd = (big[0] & 0x80) != 0;
    big[0] &= 0x7f;
    return new EdECPoint(odd, new BigInteger(1, big));
  }

  /** The line of text. The secret half tells everything. */
  public String text() {
    byte[] data = new byte[BYTES + 1];
    data[0] = ED25519;
    System.arraycopy(raw, 0, data, 1, BYTES);
    return (signs ? PRIVATE : "")
        + name
        + "+"
        + HexFormat.of().formatHex(id)
        + "+"
        + Base64.getEncoder().encodeToString(data);
  }

  @Override
  public String toString() {
    return name + "+" + HexFormat.of().formatHex(id);
  }
}
