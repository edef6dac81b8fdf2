package io.kledger.kernel.ns;

import io.kledger.store.Row;
import java.util.List;

/**
 * What a user namespace has beside its {@link Namespace} row, whose key it shares.
 *
 * @param ownerUid kuid of the creator
 * @param ownerGid kgid of the creator
 * @param uidMap empty until written
 * @param gidMap empty until written
 */
public record UserNamespace(
    long key,
    int ownerUid,
    int ownerGid,
    List<IdExtent> uidMap,
    List<IdExtent> gidMap,
    boolean setgroupsAllowed,
    boolean parentCouldSetFcap)
    implements Row {
  /** One line of uid_map: ids inside, ids of the parent namespace, how many. Ids are unsigned. */
  public record IdExtent(int inside, int outside, int count) {}

  public UserNamespace {
    uidMap = List.copyOf(uidMap);
    gidMap = List.copyOf(gidMap);
  }
}
