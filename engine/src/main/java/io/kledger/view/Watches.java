package io.kledger.view;

import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.FdSlot;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.path.PathText;
import io.kledger.kernel.task.Task;
import io.kledger.kernel.watch.FanotifyGroup;
import io.kledger.kernel.watch.InotifyWatch;
import io.kledger.kernel.watch.MountMark;

/** Who watches what: inotify(7) watches, and the marks of fanotify(7) on mount namespaces. */
public final class Watches {
  private static final String[] INOTIFY = {
    "IN_ACCESS",
    "IN_MODIFY",
    "IN_ATTRIB",
    "IN_CLOSE_WRITE",
    "IN_CLOSE_NOWRITE",
    "IN_OPEN",
    "IN_MOVED_FROM",
    "IN_MOVED_TO",
    "IN_CREATE",
    "IN_DELETE",
    "IN_DELETE_SELF",
    "IN_MOVE_SELF"
  };

  private Watches() {}

  /**
   * A row for each watch: who has the descriptor, what is watched, for which events, and how many
   * records wait to be read. FSPATH is a name of the inode within its filesystem, null if it has
   * none.
   */
  public static Sheet sheet(KernelState state) {
    Sheet sheet =
        Sheet.of("KIND", "COMMAND", "PID", "FD", "WD", "INODE", "FSPATH", "NS", "MASK", "QUEUED");
    for (InotifyWatch watch : state.watches.rows()) {
      Holder holder = Holder.of(state, watch.instance());
      var inode = state.inodes.get(watch.inode());
      sheet.row(
          "inotify",
          holder.command,
          holder.pid,
          holder.fd,
          watch.wd(),
          inode == null || inode.number() == 0 ? null : inode.number(),
          path(state, watch.inode()),
          null,
          mask(watch.mask()),
          state.inotifyQueue.count(watch.instance()));
    }
    for (MountMark mark : state.mountMarks.rows()) {
      Holder holder = Holder.of(state, mark.group());
      Namespace namespace = state.namespaces.get(mark.namespace());
      FanotifyGroup group = state.fanotifyGroups.get(mark.group());
      sheet.row(
          "fanotify",
          holder.command,
          holder.pid,
          holder.fd,
          null,
          null,
          null,
          namespace == null || namespace.inode() == 0 ? null : namespace.inode(),
          mountMask(mark.mask()),
          group == null ? null : state.mountEventsByGroup.count(group.key()));
    }
    return sheet;
  }

  /** The first task with a descriptor of an open file. */
  private record Holder(Bytes command, Integer pid, Integer fd) {
    static Holder of(KernelState state, long description) {
      for (long key : state.fdsByDescription.keys(description)) {
        FdSlot slot = state.fds.get(key);
        for (long task : state.tasksByFiles.keys(slot.table())) {
          Task row = state.tasks.get(task);
          if (row != null) {
            return new Holder(row.comm(), Tasks.tgid(state, row), slot.fd());
          }
        }
      }
      return new Holder(null, null, null);
    }
  }

  private static Bytes path(KernelState state, long inode) {
    for (long key : state.dentriesByInode.keys(inode)) {
      return PathText.inFilesystem(state, key);
    }
    return null;
  }

  private static String mask(long mask) {
    StringBuilder text = new StringBuilder();
    long rest = mask;
    for (int i = 0; i < INOTIFY.length; i++) {
      if ((mask >> i & 1) != 0) {
        text.append(text.isEmpty() ? "" : "|").append(INOTIFY[i]);
        rest &= ~(1L << i);
      }
    }
    return rest == 0 && !text.isEmpty()
        ? text.toString()
        : text + (text.isEmpty() ? "" : "|") + "0x" + Long.toHexString(rest);
  }

  private static String mountMask(long mask) {
    return ((mask & 0x01000000) != 0 ? "FAN_MNT_ATTACH" : "")
        + ((mask & 0x03000000) == 0x03000000 ? "|" : "")
        + ((mask & 0x02000000) != 0 ? "FAN_MNT_DETACH" : "");
  }
}
