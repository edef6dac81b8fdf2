package io.kledger.kernel.mount;

import io.kledger.event.Bytes;
import io.kledger.store.Row;

/**
 * A mount (struct mount).
 *
 * @param key ascends with creation, as the kernel's 64-bit unique id does
 * @param id the small id of mountinfo, reused by the kernel
 * @param uniqueId the 64-bit id of statmount(2)
 * @param namespace key of its mount Namespace; 0 = in none (unmounted, kernel-internal)
 * @param parent key of the parent mount; 0 = none
 * @param mountpoint key of the dentry of the parent's filesystem it hangs on
 * @param order place among its parent's children
 * @param root key of the dentry that is its root
 * @param source as mountinfo prints it, unescaped; null pointer = "none"
 * @param flags per-mount MS_* bits (MS_RDONLY, MS_NOSUID, ..., MS_RELATIME)
 * @param lockedFlags LOCK_* bits, as the MS_* bits that cannot be cleared; MS_RELATIME = atime mode
 * @param locked MNT_LOCKED
 * @param peerGroup id of its peer group, 0 if not shared
 * @param nextPeer key of the next mount in its peer ring; itself if alone; 0 if not shared
 * @param previousPeer key of the one before it in the ring; itself if alone; 0 if not shared
 * @param master key of the mount it is a slave of, 0 if none
 * @param slaveOrder place in its master's list of slaves (ascending)
 * @param idmap key of the user namespace of an idmapped mount, 0 if none
 * @param expiry marked by MNT_EXPIRE
 * @param cause why it exists
 * @param owner key of the user namespace in whose mount namespace it, or what it is a copy of, was
 *     made; 0 if not known
 */
