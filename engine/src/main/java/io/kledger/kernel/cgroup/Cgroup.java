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

  public Cgroup withSubtreeControl(List<Bytes> controllers) {
    return new Cgroup(
        key, parent, name, id, controllers, type, frozen, removed, directory, createdAt);
  }

  public Cgroup withType(Type newType) {
    return new Cgroup(
        key, parent, name, id, subtreeControl, newType, frozen, removed, directory, createdAt);
  }

  public Cgroup withFrozen(boolean on) {
    return new Cgroup(
        key, parent, name, id, subtreeControl, type, on, removed, directory, createdAt);
  }

  public Cgroup withRemoved() {
    return new Cgroup(
        key, parent, name, id, subtreeControl, type, frozen, true, directory, createdAt);
  }

  public Cgroup withDirectory(long inode) {
    return new Cgroup(
        key, parent, name, id, subtreeControl, type, frozen, removed, inode, createdAt);
  }
}
