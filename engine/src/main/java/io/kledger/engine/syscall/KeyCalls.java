package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.key.Keyrings;
import io.kledger.event.Bytes;
import io.kledger.event.avro.AddKeyCall;
import io.kledger.event.avro.KeyctlCall;
import io.kledger.kernel.Tables;
import io.kledger.kernel.key.Key;
import java.util.List;

/** add_key(2) and keyctl(2): security/keys/keyctl.c, as far as keyrings are trust anchors. */
final class KeyCalls {
  private static final int GET_KEYRING_ID = 0;
  private static final int REVOKE = 3;
  private static final int LINK = 8;
  private static final int UNLINK = 9;
  private static final int SEARCH = 10;
  private static final int RESTRICT = 29;
  private static final Result UNKNOWN = new Result.Unknown("what keys there are");

  private KeyCalls() {}

  static void register(SyscallTable.Builder table) {
    table
        .partial(AddKeyCall.class, "payloads, permissions, quotas", KeyCalls::add)
        .partial(
            KeyctlCall.class,
            "get_keyring_id, revoke, link, unlink, search, restrict_keyring only; permissions",
            KeyCalls::control);
  }

  private static Result add(CallContext context, AddKeyCall call) {
    if (!context.simulated()) {
      return context.assuming() ? Result.value(context.observedOr(0)) : UNKNOWN;
    }
    Bytes type = MountCalls.bytes(call.getType());
    Bytes description = MountCalls.bytes(call.getDescription());
    if (type == null) {
      return context.fail(Errno.EFAULT, "add_key: type");
    }
    boolean known =
        type.equals(Keyrings.KEYRING)
            || type.equals(Keyrings.USER)
            || type.equals(Keyrings.ASYMMETRIC);
    if (!known) {
      return context.fail(Errno.ENODEV, "add_key: unknown type");
    }
    if (description == null || description.isEmpty()) {
      return context.fail(Errno.EINVAL, "add_key: description");
    }
    Key keyring = Keyrings.bySerial(context, number(call.getKeyring()));
    int errno = usable(keyring);
    if (errno != 0) {
      return context.fail(errno, "add_key: keyring");
    }
    if (keyring.restricted()) {
      return context.fail(Errno.ENOKEY, "add_key: restricted keyring");
    }
    Key old = direct(context, keyring, type, description);
    if (old != null && !old.type().equals(Keyrings.KEYRING)) {
      return Result.value(old.serial());
    }
    if (old != null) {
      context.put(Tables.KEYS, old.withKeyring(0));
    }
    return Result.value(
        Keyrings.add(context, type, description, keyring.key(), false, List.of()).serial());
  }

  private static Key direct(CallContext context, Key keyring, Bytes type, Bytes description) {
    for (long row : context.state().keysByKeyring.keys(keyring.key())) {
      Key key = context.state().keys.require(row);
      if (key.type().equals(type) && key.description().equals(description)) {
        return key;
      }
    }
    return null;
  }

  private static int usable(Key keyring) {
    if (keyring == null) {
      return Errno.ENOKEY;
    }
    if (keyring.revoked()) {
      return Errno.EKEYREVOKED;
    }
    return keyring.type().equals(Keyrings.KEYRING) ? 0 : Errno.ENOTDIR;
  }

  private static long number(Object argument) {
    String text = RawStruct.text(argument);
    return RawStruct.number(text, Arguments.number(text, 0));
  }

  private static Result control(CallContext context, KeyctlCall call) {
    if (!context.simulated()) {
      return context.assuming() ? Result.value(context.observedOr(0)) : UNKNOWN;
    }
    Key key = Keyrings.bySerial(context, number(call.getArg2()));
    return switch ((int) call.getOperation()) {
      case GET_KEYRING_ID -> key == null ? nokey(context) : Result.value(key.serial());
      case REVOKE -> {
        if (key == null) {
          yield nokey(context);
        }
        context.put(Tables.KEYS, key.withRevoked());
        yield Result.ZERO;
      }
      case LINK, UNLINK -> link(context, call, key);
      case SEARCH -> search(context, call, key);
      case RESTRICT -> restrict(context, call, key);
      default -> UNKNOWN;
    };
  }

  private static Result nokey(CallContext context) {
    return context.fail(Errno.ENOKEY, "keyctl: no such key");
  }

  private static Result link(CallContext context, KeyctlCall call, Key key) {
    Key keyring = Keyrings.bySerial(context, number(call.getArg3()));
    int errno = key == null ? Errno.ENOKEY : usable(keyring);
    if (errno != 0) {
      return context.fail(errno, "keyctl: key or keyring");
    }
    boolean link = call.getOperation() == LINK;
    if (link && keyring.restricted()) {
      return context.fail(Errno.EPERM, "keyctl: restricted keyring");
    }
    if (!link && key.keyring() != keyring.key()) {
      return context.fail(Errno.ENOENT, "keyctl: not linked there");
    }
    context.put(Tables.KEYS, key.withKeyring(link ? keyring.key() : 0));
    return Result.ZERO;
  }

  private static Result search(CallContext context, KeyctlCall call, Key keyring) {
    int errno = usable(keyring);
    if (errno != 0) {
      return context.fail(errno, "keyctl: keyring");
    }
    Bytes type = RawStruct.unquoted(RawStruct.text(call.getArg3()));
    Bytes description = RawStruct.unquoted(RawStruct.text(call.getArg4()));
    if (type == null || description == null) {
      return context.fail(Errno.EFAULT, "keyctl: type and description");
    }
    Key found = Keyrings.search(context.state(), keyring.key(), type, description);
    if (found == null) {
      return nokey(context);
    }
    return found.revoked()
        ? context.fail(Errno.EKEYREVOKED, "keyctl: revoked")
        : Result.value(found.serial());
  }

  private static Result restrict(CallContext context, KeyctlCall call, Key keyring) {
    int errno = usable(keyring);
    if (errno != 0) {
      return context.fail(errno, "keyctl: keyring");
    }
    String text = RawStruct.text(call.getArg3());
    Bytes type = RawStruct.unquoted(text);
    boolean all = text.isEmpty() || text.equals("NULL") || text.equals("0");
    if (!all && (type == null || !type.equals(Keyrings.ASYMMETRIC))) {
      return context.fail(Errno.ENOENT, "keyctl: no restriction of that type");
    }
    if (keyring.restricted()) {
      return context.fail(Errno.EEXIST, "keyctl: restricted already");
    }
    context.put(Tables.KEYS, keyring.withRestricted());
    return Result.ZERO;
  }
}
