package io.kledger.engine.key;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Machine;
import io.kledger.kernel.key.Key;
import java.util.List;

/** verity_verify_root_hash(): which keyrings vouch for the signature of a dm-verity root hash. */
public final class RootHashTrust {
  private static final List<Bytes> SYSTEM =
      List.of(
          Bytes.of(".builtin_trusted_keys"),
          Bytes.of(".secondary_trusted_keys"),
          Bytes.of(".platform"));
  private static final Bytes DM_VERITY = Bytes.of(".dm-verity");
  private static final String PREFIX = "%keyring:";

  private RootHashTrust() {}

  /**
   * The outcome.
   *
   * @param errno 0 if the table may be used
   * @param keyring serial of the keyring that was chosen, 0 if none was named
   */
  public record Verdict(int errno, int keyring) {}

  /**
   * Judges a table.
   *
   * @param signature description of the user key with the signature; null if the table is unsigned
   * @param chosen proposed: the keyring, by serial or {@code %keyring:DESCRIPTION}; null: the
   *     system
   */
  public static Verdict judge(CallContext context, Bytes signature, Bytes chosen) {
    KernelState state = context.state();
    if (signature == null) {
      return new Verdict(required(state) ? Errno.ENOKEY : 0, 0);
    }
    Key signed = Keyrings.search(state, Keyrings.session(context).key(), Keyrings.USER, signature);
    if (signed == null) {
      return new Verdict(Errno.ENOKEY, 0);
    }
    if (signed.revoked()) {
      return new Verdict(Errno.EKEYREVOKED, 0);
    }
    return chosen == null
        ? new Verdict(bySystem(context, signed), 0)
        : byChosen(context, signed, chosen);
  }

  private static boolean required(KernelState state) {
    Machine machine = state.machine.get(1);
    return machine != null && machine.settings().contains("dm_verity.require_signatures=1");
  }

  private static Verdict byChosen(CallContext context, Key signed, Bytes chosen) {
    String text = chosen.latin1();
    Key keyring = null;
    if (text.startsWith(PREFIX)) {
      keyring = Keyrings.named(context, Bytes.of(text.substring(PREFIX.length())));
    } else if (text.matches("[0-9]{1,10}")) {
      keyring = Keyrings.bySerial(context, Long.parseLong(text));
    }
    if (keyring == null || !keyring.type().equals(Keyrings.KEYRING)) {
      return new Verdict(Errno.ENOKEY, 0);
    }
    if (keyring.revoked()) {
      return new Verdict(Errno.EKEYREVOKED, 0);
    }
    if (!keyring.restricted()) {
      return new Verdict(Errno.EPERM, 0);
    }
    boolean vouched = Keyrings.vouches(context.state(), keyring, signed.signers());
    return new Verdict(vouched ? 0 : Errno.ENOKEY, keyring.serial());
  }

  private static int bySystem(CallContext context, Key signed) {
    KernelState state = context.state();
    for (Bytes name : SYSTEM) {
      Key keyring = Keyrings.named(context, name);
      if (keyring != null && Keyrings.vouches(state, keyring, signed.signers())) {
        return 0;
      }
    }
    Key own = context.profile().atLeast(7, 0) ? Keyrings.named(context, DM_VERITY) : null;
    boolean vouched =
        own != null && own.restricted() && Keyrings.vouches(state, own, signed.signers());
    return vouched ? 0 : Errno.ENOKEY;
  }
}
