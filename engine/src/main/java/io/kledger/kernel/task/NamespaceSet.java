package io.kledger.kernel.task;

/**
 * The namespaces of a task, by key (struct nsproxy; the user namespace is in the credentials). 0 =
 * unknown.
 *
 * @param pid the active pid namespace, that of its own number
 * @param pidForChildren where its children get numbers
 */
public record NamespaceSet(
    long mount,
    long pid,
    long pidForChildren,
    long cgroup,
    long uts,
    long ipc,
    long net,
    long time,
    long timeForChildren) {
  public NamespaceSet withMount(long key) {
    return new NamespaceSet(key, pid, pidForChildren, cgroup, uts, ipc, net, time, timeForChildren);
  }

  public NamespaceSet withPid(long key) {
    return new NamespaceSet(
        mount, key, pidForChildren, cgroup, uts, ipc, net, time, timeForChildren);
  }

  public NamespaceSet withPidForChildren(long key) {
    return new NamespaceSet(mount, pid, key, cgroup, uts, ipc, net, time, timeForChildren);
  }

  public NamespaceSet withCgroup(long key) {
    return new NamespaceSet(mount, pid, pidForChildren, key, uts, ipc, net, time, timeForChildren);
  }

  public NamespaceSet withUts(long key) {
    return new NamespaceSet(
        mount, pid, pidForChildren, cgroup, key, ipc, net, time, timeForChildren);
  }

  public NamespaceSet withIpc(long key) {
    return new NamespaceSet(
        mount, pid, pidForChildren, cgroup, uts, key, net, time, timeForChildren);
  }

  public NamespaceSet withNet(long key) {
    return new NamespaceSet(
        mount, pid, pidForChildren, cgroup, uts, ipc, key, time, timeForChildren);
  }

  public NamespaceSet withTime(long key) {
    return new NamespaceSet(
        mount, pid, pidForChildren, cgroup, uts, ipc, net, key, timeForChildren);
  }

  public NamespaceSet withTimeForChildren(long key) {
    return new NamespaceSet(mount, pid, pidForChildren, cgroup, uts, ipc, net, time, key);
  }
}
