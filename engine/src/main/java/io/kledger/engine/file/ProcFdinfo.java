package io.kledger.engine.file;

import io.kledger.engine.CallContext;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.FdSlot;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.UpgradeMask;
import io.kledger.kernel.lock.FileLock;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.task.Task;
import io.kledger.kernel.watch.InotifyWatch;

/** /proc/PID/fdinfo/N of all but pidfds: seq_show() of fs/proc/fd.c, and what inotify adds. */
public final class ProcFdinfo {
  private static final Bytes FDINFO = Bytes.of("fdinfo");
  private static final Bytes PROC = Bytes.of("proc");

  private ProcFdinfo() {}

  /** What a read shows; null if the file is another one or the descriptor is gone. */
  public static Bytes read(CallContext context, OpenFileDescription file) {
    KernelState state = context.state();
    Dentry name = state.dentries.get(file.place().dentry());
    Dentry directory = name == null ? null : state.dentries.get(name.parent());
    boolean mine =
        directory != null
            && directory.name().equals(FDINFO)
            && state.superblocks.require(directory.superblock()).type().equals(PROC);
    Task task = mine ? ProcPlace.task(context, directory) : null;
    FdSlot slot = task == null ? null : state.fd(task.files(), number(name.name()));
    return slot == null ? null : Bytes.of(text(context, task, slot));
  }

  private static int number(Bytes name) {
    try {
      return Integer.parseInt(name.latin1());
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  private static String text(CallContext context, Task task, FdSlot slot) {
    KernelState state = context.state();
    OpenFileDescription file = state.descriptions.require(slot.description());
    Inode inode = state.inodes.get(file.inode());
    Mount mount = state.mounts.get(file.place().mount());
    long flags = file.flags() & ~OpenFlags.CLOEXEC | (slot.closeOnExec() ? OpenFlags.CLOEXEC : 0);
    StringBuilder text = new StringBuilder();
    text.append("pos:\t").append(Math.max(0, file.position())).append('\n');
    text.append("flags:\t0").append(Long.toOctalString(flags)).append('\n');
    text.append("mnt_id:\t").append(mount == null ? 0 : mount.id()).append('\n');
    text.append("ino:\t").append(inode == null ? 0 : inode.number()).append('\n');
    UpgradeMask mask = state.upgradeMasks.get(file.key());
    if (mask != null && mask.mask() != 0) {
      text.append("upgrade_mask:\t0").append(Long.toOctalString(mask.mask())).append('\n');
    }
    locks(state, file, task, text);
    if (file.kind() == FileKind.INOTIFY) {
      watches(state, file, text);
    }
    return text.toString();
  }

  /** show_fd_locks(): those of this description, and of this table on the file. */
  private static void locks(
      KernelState state, OpenFileDescription file, Task task, StringBuilder text) {
    int id = 0;
    for (long key : file.inode() == 0 ? new long[0] : state.locksByInode.keys(file.inode())) {
      FileLock lock = state.locks.require(key);
      boolean posix = lock.type() == FileLock.Type.POSIX;
      if (lock.waiting() || lock.owner() != (posix ? task.files() : file.key())) {
        continue;
      }
      text.append("lock:\t").append(++id).append(": ").append(line(state, lock)).append('\n');
    }
  }

  private static String line(KernelState state, FileLock lock) {
    boolean breaking = lock.mode() == FileLock.Mode.UNLCK || lock.mode() == FileLock.Mode.DOWNGRADE;
    String kind =
        switch (lock.type()) {
          case FLOCK -> "FLOCK  ADVISORY ";
          case POSIX -> "POSIX  ADVISORY ";
          case OFDLCK -> "OFDLCK ADVISORY ";
          case LEASE -> breaking ? "LEASE  BREAKING " : "LEASE  ACTIVE   ";
        };
    Inode inode = state.inodes.get(lock.inode());
    Superblock superblock = inode == null ? null : state.superblocks.get(inode.superblock());
    String mode = lock.mode() == FileLock.Mode.DOWNGRADE ? "READ" : lock.mode().name();
    return "%s %s %d %02x:%02x:%d %d %s"
        .formatted(
            kind,
            mode,
            lock.pid(),
            superblock == null ? 0 : superblock.major(),
            superblock == null ? 0 : superblock.minor(),
            inode == null ? 0 : inode.number(),
            lock.start(),
            lock.end() == FileLock.EOF ? "EOF" : Long.toString(lock.end()));
  }

  private static void watches(KernelState state, OpenFileDescription file, StringBuilder text) {
    for (long key : state.watchesByInstance.keys(file.key())) {
      InotifyWatch watch = state.watches.require(key);
      Inode inode = state.inodes.get(watch.inode());
      Superblock superblock = inode == null ? null : state.superblocks.get(inode.superblock());
      int device = superblock == null ? 0 : superblock.major() << 20 | superblock.minor();
      text.append(
          "inotify wd:%x ino:%x sdev:%x mask:%x ignored_mask:0\n"
              .formatted(watch.wd(), inode == null ? 0 : inode.number(), device, watch.mask()));
    }
  }
}