public record Mount(
    long key,
    int id,
    long uniqueId,
    long namespace,
    long parent,
    long mountpoint,
    long order,
    long root,
    long superblock,
    Bytes source,
    long flags,
    long lockedFlags,
    boolean locked,
    int peerGroup,
    long nextPeer,
    long previousPeer,
    long master,
    long slaveOrder,
    boolean unbindable,
    long idmap,
    boolean expiry,
    MountCause cause,
    long owner)
    implements Row {
  /** Among the flags: what propagates to it arrives read-only. No MS_ flag has this value. */
  public static final long PROPAGATE_RDONLY = 1L << 40;

  /** Among the locked flags: all attributes are frozen. */
  public static final long FROZEN = 1L << 41;

  /** Among the locked flags: read-only as long as the idmapping leads several ids to one. */
  public static final long PINNED_RDONLY = 1L << 42;

  /** A mount of which the owner is not known. */
  public Mount(
      long key,
      int id,
      long uniqueId,
      long namespace,
      long parent,
      long mountpoint,
      long order,
      long root,
      long superblock,
      Bytes source,
      long flags,
      long lockedFlags,
      boolean locked,
      int peerGroup,
      long nextPeer,
      long previousPeer,
      long master,
      long slaveOrder,
      boolean unbindable,
      long idmap,
      boolean expiry,
      MountCause cause) {
    this(
        key,
        id,
        uniqueId,
        namespace,
        parent,
        mountpoint,
        order,
        root,
        superblock,
        source,
        flags,
        lockedFlags,
        locked,
        peerGroup,
        nextPeer,
        previousPeer,
        master,
        slaveOrder,
        unbindable,
        idmap,
        expiry,
        cause,
        0);
  }

  /** In a peer group. */
  public boolean shared() {
    return peerGroup != 0;
  }

  /** MOUNT_SETATTR_LOCKED: its attributes cannot be changed any more. */
  public boolean frozen() {
    return (lockedFlags & FROZEN) != 0;
  }

  /** MOUNT_ATTR_PROPAGATE_RDONLY: what propagates to it arrives read-only. */
  public boolean propagatesReadOnly() {
    return (flags & PROPAGATE_RDONLY) != 0;
  }

  public boolean slave() {
    return master != 0;
  }

  /** It hangs elsewhere, or (namespace and parent 0) nowhere. */
  public Mount withPlace(long newNamespace, long newParent, long newMountpoint, long newOrder) {
    return new Mount(
        key,
        id,
        uniqueId,
        newNamespace,
        newParent,
        newMountpoint,
        newOrder,
        root,
        superblock,
        source,
        flags,
        lockedFlags,
        locked,
        peerGroup,
        nextPeer,
        previousPeer,
        master,
        slaveOrder,
        unbindable,
        idmap,
        expiry,
        cause,
        owner);
  }

  /** It belongs to another namespace. */
  public Mount withNamespace(long newNamespace) {
    return new Mount(
        key,
        id,
        uniqueId,
        newNamespace,
        parent,
        mountpoint,
        order,
        root,
        superblock,
        source,
        flags,
        lockedFlags,
        locked,
        peerGroup,
        nextPeer,
        previousPeer,
        master,
        slaveOrder,
        unbindable,
        idmap,
        expiry,
        cause,
        owner);
  }

  /** Its neighbours in the peer ring. */
  public Mount withPeers(int newPeerGroup, long newNextPeer, long newPreviousPeer) {
    return new Mount(
        key,
        id,
        uniqueId,
        namespace,
        parent,
        mountpoint,
        order,
        root,
        superblock,
        source,
        flags,
        lockedFlags,
        locked,
        newPeerGroup,
        newNextPeer,
        newPreviousPeer,
        master,
        slaveOrder,
        unbindable,
        idmap,
        expiry,
        cause,
        owner);
  }

  /** Its master; 0 for none. */
  public Mount withMaster(long newMaster, long newSlaveOrder) {
    return new Mount(
        key,
        id,
        uniqueId,
        namespace,
        parent,
        mountpoint,
        order,
        root,
        superblock,
        source,
        flags,
        lockedFlags,
        locked,
        peerGroup,
        nextPeer,
        previousPeer,
        newMaster,
        newSlaveOrder,
        unbindable,
        idmap,
        expiry,
        cause,
        owner);
  }

  /** Unbindable or not. */
  public Mount withUnbindable(boolean newUnbindable) {
    return new Mount(
        key,
        id,
        uniqueId,
        namespace,
        parent,
        mountpoint,
        order,
        root,
        superblock,
        source,
        flags,
        lockedFlags,
        locked,
        peerGroup,
        nextPeer,
        previousPeer,
        master,
        slaveOrder,
        newUnbindable,
        idmap,
        expiry,
        cause,
        owner);
  }

  /** Other per-mount flags. */
  public Mount withFlags(long newFlags) {
    return new Mount(
        key,
        id,
        uniqueId,
        namespace,
        parent,
        mountpoint,
        order,
        root,
        superblock,
        source,
        newFlags,
        lockedFlags,
        locked,
        peerGroup,
        nextPeer,
        previousPeer,
        master,
        slaveOrder,
        unbindable,
        idmap,
        expiry,
        cause,
        owner);
  }

  /** Other locked flags. */
  public Mount withLocks(long newLockedFlags, boolean newLocked) {
    return new Mount(
        key,
        id,
        uniqueId,
        namespace,
        parent,
        mountpoint,
        order,
        root,
        superblock,
        source,
        flags,
        newLockedFlags,
        newLocked,
        peerGroup,
        nextPeer,
        previousPeer,
        master,
        slaveOrder,
        unbindable,
        idmap,
        expiry,
        cause,
        owner);
  }

  /** Another idmap. */
  public Mount withIdmap(long newIdmap) {
    return new Mount(
        key,
        id,
        uniqueId,
        namespace,
        parent,
        mountpoint,
        order,
        root,
        superblock,
        source,
        flags,
        lockedFlags,
        locked,
        peerGroup,
        nextPeer,
        previousPeer,
        master,
        slaveOrder,
        unbindable,
        newIdmap,
        expiry,
        cause,
        owner);
  }

  /** Marked by MNT_EXPIRE, or not. */
  public Mount withExpiry(boolean newExpiry) {
    return new Mount(
        key,
        id,
        uniqueId,
        namespace,
        parent,
        mountpoint,
        order,
        root,
        superblock,
        source,
        flags,
        lockedFlags,
        locked,
        peerGroup,
        nextPeer,
        previousPeer,
        master,
        slaveOrder,
        unbindable,
        idmap,
        newExpiry,
        cause,
        owner);
  }

  /** Why it exists. */
  public Mount withCause(MountCause newCause) {
    return new Mount(
        key,
        id,
        uniqueId,
        namespace,
        parent,
        mountpoint,
        order,
        root,
        superblock,
        source,
        flags,
        lockedFlags,
        locked,
        peerGroup,
        nextPeer,
        previousPeer,
        master,
        slaveOrder,
        unbindable,
        idmap,
        expiry,
        newCause,
        owner);
  }

  /** Another id in mountinfo. */
  public Mount withId(int newId) {
    return new Mount(
        key,
        newId,
        uniqueId,
        namespace,
        parent,
        mountpoint,
        order,
        root,
        superblock,
        source,
        flags,
        lockedFlags,
        locked,
        peerGroup,
        nextPeer,
        previousPeer,
        master,
        slaveOrder,
        unbindable,
        idmap,
        expiry,
        cause,
        owner);
  }

  /** Mounted from something else, as far as mountinfo tells. */
  public Mount withSource(Bytes newSource) {
    return new Mount(
        key,
        id,
        uniqueId,
        namespace,
        parent,
        mountpoint,
        order,
        root,
        superblock,
        newSource,
        flags,
        lockedFlags,
        locked,
        peerGroup,
        nextPeer,
        previousPeer,
        master,
        slaveOrder,
        unbindable,
        idmap,
        expiry,
        cause,
        owner);
  }

  /** Owned by a user namespace. */
  public Mount withOwner(long newOwner) {
    return new Mount(
        key,
        id,
        uniqueId,
        namespace,
        parent,
        mountpoint,
        order,
        root,
        superblock,
        source,
        flags,
        lockedFlags,
        locked,
        peerGroup,
        nextPeer,
        previousPeer,
        master,
        slaveOrder,
        unbindable,
        idmap,
        expiry,
        cause,
        newOwner);
  }
}
