package io.kledger.engine.file;

import io.kledger.engine.CallContext;
import io.kledger.engine.task.PidNumbers;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.FdSlot;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.task.Pid;
import io.kledger.kernel.task.Task;

/**
 * /proc/PID/fdinfo/N of pidfds: seq_show() in fs/proc/fd.c and pidfd_show_fdinfo() in fs/pidfs.c.
 */
public final class FdInfo {
  /** The mount of pidfs, which the kernel makes at boot and no namespace shows. */
  private static final int PIDFS_MOUNT = 4;

  private FdInfo() {}

  /** What a read shows; null if the file is another one, or the ledger does not know it all. */
  public static Bytes read(CallContext context, OpenFileDescription file) {
    KernelState state = context.state();
    Dentry name = state.dentries.get(file.place().dentry());
    Dentry directory = name == null ? null : state.dentries.get(name.parent());
    Superblock proc = directory == null ? null : state.superblocks.get(directory.superblock());
    if (proc == null
        || !proc.type().equals(Bytes.of("proc"))
        || !directory.name().equals(Bytes.of("fdinfo"))) {
      return null;
    }
    Task task = ProcPlace.task(context, directory);
    FdSlot slot =
        task == null ? null : state.fd(task.files(), Integer.parseInt(name.name().latin1()));
    OpenFileDescription shown = slot == null ? null : state.descriptions.get(slot.description());
    if (shown == null || shown.kind() != FileKind.PIDFD) {
      return null;
    }
    Inode inode = state.inodes.get(shown.inode());
    long flags = shown.flags() | (slot.closeOnExec() ? OpenFlags.CLOEXEC : 0);
    String text =
        "pos:\t0\nflags:\t0%o\nmnt_id:\t%d\nino:\t%d\n%s"
            .formatted(
                flags,
                PIDFS_MOUNT,
                inode == null ? 0 : inode.number(),
                numbers(state, shown, proc.namespace()));
    return Bytes.of(text);
  }

  /** Numbers in the pid namespace of the procfs and below it; 0 outside, -1 once reaped. */
  private static String numbers(KernelState state, OpenFileDescription pidfd, long namespace) {
    Pid pid = state.pids.get(pidfd.object());
    Namespace from = state.namespaces.get(namespace);
    if (pid == null || state.tasksByPid.count(pid.key()) == 0) {
      return "Pid:\t-1\nNSpid:\t-1\n";
    }
    int level = from == null ? 0 : from.level();
    int number = from == null ? pid.at(0) : PidNumbers.seenFrom(state, pid, namespace);
    StringBuilder text = new StringBuilder("Pid:\t" + number + "\nNSpid:\t" + number);
    for (int i = level + 1; number != 0 && i < pid.numbers().size(); i++) {
      text.append('\t').append(pid.at(i));
    }
    return text.append('\n').toString();
  }
}
