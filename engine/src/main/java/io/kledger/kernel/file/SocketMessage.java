package io.kledger.kernel.file;

import io.kledger.store.Row;

/**
 * A message that waits in the queue of an AF_UNIX socket (struct sk_buff). Key order is queue
 * order.
 *
 * @param socket key of the socket that will receive it
 * @param sender key of the socket it came from, 0 if not known
 * @param length bytes not read yet
 * @param task key of the sending task
 * @param pid key of the Pid of the credentials that go with it, 0 if none; with uid and gid
 * @param cgroup id of the sending task's cgroup when it was queued; 0 if nobody asked for it
 * @param rightsTaken true once its descriptors were received
 */
public record SocketMessage(
    long key,
    long socket,
    long sender,
    long length,
    long task,
    long pid,
    int uid,
    int gid,
    long cgroup,
    boolean rightsTaken)
    implements Row {
  public SocketMessage withLength(long bytes, boolean taken) {
    return new SocketMessage(key, socket, sender, bytes, task, pid, uid, gid, cgroup, taken);
  }
}
