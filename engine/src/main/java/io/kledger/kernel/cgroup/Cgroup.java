package io.kledger.kernel.cgroup;

import io.kledger.event.Bytes;
import io.kledger.store.Row;
import java.util.List;

/**
 * A cgroup of the v2 hierarchy. The root has no parent and an empty name.
 *
 * @param directory key of the inode of its directory, 0 if not yet seen
 * @param removed rmdir was called; tasks that are zombies may still refer to it
 */
public record Cgroup(
    long key,
    long parent,
    Bytes name,
    long id,
    List<Bytes> subtreeControl,
    Type type,
    boolean frozen,
    boolean removed,
    long directory,
    long createdAt)
    implements Row {
  /** cgroup.type. */
  public enum Type {
    DOMAIN,
    DOMAIN_THREADED,
    DOMAIN_INVALID,
    THREADED
  }

  public Cgroup {
    subtreeControl = List.copyOf(subtreeControl);
  }
}
