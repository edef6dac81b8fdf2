package io.kledger.engine.ns;

import io.kledger.kernel.KernelState;
import io.kledger.kernel.Machine;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.ns.NamespaceKind;
import io.kledger.kernel.ns.UserNamespace;
import io.kledger.kernel.task.Credentials;
import java.util.Locale;

/**
 * How many namespaces a user may have: {@code user.max_*_namespaces} of the initial user namespace
 * (inc_ucount() in kernel/ucount.c). What is made in other user namespaces counts for the user who
 * made the outermost of these.
 */
public final class NamespaceLimits {
  private NamespaceLimits() {}

  /** Whether a task with these credentials has as many of a kind as it may. */
  public static boolean usedUp(KernelState state, Credentials who, NamespaceKind kind) {
    long limit = limit(state.machine.get(1), kind);
    if (limit < 0) {
      return false;
    }
    int user = payer(state, who.userNs(), who.euid());
    long count = 0;
    for (long key : state.namespacesByKind.keys(kind.ordinal() + 1L)) {
      Namespace row = state.namespaces.require(key);
      boolean initial = row.inode() != 0 && row.inode() == NamespaceRows.initialInode(row.kind());
      // Who made one in the initial user namespace had CAP_SYS_ADMIN there: it is root's.
      count += !initial && payer(state, row.owner(), 0) == user ? 1 : 0;
    }
    return count >= limit;
  }

  /** The setting, or -1 if it was not given. */
  private static long limit(Machine machine, NamespaceKind kind) {
    String word = kind == NamespaceKind.MOUNT ? "mnt" : kind.name().toLowerCase(Locale.ROOT);
    String name = "user.max_" + word + "_namespaces=";
    long limit = -1;
    if (machine != null) {
      for (String line : machine.settings()) {
        if (line.startsWith(name)) {
          limit = Long.parseLong(line.substring(name.length()).strip());
        }
      }
    }
    return limit;
  }

  private static int payer(KernelState state, long userNs, int inInitial) {
    int user = inInitial;
    long at = userNs;
    for (Namespace row = state.namespaces.get(at); row != null && row.parent() != 0; ) {
      UserNamespace owner = state.userNamespaces.get(at);
      user = owner == null ? user : owner.ownerUid();
      at = row.parent();
      row = state.namespaces.get(at);
    }
    return user;
  }
}
