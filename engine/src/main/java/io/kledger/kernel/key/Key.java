package io.kledger.kernel.key;

import io.kledger.event.Bytes;
import io.kledger.store.Row;
import java.util.List;

/**
 * A key or a keyring (struct key).
 *
 * @param serial what calls name it by
 * @param type "keyring", "user", "asymmetric"
 * @param keyring key of the row of the keyring that it hangs in, 0 if in none
 * @param restricted of a keyring: links are restricted (KEYCTL_RESTRICT_KEYRING)
 * @param signers of a signature: descriptions of the keys that made it
 */
public record Key(
    long key,
    int serial,
    Bytes type,
    Bytes description,
    long keyring,
    boolean restricted,
    boolean revoked,
    List<Bytes> signers)
    implements Row {
  public Key {
    signers = List.copyOf(signers);
  }

  public Key withRestricted() {
    return new Key(key, serial, type, description, keyring, true, revoked, signers);
  }

  public Key withRevoked() {
    return new Key(key, serial, type, description, keyring, restricted, true, signers);
  }

  public Key withKeyring(long other) {
    return new Key(key, serial, type, description, other, restricted, revoked, signers);
  }
}
