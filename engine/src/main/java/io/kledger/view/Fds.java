package io.kledger.view;

import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.FdSlot;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.path.PathText;
import io.kledger.kernel.task.Task;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Open files of a task: /proc/PID/fd and fdinfo, and the columns of lsfd(1). */
public final class Fds {
  /** A path that the log does not tell. */
  private static final Bytes UNKNOWN = Bytes.of("?");

  private static final Bytes PROC = Bytes.of("/proc/");
  private static final Bytes DELETED = Bytes.of(" (deleted)");
  private static final Pattern OF_PROC = Pattern.compile("/proc/(\\d{1,9})/fd(?:info)?/(\\d{1,9})");

  private Fds() {}

  /**
   * One descriptor.
   *
   * @param target as readlink of /proc/PID/fd/N prints it
   * @param flags as fdinfo prints them, with O_CLOEXEC
   */
  public record Descriptor(
      FdSlot slot, OpenFileDescription description, Bytes target, long flags) {}

  /** The descriptors of a task by number; none once it has exited. */
  public static List<Descriptor> of(KernelState state, Task task) {
    List<Descriptor> descriptors = new ArrayList<>();
    if (task.files() == 0) {
      return descriptors;
    }
    for (long key : state.fdsByTable.keys(task.files())) {
      FdSlot slot = state.fds.get(key);
      OpenFileDescription description = state.descriptions.get(slot.description());
      if (description != null) {
        long flags =
            description.flags() & ~Flags.O_CLOEXEC | (slot.closeOnExec() ? Flags.O_CLOEXEC : 0);
        descriptors.add(new Descriptor(slot, description, target(state, task, description), flags));
      }
    }
    descriptors.sort(Comparator.comparingInt(d -> d.slot().fd()));
    return descriptors;
  }

  /** As readlink of /proc/PID/fd/N prints it to an observer outside: a path, or a name. */
  public static Bytes target(KernelState state, Task task, OpenFileDescription description) {
    // d_path(): a file of nsfs has a path where it is mounted.
    Mount mount = state.mounts.get(description.place().mount());
    boolean mounted =
        mount != null && mount.parent() != 0 && mount.root() == description.place().dentry();
    if (!description.name().isEmpty() && !mounted) {
      return description.name();
    }
    if (description.place().dentry() == 0) {
      return UNKNOWN;
    }
    Namespace namespace =
        description.kind() == FileKind.NAMESPACE && !mounted(state, description)
            ? state.namespaces.get(description.object())
            : null;
    if (namespace != null) {
      return Bytes.of(namespace.kind().procName() + ":[" + namespace.inode() + "]");
    }
    Bytes path = PathText.of(state, description.place(), Place.UNKNOWN);
    return goneOfProc(state, path) ? path.plus(DELETED) : path;
  }

  /** tid_fd_revalidate(): whether a path is one below /proc/PID/fd that is not there any more. */
  private static boolean goneOfProc(KernelState state, Bytes path) {
    Matcher names = path.startsWith(PROC) ? OF_PROC.matcher(path.latin1()) : null;
    if (names == null || !names.matches()) {
      return false;
    }
    Task task = state.task(Integer.parseInt(names.group(1)));
    return task == null
        || task.files() == 0
        || state.fd(task.files(), Integer.parseInt(names.group(2))) == null;
  }

  /** Whether it was opened through a mount of its file: d_path() names the mount's place then. */
  public static boolean mounted(KernelState state, OpenFileDescription description) {
    Mount mount = state.mounts.get(description.place().mount());
    return mount != null && mount.namespace() != 0 && mount.root() == description.place().dentry();
  }

  /** Lines of the scenario view `fds`: {@code fd -> target flags}. */
  public static List<String> text(KernelState state, Task task) {
    List<String> lines = new ArrayList<>();
    for (Descriptor fd : of(state, task)) {
      lines.add(
          fd.slot().fd()
              + " -> "
              + fd.target().latin1()
              + " "
              + Flags.open(fd.flags() & ~Flags.O_LARGEFILE));
    }
    return lines;
  }

  /** The descriptors of these tasks. */
  public static Sheet sheet(KernelState state, List<Task> tasks) {
    Sheet sheet =
        Sheet.of(
            "COMMAND",
            "PID",
            "TID",
            "FD",
            "TYPE",
            "FLAGS",
            "POS",
            "INODE",
            "NAME",
            "OPENED-BY",
            "SINCE",
            "INFERRED");
    for (Task task : tasks) {
      for (Descriptor fd : of(state, task)) {
        OpenFileDescription description = fd.description();
        Inode inode = state.inodes.get(description.inode());
        Task opener = state.tasks.get(description.openedBy());
        sheet.row(
            task.comm(),
            Tasks.tgid(state, task),
            task.tid(),
            fd.slot().fd(),
            description.kind().name(),
            Flags.open(fd.flags()),
            description.position(),
            inode == null || inode.number() == 0 ? null : inode.number(),
            fd.target(),
            opener == null ? null : opener.tid(),
            fd.slot().since(),
            description.inferred());
      }
    }
    return sheet;
  }
}
