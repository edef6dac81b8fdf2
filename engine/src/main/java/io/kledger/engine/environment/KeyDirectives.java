package io.kledger.engine.environment;

import io.kledger.engine.CallContext;
import io.kledger.engine.file.Dcache;
import io.kledger.engine.key.Keyrings;
import io.kledger.event.Bytes;
import io.kledger.event.avro.Environment;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.block.DeviceProgram;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.key.Key;
import java.util.ArrayList;
import java.util.List;

/** {@code @key @signature @verity @devprog}: trust, and programs that decide. */
final class KeyDirectives {
  private KeyDirectives() {}

  /** {@code @key KEYRING DESCRIPTION}. */
  static void key(CallContext context, Environment body) {
    Words words = new Words(body);
    Key keyring = Keyrings.declared(context, words.bytes(0));
    Keyrings.add(context, Keyrings.ASYMMETRIC, words.bytes(1), keyring.key(), false, List.of());
  }

  /** {@code @signature DESC by=KEY[,KEY]}. */
  static void signature(CallContext context, Environment body) {
    Words words = new Words(body);
    sign(context, words.bytes(0), words.text("by", ""));
  }

  private static void sign(CallContext context, Bytes description, String by) {
    List<Bytes> signers = new ArrayList<>();
    for (String signer : by.split(",")) {
      signers.add(Bytes.of(signer));
    }
    Keyrings.add(
        context, Keyrings.USER, description, Keyrings.session(context).key(), false, signers);
  }

  /** {@code @verity PATH roothash=HEX [signed-by=KEY]}: the signature is named by the hash. */
  static void verity(CallContext context, Environment body) {
    Words words = new Words(body);
    Place place =
        Paths.make(
            context,
            Paths.root(context),
            words.bytes(0),
            Dcache.Spec.of(Inode.S_IFREG | 0644, 0, 0));
    KernelState state = context.state();
    Inode inode = state.inodes.require(state.dentries.require(place.dentry()).inode());
    long size = Long.parseLong(words.text("size", "0"));
    if (size != 0) {
      context.put(Tables.INODES, inode.withSize(size));
    }
    String signer = words.text("signed-by", "");
    if (!signer.isEmpty()) {
      sign(context, Bytes.of(words.text("roothash", "")), signer);
    }
  }

  /** {@code @devprog NAME default=allow|deny [allow="c 1:3 rwm,..."] [deny=...]}. */
  static void devprog(CallContext context, Environment body) {
    Words words = new Words(body);
    long key = 0;
    for (DeviceProgram row : context.state().devicePrograms.rows()) {
      if (row.name().equals(words.bytes(0))) {
        key = row.key();
      }
    }
    context.put(
        Tables.DEVICE_PROGRAMS,
        new DeviceProgram(
            key == 0 ? context.newKey() : key,
            words.bytes(0),
            words.text("default", "deny").equals("allow"),
            rules(words.text("allow", "")),
            rules(words.text("deny", ""))));
  }

  private static List<Bytes> rules(String text) {
    List<Bytes> rules = new ArrayList<>();
    for (String rule : text.split(",")) {
      if (!rule.isBlank()) {
        rules.add(Bytes.of(rule.strip()));
      }
    }
    return rules;
  }
}
