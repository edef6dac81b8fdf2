package io.kledger.kernel.ns;

import io.kledger.store.Row;

/**
 * A namespace (struct ns_common) of any kind but user, which has more: {@link UserNamespace} rows
 * share this row's key.
 *
 * @param inode number in /proc/PID/ns links; 0 if not known
 * @param id 64-bit id; 0 = it was there before the log began
 * @param owner key of the user namespace that owns it (of a user namespace: its parent)
 * @param parent of a pid or user namespace; of a detached tree the mount namespace that it is a
 *     copy of a part of (seq_origin); 0 if none
 * @param root kind MOUNT: key of the root mount. Kind CGROUP: key of the root cgroup. Kind PID: key
 *     of the task that is its init
 * @param anonymous kind MOUNT: a detached tree
 * @param createdAt position of the event that made it
 */
public record Namespace(
    long key,
    NamespaceKind kind,
    long inode,
    long id,
    long owner,
    long parent,
    int level,
    long root,
    boolean anonymous,
    boolean dead,
    long createdAt)
    implements Row {
  public Namespace withInode(long newInode) {
    return new Namespace(
        key, kind, newInode, id, owner, parent, level, root, anonymous, dead, createdAt);
  }

  public Namespace withRoot(long newRoot) {
    return new Namespace(
        key, kind, inode, id, owner, parent, level, newRoot, anonymous, dead, createdAt);
  }

  public Namespace withOwner(long newOwner) {
    return new Namespace(
        key, kind, inode, id, newOwner, parent, level, root, anonymous, dead, createdAt);
  }

  public Namespace withParent(long newParent) {
    return new Namespace(
        key, kind, inode, id, owner, newParent, level, root, anonymous, dead, createdAt);
  }

  public Namespace withDead() {
    return new Namespace(
        key, kind, inode, id, owner, parent, level, root, anonymous, true, createdAt);
  }
}
