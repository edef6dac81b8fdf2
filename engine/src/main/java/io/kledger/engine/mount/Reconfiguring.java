package io.kledger.engine.mount;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.change.MountChange;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.mount.Superblock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** reconfigure_super(): flags and options of a filesystem that is mounted. */
final class Reconfiguring {
  private static final long CHANGEABLE =
      MountFlags.RDONLY
          | MountFlags.SYNCHRONOUS
          | MountFlags.DIRSYNC
          | MountFlags.MANDLOCK
          | MountFlags.I_VERSION
          | MountFlags.LAZYTIME;

  private Reconfiguring() {}

  /** Flags as in {@code word}; options that {@code data} names replace the old ones. */
  static void superblock(CallContext context, Superblock before, long word, Bytes data) {
    long flags = before.flags() & ~CHANGEABLE | word & CHANGEABLE;
    Bytes options = merged(context, before, data);
    if (flags != before.flags() || !options.equals(before.options())) {
      Superblock after = before.withOptions(flags, options);
      context.emit(new MountChange.SuperblockChanged(after, before));
    }
  }

  /**
   * shmem_reconfigure(): a tmpfs does not shrink below what it holds. Null if there is nothing to
   * object to.
   */
  static Result tooSmall(CallContext context, Superblock superblock, Bytes data) {
    if (!superblock.type().latin1().equals("tmpfs")) {
      return null;
    }
    long wanted = FilesystemOptions.tmpfsBlocks(data);
    long present = FilesystemOptions.tmpfsBlocks(superblock.options());
    if (wanted <= 0 || present > 0 && wanted >= present) {
      return null;
    }
    KernelState state = context.state();
    long used = 0;
    for (long key : state.inodesBySuperblock.keys(superblock.key())) {
      Inode inode = state.inodes.require(key);
      used += (inode.mode() & Inode.S_IFMT) == Inode.S_IFREG ? (inode.size() + 4095) >> 12 : 0;
    }
    if (used > wanted && context.refuse("C9.5 shmem_reconfigure: too small")) {
      return context.fail(Errno.EINVAL, "C9.5 shmem_reconfigure: too small");
    }
    boolean seen = superblock.userNs() != 0;
    return seen || context.assuming() ? null : new Result.Unknown("how much the tmpfs holds");
  }

  /** Proposed: a remount may say anew how a btrfs grows. */
  private static Bytes autogrow(Superblock superblock, Bytes data) {
    Map<String, String> asked = FilesystemOptions.parse(data);
    Map<String, String> options = FilesystemOptions.parse(superblock.options());
    String step = asked.get("autogrow");
    if (step == null) {
      return superblock.options();
    }
    options.put("autogrow", step);
    List<String> words = new ArrayList<>();
    options.forEach((key, value) -> words.add(value.isEmpty() ? key : key + "=" + value));
    return Bytes.of(String.join(",", words));
  }

  private static Bytes merged(CallContext context, Superblock superblock, Bytes data) {
    if (superblock.type().latin1().equals("cgroup2")) {
      return CgroupRoots.options(context, superblock, data);
    }
    if (superblock.type().latin1().equals("btrfs")) {
      return autogrow(superblock, data);
    }
    if (data == null || data.isEmpty() || !superblock.type().latin1().equals("tmpfs")) {
      return superblock.options();
    }
    Map<String, String> options = FilesystemOptions.parse(superblock.options());
    Map<String, String> asked = FilesystemOptions.parse(data);
    // shmem_reconfigure(): whose the root is was said once.
    asked.keySet().removeAll(List.of("mode", "uid", "gid"));
    options.putAll(asked);
    List<String> words = new ArrayList<>();
    options.forEach((key, value) -> words.add(value.isEmpty() ? key : key + "=" + value));
    return FilesystemOptions.of(superblock.type(), Bytes.of(String.join(",", words))).text();
  }
}
