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
 * @param cgroup id of the cgroup of that process at that moment, 0 if none
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
    long cgroup,
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

    /** RCV_SHUTDOWN and SEND_SHUTDOWN of sk_shutdown: set by shutdown(2). */
    public static final int RCV_SHUTDOWN = 64;

    public static final int SEND_SHUTDOWN = 128;
    public static final int TIMESTAMP = 256;
    public static final int TIMESTAMPNS = 512;

    /** SO_TS_CLOCK is SO_TS_MONOTONIC. */
    public static final int MONOTONIC = 1024;

    /** The stamps asked for are the _NEW ones. */
    public static final int NEW_STAMP = 2048;

    public static final int BROADCAST = 4096;

    /** sk_err is ECONNRESET: the peer went with messages unread. */
    public static final int RESET = 8192;

    /** SO_TS_CLOCK is SO_TS_REALTIME rather than SO_TS_REALTIME_MICRO: only getsockopt tells. */
    public static final int REALTIME = 16384;

    /** What a connection has from its listener at connect(2). */
    public static final int INHERITED =
        PASSCRED | PASSPIDFD | PASSSEC | PASSCGROUPID | NO_RIGHTS | NOTRUNC;

    private Option() {}
  }

  public Socket withState(State newState, long newPeer) {
    return new Socket(
        key,
        family,
        type,
        protocol,
        inode,
        newState,
        newPeer,
        name,
        abstractName,
        boundInode,
        listener,
        backlog,
        netNs,
        options,
        pid,
        uid,
        gid,
        cgroup,
        inferred);
  }

  public Socket withName(Bytes newName, boolean isAbstract, long newBoundInode) {
    return new Socket(
        key,
        family,
        type,
        protocol,
        inode,
        state,
        peer,
        newName,
        isAbstract,
        newBoundInode,
        listener,
        backlog,
        netNs,
        options,
        pid,
        uid,
        gid,
        cgroup,
        inferred);
  }

  public Socket withListener(long newListener) {
    return new Socket(
        key,
        family,
        type,
        protocol,
        inode,
        state,
        peer,
        name,
        abstractName,
        boundInode,
        newListener,
        backlog,
        netNs,
        options,
        pid,
        uid,
        gid,
        cgroup,
        inferred);
  }

  public Socket withBacklog(int newBacklog) {
    return new Socket(
        key,
        family,
        type,
        protocol,
        inode,
        State.LISTENING,
        peer,
        name,
        abstractName,
        boundInode,
        listener,
        newBacklog,
        netNs,
        options,
        pid,
        uid,
        gid,
        cgroup,
        inferred);
  }

  public Socket withOptions(int newOptions) {
    return new Socket(
        key,
        family,
        type,
        protocol,
        inode,
        state,
        peer,
        name,
        abstractName,
        boundInode,
        listener,
        backlog,
        netNs,
        newOptions,
        pid,
        uid,
        gid,
        cgroup,
        inferred);
  }

  public Socket withInode(long newInode) {
    return new Socket(
        key,
        family,
        type,
        protocol,
        newInode,
        state,
        peer,
        name,
        abstractName,
        boundInode,
        listener,
        backlog,
        netNs,
        options,
        pid,
        uid,
        gid,
        cgroup,
        inferred);
  }

  public Socket withCredentials(long newPid, int newUid, int newGid, long newCgroup) {
    return new Socket(
        key,
        family,
        type,
        protocol,
        inode,
        state,
        peer,
        name,
        abstractName,
        boundInode,
        listener,
        backlog,
        netNs,
        options,
        newPid,
        newUid,
        newGid,
        newCgroup,
        inferred);
  }

  /** Whether a switch of {@link Option} is set. */
  public boolean has(int option) {
    return (options & option) != 0;
  }

  /** Whether messages keep their boundaries. */
  public boolean packets() {
    return type != STREAM;
  }
}
