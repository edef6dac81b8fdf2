package io.kledger.engine;

/**
 * A feature of the kernel that a profile may have or lack. See the catalogue of features in docs.
 *
 * <p>A handler guards what is new with {@code profile.has(feature)}; without it, the call answers
 * what a kernel answers that does not know the flag, option or number.
 */
public enum KernelFeature {
  /** Mount a subdirectory instead of the top directory. */
  SUBDIR_MOUNT("F01", "subdir-mount", null),
  /** Inotify events for BSD file locks. */
  INOTIFY_FLOCK("F02", "inotify-flock", null),
  /** SCM_CGROUPID: the sender's cgroup with each message. */
  SCM_CGROUPID("F03", "scm-cgroupid", null),
  /** Link an O_TMPFILE file over an existing name. */
  LINK_REPLACE("F04", "link-replace", null),
  /** O_REGULAR: open regular files only. */
  OPEN_REGULAR("F05", "open-regular", "7.2"),
  /** Unlinkat3: unlink only if the name still is that inode. */
  UNLINK_BY_FD("F06", "unlink-by-fd", null),
  /** Owning user namespace of a mount. */
  MOUNT_OWNER("F07", "mount-owner", null),
  /** Read-only propagation of mounts. */
  PROPAGATE_RDONLY("F08", "propagate-rdonly", null),
  /** Switch off SCM_RIGHTS reception. */
  REFUSE_RIGHTS("F09", "refuse-rights", "6.16"),
  /** Filter which fds may be received. */
  RIGHTS_FILTER("F10", "rights-filter", null),
  /** Reliable check for a non-initial pid namespace. */
  PIDNS_CHECK("F11", "pidns-check", "6.18"),
  /** Keep pidfd-watched children out of waitid(P_ALL). */
  WAIT_NOPIDFD("F12", "wait-nopidfd", null),
  /** Mount notifications without rescanning mountinfo. */
  MOUNT_NOTIFY("F13", "mount-notify", "6.15"),
  /** Asynchronous close(). */
  ASYNC_CLOSE("F14", "async-close", null),
  /** CLOCK_MONOTONIC network timestamps. */
  MONOTONIC_STAMPS("F15", "monotonic-stamps", null),
  /** Immutable loopback devices. */
  LOOP_IMMUTABLE("F16", "loop-immutable", null),
  /** A timeout for flock(). */
  FLOCK_TIMEOUT("F17", "flock-timeout", null),
  /** Mount_setattr() that ignores failures. */
  SETATTR_IGNORE_FAILURES("F18", "setattr-ignore-failures", null),
  /** Upgrade masks in openat2(). */
  UPGRADE_MASKS("F19", "upgrade-masks", null),
  /** Quotas with user namespaces. */
  QUOTA_USERNS("F20", "quota-userns", null),
  /** MOUNT_SETATTR_LOCKED. */
  SETATTR_LOCKED("F21", "setattr-locked", null),
  /** OPEN_TREE_CLEAR. */
  OPEN_TREE_CLEAR("F22", "open-tree-clear", null),
  /** A user namespace must have a mapping when attached to a mount. */
  IDMAP_NEEDS_MAP("F23", "idmap-needs-map", "6.9"),
  /** Setns() to all of a process's differing namespaces. */
  SETNS_PIDFD_ALL("F24", "setns-pidfd-all", null),
  /** LSM hook for mount_setattr(). */
  LSM_MOUNT_SETATTR("F25", "lsm-mount-setattr", null),
  /** Per-cgroup core dump limit. */
  CGROUP_COREDUMP("F26", "cgroup-coredump", null),
  /** Create and open directories, nodes, symlinks race-free. */
  CREATE_OPEN("F27", "create-open", null),
  /** Classic system calls through io_uring. */
  URING_CALLS("F28", "uring-calls", null),
  /** Several ids mapped to one id (read-only mounts). */
  IDMAP_MERGE("F29", "idmap-merge", null),
  /** Blobfs: write-once, content-addressed, verified files. */
  BLOBFS("F30", "blobfs", null),
  /** Loop and block devices inside user namespaces. */
  LOOPFS("F31", "loopfs", null),
  /** Pivot_root() onto a detached mount. */
  PIVOT_DETACHED("F32", "pivot-detached", null),
  /** Device cgroup guard that allows mknod() in user namespaces. */
  DEVICE_GUARD("F33", "device-guard", null),
  /** AT_EMPTY_PATH for unlinkat(). */
  UNLINK_EMPTY_PATH("F34", "unlink-empty-path", null),
  /** Race-free mounting of block devices (diskseq). */
  FSCONFIG_DISKSEQ("F35", "fsconfig-diskseq", null),
  /** Reopen a block device with more rights. */
  BDEV_REOPEN("F36", "bdev-reopen", null),
  /** A keyring per dm-verity volume. */
  VERITY_KEYRING("F37", "verity-keyring", null),
  /** Statx() on a pidfd: start time. */
  PIDFD_BTIME("F38", "pidfd-btime", null),
  /** Parent pid of a pidfd. */
  PIDFD_PPID("F39", "pidfd-ppid", "6.13"),
  /** Comm set before exec through an fd. */
  EXEC_COMM("F40", "exec-comm", "6.14"),
  /** Path-based ACL hook for LSMs. */
  ACL_PATH_HOOK("F41", "acl-path-hook", null),
  /** Immutable overlayfs layers. */
  OVL_IMMUTABLE("F42", "ovl-immutable", null),
  /** Ioctl API to query overlayfs layers. */
  OVL_QUERY("F43", "ovl-query", null),
  /** Btrfs that grows by itself. */
  BTRFS_AUTOGROW("F44", "btrfs-autogrow", null),
  /** Add a process to a cgroup by pidfd. */
  CGROUP_PIDFD("F45", "cgroup-pidfd", null),
  /** User xattrs on socket inodes. */
  SOCKET_XATTRS("F46", "socket-xattrs", "7.1"),
  /** Pidfd_open() from a thread to its leader. */
  PIDFD_LEADER("F47", "pidfd-leader", null),
  /** Translate pids between pid namespaces. */
  PIDNS_TRANSLATE("F48", "pidns-translate", "6.11"),
  /** Useful handling of LSM denials on SCM_RIGHTS. */
  RIGHTS_NOTRUNC("F49", "rights-notrunc", "7.3"),
  /** Unmount obstructed mounts. */
  MOUNT_BENEATH("F50", "mount-beneath", "6.5"),
  /** SCM_PIDFD. */
  SCM_PIDFD("F51", "scm-pidfd", "6.5"),
  /** IP_UNICAST_IF in routing decisions of connected sockets. */
  UNICAST_IF("F52", "unicast-if", "6.1"),
  /** Statmount(), listmount(). */
  STATMOUNT("F53", "statmount", "6.8"),
  /** LSM hook for creating user namespaces. */
  USERNS_HOOK("F54", "userns-hook", "6.1"),
  /** Idmapped mounts of tmpfs. */
  IDMAP_TMPFS("F55", "idmap-tmpfs", "6.3"),
  /** 64-bit process identifier in statx() of a pidfd. */
  PIDFD_INO("F56", "pidfd-ino", "6.9"),
  /** Binfmt_misc per user namespace. */
  BINFMT_USERNS("F57", "binfmt-userns", "6.7"),
  /** Idmapped mounts with overlayfs. */
  IDMAP_OVERLAY("F58", "idmap-overlay", "5.19");

  private final String id;
  private final String slug;
  private final String since;

  KernelFeature(String id, String slug, String since) {
    this.id = id;
    this.slug = slug;
    this.since = since;
  }

  /** F01 to F58. */
  public String id() {
    return id;
  }

  /** Its name on the command line and in scenarios. */
  public String slug() {
    return slug;
  }

  /** First kernel release that has it; null if none has. */
  public String since() {
    return since;
  }

  /** The feature of this slug, or null. */
  public static KernelFeature ofSlug(String slug) {
    for (KernelFeature feature : values()) {
      if (feature.slug.equals(slug)) {
        return feature;
      }
    }
    return null;
  }
}
