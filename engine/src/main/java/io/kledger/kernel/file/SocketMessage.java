package io.kledger.kernel.file;

import io.kledger.event.Bytes;
import io.kledger.store.Row;

/**
 * A message that waits in the queue of an AF_UNIX socket (struct sk_buff). Key order is queue
 * order.
 *
 * @param socket key of the socket that will receive it
 * @param sender key of the socket it came from, 0 if not known
 * @param length bytes not read yet
 * @param data those bytes; empty if the log does not show all of them
 * @param task key of the sending task
 * @param pid key of the Pid of the credentials that go with it, 0 if none; with uid and gid
 * @param cgroup id of the sending task's cgroup when it was queued; 0 if nobody asked for it
 * @param realtime when it was queued, nanoseconds
 * @param monotonic when it was queued, nanoseconds
 * @param stamped whether the receiver asked for time stamps then
 * @param rightsTaken true once its descriptors were received
 */
public record SocketMessage(
    long key,
    long socket,
    long sender,
    long length,
    Bytes data,
    long task,
    long pid,
    int uid,
    int gid,
    long cgroup,
    long realtime,
    long monotonic,
    boolean stamped,
    boolean rightsTaken)
    implements Row {
  /** What is left after some bytes were read. */
  public SocketMessage without(long read, boolean taken) {
    Bytes rest = known() ? data.slice((int) read, data.length()) : Bytes.EMPTY;
    return new SocketMessage(
        key,
        socket,
        sender,
        length - read,
        rest,
        task,
        pid,
        uid,
        gid,
        cgroup,
        realtime,
        monotonic,
        stamped,
        taken);
  }

  /** Whether the bytes are in the ledger. */
  public boolean known() {
    return data.length() == length;
  }
}
