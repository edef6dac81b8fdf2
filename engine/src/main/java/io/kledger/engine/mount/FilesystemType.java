package io.kledger.engine.mount;

import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.ns.Capability;
import io.kledger.engine.ns.NamespaceRows;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.ns.NamespaceKind;
import io.kledger.kernel.task.Task;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the kernel knows of a type of filesystem (struct file_system_type).
 *
 * @param onDevice FS_REQUIRES_DEV
 * @param single mounting it again gives the same superblock
 * @param empty a new one holds nothing
 * @param inUserNs FS_USERNS_MOUNT
 */
record FilesystemType(
    String name, boolean onDevice, boolean single, boolean empty, boolean inUserNs) {

  private static final Map<String, FilesystemType> KNOWN = new LinkedHashMap<>();

  static {
    FilesystemType[] types = {
      new FilesystemType("tmpfs", false, false, true, true),
      new FilesystemType("ramfs", false, false, true, true),
      new FilesystemType("proc", false, false, false, true),
      new FilesystemType("sysfs", false, true, false, true),
      new FilesystemType("devtmpfs", false, true, false, false),
      new FilesystemType("devpts", false, false, false, true),
      new FilesystemType("mqueue", false, true, false, true),
      new FilesystemType("cgroup2", false, true, false, true),
      new FilesystemType("cgroup", false, false, false, true),
      new FilesystemType("overlay", false, false, false, true),
      new FilesystemType("binfmt_misc", false, true, false, true),
      new FilesystemType("fuse", false, false, false, true),
      new FilesystemType("bpf", false, false, true, true),
      new FilesystemType("debugfs", false, true, false, false),
      new FilesystemType("tracefs", false, true, false, false),
      new FilesystemType("securityfs", false, true, false, false),
      new FilesystemType("configfs", false, true, false, false),
      new FilesystemType("pstore", false, true, false, false),
      new FilesystemType("hugetlbfs", false, false, true, false),
      new FilesystemType("selinuxfs", false, true, false, false),
      new FilesystemType("blobfs", true, false, false, false),
      new FilesystemType("loopfs", false, false, true, true),
      new FilesystemType("ext2", true, false, false, false),
      new FilesystemType("ext3", true, false, false, false),
      new FilesystemType("ext4", true, false, false, false),
      new FilesystemType("xfs", true, false, false, false),
      new FilesystemType("btrfs", true, false, false, false),
      new FilesystemType("vfat", true, false, false, false),
      new FilesystemType("squashfs", true, false, false, false),
      new FilesystemType("iso9660", true, false, false, false),
      new FilesystemType("erofs", true, false, false, false),
      new FilesystemType("fuseblk", true, false, false, true),
    };
    for (FilesystemType type : types) {
      KNOWN.put(type.name(), type);
    }
  }

  /** The type of a name, a subtype cut off where the type has subtypes; null if not known. */
  static FilesystemType of(Bytes name) {
    String text = name.latin1();
    if (text.startsWith("fuse.") || text.startsWith("fuseblk.")) {
      text = text.substring(0, text.indexOf('.'));
    }
    return KNOWN.get(text);
  }

  /** As {@link #of(Bytes)}, without those that this kernel has not. */
  static FilesystemType of(CallContext context, Bytes name) {
    boolean missing =
        switch (name.latin1()) {
          case "loopfs" -> !context.profile().has(KernelFeature.LOOPFS);
          case "blobfs" -> !context.profile().has(KernelFeature.BLOBFS);
          default -> false;
        };
    return missing ? null : of(name);
  }

  /**
   * Whether init_fs_context() gives a context at all: that of sysfs asks first who may mount in the
   * network namespace.
   */
  static boolean opens(CallContext context, Bytes type) {
    FilesystemType known = type.latin1().equals("sysfs") ? of(context, type) : null;
    return known == null || known.allowed(context);
  }

  /** mount_capable(): whether the caller may mount it at all. */
  boolean allowed(CallContext context) {
    KernelState state = context.state();
    Task task = context.task();
    boolean lent =
        ownDevice() && context.profile().has(KernelFeature.LOOPFS)
            || onDevice && context.profile().has(KernelFeature.QUOTA_USERNS);
    boolean old = name.equals("binfmt_misc") && !context.profile().has(KernelFeature.BINFMT_USERNS);
    if (!inUserNs && !lent || old) {
      return Capability.initial(state, task.credentials(), Capability.SYS_ADMIN);
    }
    long owner =
        switch (name) {
          case "proc" -> owner(state, task.namespaces().pid());
          case "sysfs" -> owner(state, task.namespaces().net());
          case "mqueue" -> owner(state, task.namespaces().ipc());
          case "cgroup2", "cgroup" -> owner(state, task.namespaces().cgroup());
          default -> task.credentials().userNs();
        };
    return owner == 0 || Capability.over(state, task.credentials(), owner, Capability.SYS_ADMIN);
  }

  /** The kernel has a mount of its own, so that the first of a user finds the superblock made. */
  boolean internal() {
    return switch (name) {
      case "mqueue", "devtmpfs", "cgroup2", "debugfs", "tracefs", "securityfs" -> true;
      default -> false;
    };
  }

  /** Proposed: may be mounted in a user namespace from a device that this owns. */
  boolean ownDevice() {
    return name.equals("erofs") || name.equals("squashfs");
  }

  /** The namespace whose contents a new superblock shows; 0 if none, or the initial one. */
  long contents(CallContext context) {
    Task task = context.task();
    return switch (name) {
      case "proc" -> unlessInitial(context, NamespaceKind.PID, task.namespaces().pid());
      case "sysfs" -> unlessInitial(context, NamespaceKind.NET, task.namespaces().net());
      case "mqueue" -> unlessInitial(context, NamespaceKind.IPC, task.namespaces().ipc());
      case "binfmt_misc" ->
          !context.profile().has(KernelFeature.BINFMT_USERNS)
              ? 0
              : unlessInitial(context, NamespaceKind.USER, task.credentials().userNs());
      default -> 0;
    };
  }

  private static long unlessInitial(CallContext context, NamespaceKind kind, long key) {
    Namespace initial = NamespaceRows.initial(context.state(), kind);
    return initial == null || initial.key() == key ? 0 : key;
  }

  private static long owner(KernelState state, long namespace) {
    Namespace row = state.namespaces.get(namespace);
    return row == null ? 0 : row.owner();
  }
}
