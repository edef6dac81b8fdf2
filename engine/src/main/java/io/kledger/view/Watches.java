package io.kledger.view;

import io.kledger.abi.Constants;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.path.PathText;
import io.kledger.kernel.task.Task;
import io.kledger.kernel.watch.FanotifyGroup;
import io.kledger.kernel.watch.InotifyEvent;
import io.kledger.kernel.watch.InotifyInstance;
import io.kledger.kernel.watch.InotifyWatch;
import io.kledger.kernel.watch.MountEvent;
import io.kledger.kernel.watch.MountMark;
import java.util.List;

/** Instances of inotify and fanotify with what they watch and what waits to be read. */
public final class Watches {
  private static final String[] EVENT_COLUMNS = {"WD", "MASK", "COOKIE", "NAME", "PID", "MOUNT"};

  private Watches() {}

  /** One row an instance, with its watches and its queue below; of one task if it is not null. */
  public static Sheet sheet(KernelState state, Task task) {
    Sheet sheet =
        Sheet.of(
            "INSTANCE",
            "KIND",
            "HOLDERS",
            "WATCHES",
            "QUEUED",
            "BYTES",
            "MAX",
            "OVERFLOW",
            "MARKS",
            "EVENTS");
    for (InotifyInstance instance : state.inotifyInstances.rows()) {
      if (Holders.has(state, instance.key(), task)) {
        inotify(state, sheet, instance);
      }
    }
    for (FanotifyGroup group : state.fanotifyGroups.rows()) {
      if (Holders.has(state, group.key(), task)) {
        fanotify(state, sheet, group);
      }
    }
    return sheet;
  }

  /** One row a watch, as the inotify lines of /proc/PID/fdinfo tell it, with its path. */
  public static Sheet marks(KernelState state, Task task) {
    return flat(sheet(state, task), "MARKS", "WD", "MASK", "IGNORED", "INODE", "PATH");
  }

  /** One row an event that waits to be read, oldest first. */
  public static Sheet queued(KernelState state, Task task) {
    return flat(sheet(state, task), "EVENTS", EVENT_COLUMNS);
  }

  private static Sheet flat(Sheet instances, String column, String... columns) {
    String[] all = new String[columns.length + 3];
    all[0] = "INSTANCE";
    all[1] = "KIND";
    all[2] = "HOLDERS";
    System.arraycopy(columns, 0, all, 3, columns.length);
    Sheet sheet = Sheet.of(all);
    int nested = instances.columns().indexOf(column);
    for (List<Object> row : instances.rows()) {
      for (List<Object> below : ((Sheet) row.get(nested)).rows()) {
        Object[] values = new Object[all.length];
        for (int i = 0; i < values.length; i++) {
          values[i] = i < 3 ? row.get(i) : below.get(i - 3);
        }
        sheet.row(values);
      }
    }
    return sheet;
  }

  private static void inotify(KernelState state, Sheet sheet, InotifyInstance instance) {
    Sheet marks = Sheet.of("WD", "MASK", "IGNORED", "INODE", "PATH");
    for (long key : state.watchesByInstance.keys(instance.key())) {
      InotifyWatch watch = state.watches.require(key);
      Inode inode = state.inodes.get(watch.inode());
      marks.row(
          watch.wd(),
          inotifyNames(watch.mask()),
          null,
          inode == null || inode.number() == 0 ? null : inode.number(),
          path(state, watch.inode()));
    }
    Sheet events = Sheet.of(EVENT_COLUMNS);
    long bytes = 0;
    boolean overflow = false;
    for (long key : state.inotifyQueue.keys(instance.key())) {
      InotifyEvent event = state.inotifyEvents.require(key);
      bytes += event.size();
      overflow |= event.wd() < 0;
      events.row(
          event.wd(),
          inotifyNames(event.mask()),
          event.cookie(),
          event.name().isEmpty() ? null : event.name(),
          null,
          null);
    }
    sheet.row(
        instance.key(),
        "inotify",
        Holders.of(state, instance.key()),
        marks.rows().size(),
        events.rows().size(),
        bytes,
        instance.maxQueued(),
        overflow,
        marks,
        events);
  }

  private static void fanotify(KernelState state, Sheet sheet, FanotifyGroup group) {
    Sheet marks = Sheet.of("WD", "MASK", "IGNORED", "INODE", "PATH");
    for (long key : state.mountMarksByGroup.keys(group.key())) {
      MountMark mark = state.mountMarks.require(key);
      Namespace namespace = state.namespaces.get(mark.namespace());
      marks.row(
          null,
          mountNames(mark.mask()),
          mark.ignored() == 0 ? null : mountNames(mark.ignored()),
          namespace == null ? null : namespace.inode(),
          namespace == null ? null : "mnt:[" + namespace.inode() + "]");
    }
    Sheet events = Sheet.of(EVENT_COLUMNS);
    long bytes = 0;
    boolean overflow = false;
    for (long key : state.mountEventsByGroup.keys(group.key())) {
      MountEvent event = state.mountEvents.require(key);
      bytes += event.size();
      overflow |= event.mask() == MountEvent.OVERFLOW;
      var pid = event.pid() == 0 ? null : state.pids.get(event.pid());
      events.row(
          null,
          event.mask() == MountEvent.OVERFLOW ? "FAN_Q_OVERFLOW" : mountNames(event.mask()),
          null,
          null,
          pid == null ? null : pid.numbers().getFirst(),
          event.mount() == 0 ? null : event.mount());
    }
    sheet.row(
        group.key(),
        "fanotify",
        Holders.of(state, group.key()),
        marks.rows().size(),
        events.rows().size(),
        bytes,
        null,
        overflow,
        marks,
        events);
  }

  private static String inotifyNames(long mask) {
    return Constants.group("inotify").flags(mask);
  }

  private static String mountNames(long mask) {
    return switch ((int) (mask >> 24)) {
      case 1 -> "FAN_MNT_ATTACH";
      case 2 -> "FAN_MNT_DETACH";
      case 3 -> "FAN_MNT_ATTACH|FAN_MNT_DETACH";
      default -> "0x" + Long.toHexString(mask);
    };
  }

  /** A path that the watched inode has or had; null if the log tells none. */
  private static Bytes path(KernelState state, long inode) {
    for (long key : state.dentriesByInode.keys(inode)) {
      Dentry dentry = state.dentries.require(key);
      if (!dentry.deleted()) {
        return PathText.inFilesystem(state, key);
      }
    }
    return null;
  }
}
