package io.kledger.kernel.file;

import io.kledger.event.Bytes;
import io.kledger.store.Row;

/**
 * A socket (struct sock); of families other than AF_UNIX only that it exists.
 *
 * @param inode key of its sockfs inode
 * @param peer key of the connected socket, 0 if none
 * @param name bound address: a path, or an abstract name without @; empty if unbound
 * @param boundInode key of the inode that a path was bound to, else 0
 * @param listener of a connection that was not accepted yet: key of the listening socket
 * @param netNs key of the network namespace
 * @param options SO_* switches, bits of {@link Option}
 * @param pid key of the Pid that SO_PEERCRED tells (sk_peer_pid), 0 if none; with uid and gid
 */
public record Socket(
    long key,
    int family,
    int type,
    int protocol,
    long inode,
    State state,
    long peer,
    Bytes name,
    boolean abstractName,
    long boundInode,
    long listener,
    int backlog,
    long netNs,
    int options,
    long pid,
    int uid,
    int gid,
    boolean inferred)
    implements Row {
  public static final int AF_UNIX = 1;
  public static final int STREAM = 1;
  public static final int DGRAM = 2;
  public static final int SEQPACKET = 5;

  /** Life of a connection. */
  public enum State {
    UNCONNECTED,
    LISTENING,
    CONNECTED,
    /** The peer is gone. */
    DISCONNECTED
  }

  /** Switches of setsockopt(2), as bits. */
  public static final class Option {
    public static final int PASSCRED = 1;
    public static final int PASSPIDFD = 2;
    public static final int PASSSEC = 4;
    public static final int PASSCGROUPID = 8;
    public static final int NO_RIGHTS = 16;
    public static final int NOTRUNC = 32;

    private Option() {}
  }

  public Socket withState(State newState, long newPeer) {
    return new Socket(
        key, family, type, protocol, inode, newState, newPeer, name, abstractName, boundInode,
        listener, backlog, netNs, options, pid, uid, gid, inferred);
  }

  public Socket withName(Bytes newName, boolean isAbstract, long newBoundInode) {
    return new Socket(
        key, family, type, protocol, inode, state, peer, newName, isAbstract, newBoundInode,
        listener, backlog, netNs, options, pid, uid, gid, inferred);
  }

  public Socket withListener(long newListener) {
    return new Socket(
        key, family, type, protocol, inode, state, peer, name, abstractName, boundInode,
        newListener, backlog, netNs, options, pid, uid, gid, inferred);
  }

  public Socket withBacklog(int newBacklog) {
    return new Socket(
        key, family, type, protocol, inode, State.LISTENING, peer, name, abstractName, boundInode,
        listener, newBacklog, netNs, options, pid, uid, gid, inferred);
  }

  public Socket withOptions(int newOptions) {
    return new Socket(
        key, family, type, protocol, inode, state, peer, name, abstractName, boundInode, listener,
        backlog, netNs, newOptions, pid, uid, gid, inferred);
  }

  public Socket withInode(long newInode) {
    return new Socket(
        key, family, type, protocol, newInode, state, peer, name, abstractName, boundInode,
        listener, backlog, netNs, options, pid, uid, gid, inferred);
  }

  public Socket withCredentials(long newPid, int newUid, int newGid) {
    return new Socket(
        key, family, type, protocol, inode, state, peer, name, abstractName, boundInode, listener,
        backlog, netNs, options, newPid, newUid, newGid, inferred);
  }

  /** Whether messages keep their boundaries. */
  public boolean packets() {
    return type != STREAM;
  }
}
