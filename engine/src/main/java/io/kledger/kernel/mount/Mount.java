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
 * @param master key of the mount it is a slave of, 0 if none
 * @param slaveOrder place in its master's list of slaves (ascending)
 * @param idmap key of the user namespace of an idmapped mount, 0 if none
 * @param expiry marked by MNT_EXPIRE
 * @param cause why it exists
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
    long master,
    long slaveOrder,
    boolean unbindable,
    long idmap,
    boolean expiry,
    MountCause cause)
    implements Row {}
