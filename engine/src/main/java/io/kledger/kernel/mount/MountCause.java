package io.kledger.kernel.mount;

/**
 * Why a mount exists.
 *
 * @param from key of the mount it was cloned or propagated from, 0 if none
 * @param position of the event that made it
 */
public record MountCause(Kind kind, long from, long position) {
  /** How a mount comes into being. */
  public enum Kind {
    /** It was there when the log began. */
    OBSERVED,
    /** A new filesystem was mounted. */
    NEW,
    BIND,
    /** A copy made by propagation: `from` is the mount at whose peer or master it happened. */
    PROPAGATED,
    /** A copy made by CLONE_NEWNS. */
    NAMESPACE_COPY,
    /** Of a detached tree: open_tree(OPEN_TREE_CLONE) or fsmount. */
    DETACHED,
    /** Made by the kernel itself (automount, kernel-internal mounts). */
    INTERNAL,
    /** The log shows only that it must exist. */
    INFERRED
  }
}
