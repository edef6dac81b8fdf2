package io.kledger.kernel.ns;

/** Kinds of namespaces, with the CLONE_NEW* bit and the name in /proc/PID/ns. */
public enum NamespaceKind {
  MOUNT(0x00020000, "mnt"),
  UTS(0x04000000, "uts"),
  IPC(0x08000000, "ipc"),
  USER(0x10000000, "user"),
  PID(0x20000000, "pid"),
  NET(0x40000000, "net"),
  CGROUP(0x02000000, "cgroup"),
  TIME(0x00000080, "time");

  private final long cloneFlag;
  private final String procName;

  NamespaceKind(long cloneFlag, String procName) {
    this.cloneFlag = cloneFlag;
    this.procName = procName;
  }

  public long cloneFlag() {
    return cloneFlag;
  }

  public String procName() {
    return procName;
  }
}
