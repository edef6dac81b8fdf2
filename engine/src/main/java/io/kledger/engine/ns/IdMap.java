package io.kledger.engine.ns;

import io.kledger.kernel.KernelState;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.ns.UserNamespace;
import io.kledger.kernel.ns.UserNamespace.IdExtent;
import java.util.List;

/** Ids of user namespaces against those of the initial one: make_kuid(), from_kuid(). */
public final class IdMap {
  /** What an id shows as that a namespace does not map: overflowuid and overflowgid. */
  public static final int OVERFLOW = 65534;

  /** No id: INVALID_UID. */
  public static final int INVALID = -1;

  private IdMap() {}

  /** The kernel's id for one of a user namespace; {@link #INVALID} if it maps none. */
  public static int toKernel(KernelState state, long userNs, int id, boolean group) {
    int at = id;
    long ns = userNs;
    while (true) {
      Namespace row = state.namespaces.get(ns);
      if (row == null || row.parent() == 0) {
        return at;
      }
      at = outwards(map(state, ns, group), at);
      if (at == INVALID) {
        return INVALID;
      }
      ns = row.parent();
    }
  }

  /** The id that a user namespace has for one of the kernel's; {@link #INVALID} if none. */
  public static int fromKernel(KernelState state, long userNs, int id, boolean group) {
    Namespace row = state.namespaces.get(userNs);
    if (row == null || row.parent() == 0) {
      return id;
    }
    int above = fromKernel(state, row.parent(), id, group);
    return above == INVALID ? INVALID : inwards(map(state, userNs, group), above);
  }

  /** The same with {@link #OVERFLOW} for what is not mapped: from_kuid_munged(). */
  public static int shown(KernelState state, long userNs, int id, boolean group) {
    int inside = fromKernel(state, userNs, id, group);
    return inside == INVALID ? OVERFLOW : inside;
  }

  private static List<IdExtent> map(KernelState state, long userNs, boolean group) {
    UserNamespace user = state.userNamespaces.require(userNs);
    return group ? user.gidMap() : user.uidMap();
  }

  private static int outwards(List<IdExtent> map, int id) {
    for (IdExtent extent : map) {
      int offset = id - extent.inside();
      if (Integer.compareUnsigned(offset, extent.count()) < 0) {
        return extent.outside() + offset;
      }
    }
    return INVALID;
  }

  private static int inwards(List<IdExtent> map, int id) {
    for (IdExtent extent : map) {
      int offset = id - extent.outside();
      if (Integer.compareUnsigned(offset, extent.count()) < 0) {
        return extent.inside() + offset;
      }
    }
    return INVALID;
  }
}
