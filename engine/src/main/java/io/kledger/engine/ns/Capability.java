package io.kledger.engine.ns;

import io.kledger.kernel.KernelState;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.ns.UserNamespace;
import io.kledger.kernel.task.Credentials;

/**
 * Capabilities: their numbers, and who has them over what (cap_capable in security/commoncap.c).
 */
public final class Capability {
  public static final int CHOWN = 0;
  public static final int DAC_OVERRIDE = 1;
  public static final int DAC_READ_SEARCH = 2;
  public static final int FOWNER = 3;
  public static final int FSETID = 4;
  public static final int KILL = 5;
  public static final int SETGID = 6;
  public static final int SETUID = 7;
  public static final int SETPCAP = 8;
  public static final int LINUX_IMMUTABLE = 9;
  public static final int NET_BIND_SERVICE = 10;
  public static final int NET_ADMIN = 12;
  public static final int SYS_CHROOT = 18;
  public static final int SYS_PTRACE = 19;
  public static final int SYS_ADMIN = 21;
  public static final int SYS_RESOURCE = 24;
  public static final int MKNOD = 27;
  public static final int LEASE = 28;
  public static final int SETFCAP = 31;
  public static final int CHECKPOINT_RESTORE = 40;

  private Capability() {}

  /** ns_capable(): whether these credentials have a capability over a user namespace. */
  public static boolean over(
      KernelState state, Credentials credentials, long userNs, int capability) {
    int own = level(state, credentials.userNs());
    long at = userNs;
    while (true) {
      if (at == credentials.userNs()) {
        return credentials.has(capability);
      }
      Namespace namespace = state.namespaces.get(at);
      if (namespace == null || namespace.level() <= own) {
        return false;
      }
      UserNamespace user = state.userNamespaces.get(at);
      if (namespace.parent() == credentials.userNs() && user.ownerUid() == credentials.euid()) {
        return true;
      }
      at = namespace.parent();
    }
  }

  /** capable(): over the initial user namespace. */
  public static boolean initial(KernelState state, Credentials credentials, int capability) {
    Namespace first = NamespaceRows.initial(state, io.kledger.kernel.ns.NamespaceKind.USER);
    return first != null && over(state, credentials, first.key(), capability);
  }

  private static int level(KernelState state, long userNs) {
    Namespace namespace = state.namespaces.get(userNs);
    return namespace == null ? 0 : namespace.level();
  }

  /** The number of a name such as cap_sys_admin, or -1. */
  public static int number(String name) {
    for (int i = 0; i < NAMES.length; i++) {
      if (NAMES[i].equalsIgnoreCase(name)) {
        return i;
      }
    }
    return -1;
  }

  private static final String[] NAMES = {
    "cap_chown",
    "cap_dac_override",
    "cap_dac_read_search",
    "cap_fowner",
    "cap_fsetid",
    "cap_kill",
    "cap_setgid",
    "cap_setuid",
    "cap_setpcap",
    "cap_linux_immutable",
    "cap_net_bind_service",
    "cap_net_broadcast",
    "cap_net_admin",
    "cap_net_raw",
    "cap_ipc_lock",
    "cap_ipc_owner",
    "cap_sys_module",
    "cap_sys_rawio",
    "cap_sys_chroot",
    "cap_sys_ptrace",
    "cap_sys_pacct",
    "cap_sys_admin",
    "cap_sys_boot",
    "cap_sys_nice",
    "cap_sys_resource",
    "cap_sys_time",
    "cap_sys_tty_config",
    "cap_mknod",
    "cap_lease",
    "cap_audit_write",
    "cap_audit_control",
    "cap_setfcap",
    "cap_mac_override",
    "cap_mac_admin",
    "cap_syslog",
    "cap_wake_alarm",
    "cap_block_suspend",
    "cap_audit_read",
    "cap_perfmon",
    "cap_bpf",
    "cap_checkpoint_restore",
  };
}
