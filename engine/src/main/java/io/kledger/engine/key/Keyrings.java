package io.kledger.engine.key;

import io.kledger.engine.CallContext;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.key.Key;
import java.util.ArrayList;
import java.util.List;

/** Keys by serial and description: security/keys/keyring.c. One session keyring for all. */
public final class Keyrings {
  public static final Bytes KEYRING = Bytes.of("keyring");
  public static final Bytes USER = Bytes.of("user");
  public static final Bytes ASYMMETRIC = Bytes.of("asymmetric");
  private static final Bytes SESSION = Bytes.of("_ses");

  /** Serials begin above what a program would write by hand. */
  private static final int FIRST_SERIAL = 100_000_000;

  private Keyrings() {}

  /** The session keyring; made at its first use. */
  public static Key session(CallContext context) {
    Key there = top(context.state(), SESSION);
    return there == null ? add(context, KEYRING, SESSION, 0, false, List.of()) : there;
  }

  private static Key top(KernelState state, Bytes description) {
    for (Key key : state.keys.rows()) {
      if (key.keyring() == 0
          && key.type().equals(KEYRING)
          && key.description().equals(description)) {
        return key;
      }
    }
    return null;
  }

  /** A new key in a keyring. */
  public static Key add(
      CallContext context,
      Bytes type,
      Bytes description,
      long keyring,
      boolean restricted,
      List<Bytes> signers) {
    long row = context.newKey();
    Key made =
        new Key(
            row, FIRST_SERIAL + (int) row, type, description, keyring, restricted, false, signers);
    context.put(Tables.KEYS, made);
    return made;
  }

  /** The keyring of a name: a system's own (with a dot), or one below the session's. */
  public static Key named(CallContext context, Bytes name) {
    KernelState state = context.state();
    Key system = top(state, name);
    return system != null ? system : search(state, session(context).key(), KEYRING, name);
  }

  /** Makes the keyring of a directive: sealed if it is the system's. */
  public static Key declared(CallContext context, Bytes name) {
    Key there = named(context, name);
    if (there != null) {
      return there;
    }
    boolean system = !name.isEmpty() && name.at(0) == '.';
    return add(context, KEYRING, name, system ? 0 : session(context).key(), system, List.of());
  }

  /** A key by serial or KEY_SPEC_*: null if there is none. */
  public static Key bySerial(CallContext context, long serial) {
    if (serial < 0) {
      return serial >= -5 ? session(context) : null;
    }
    long row =
        context.state().keysBySerial.count(serial) == 0
            ? 0
            : context.state().keysBySerial.keyAt(serial, 0);
    return row == 0 ? null : context.state().keys.get(row);
  }

  /** keyring_search(): by type and description, keyrings within included; null if none. */
  public static Key search(KernelState state, long keyring, Bytes type, Bytes description) {
    List<Key> below = new ArrayList<>();
    for (long row : state.keysByKeyring.keys(keyring)) {
      Key key = state.keys.require(row);
      if (key.type().equals(type) && key.description().equals(description)) {
        return key;
      }
      if (key.type().equals(KEYRING)) {
        below.add(key);
      }
    }
    for (Key inner : below) {
      Key found = search(state, inner.key(), type, description);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  /** Whether a keyring holds one of the keys that made a signature. */
  public static boolean vouches(KernelState state, Key keyring, List<Bytes> signers) {
    for (Bytes signer : signers) {
      Key key = search(state, keyring.key(), ASYMMETRIC, signer);
      if (key != null && !key.revoked()) {
        return true;
      }
    }
    return false;
  }
}
