package io.kledger.engine.observe;

import io.kledger.engine.CallContext;
import io.kledger.engine.file.FdTarget;
import io.kledger.engine.ns.NamespaceRows;
import io.kledger.engine.task.PidNumbers;
import io.kledger.event.Bytes;
import io.kledger.event.avro.FdObserved;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.change.FdChange;
import io.kledger.kernel.file.FdSlot;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.ns.NamespaceKind;
import io.kledger.kernel.task.Pid;
import io.kledger.kernel.task.Task;
import java.nio.ByteBuffer;
import java.util.List;

/** Descriptors that /proc/PID/fd showed. */
final class ObservedFiles {
  private static final long O_CLOEXEC = 02000000;

  private ObservedFiles() {}

  /** Installs the observed descriptors in the task's table. */
  static void install(CallContext context, Task task, List<FdObserved> fds) {
    for (FdObserved fd : fds) {
      OpenFileDescription file = describe(context, task, fd);
      OpenFileDescription same = same(context.state(), file);
      if (same == null) {
        context.put(Tables.DESCRIPTIONS, file);
      }
      FdSlot slot =
          new FdSlot(
              FdSlot.key(task.files(), fd.getFd()),
              task.files(),
              fd.getFd(),
              same == null ? file.key() : same.key(),
              fd.getFlags() >= 0 && (fd.getFlags() & O_CLOEXEC) != 0,
              context.position());
      context.emit(new FdChange.Installed(slot, task.key()));
    }
  }

  /**
   * /proc does not tell which descriptors share an open file description: those that look the same
   * in every way, of what was observed, are taken to be the same one.
   */
  private static OpenFileDescription same(KernelState state, OpenFileDescription file) {
    if (file.inode() == 0) {
      return null;
    }
    for (long key : state.descriptionsByInode.keys(file.inode())) {
      OpenFileDescription other = state.descriptions.get(key);
      if (other.inferred()
          && other.kind() == file.kind()
          && other.flags() == file.flags()
          && other.position() == file.position()
          && other.place().equals(file.place())) {
        return other;
      }
    }
    return null;
  }

  private static OpenFileDescription describe(CallContext context, Task task, FdObserved fd) {
    FdTarget told = FdTarget.parse(Bytes.of(fd.getTarget()));
    Place place = Place.UNKNOWN;
    long inode = 0;
    long object = 0;
    Bytes name = told.text();
    switch (told.kind()) {
      case PATH -> {
        place =
            ObservedPlaces.at(
                context,
                task.namespaces().mount(),
                told.text(),
                (int) fd.getMode(),
                fd.getIno(),
                fd.getNlink());
        var dentry = context.state().dentries.get(place.dentry());
        inode = dentry == null ? 0 : dentry.inode();
        name = place.known() ? Bytes.EMPTY : told.text();
      }
      case PIPE, SOCKET -> inode = anonymous(context, fd, told.number());
      case NAMESPACE -> object = namespace(context, told);
      case PIDFD -> object = process(context, fd);
      case EVENTFD,
          EPOLL,
          SIGNALFD,
          TIMERFD,
          MEMFD,
          INOTIFY,
          FANOTIFY,
          FS_CONTEXT,
          IO_URING,
          USERFAULTFD,
          BPF,
          PERF_EVENT,
          OTHER -> {
        // Nothing but the name is known of these.
      }
    }
    long flags = fd.getFlags() < 0 ? 2 : fd.getFlags() & ~O_CLOEXEC;
    return new OpenFileDescription(
        context.newKey(),
        told.kind(),
        place,
        inode,
        flags,
        fd.getPosition(),
        object,
        name,
        0,
        0,
        context.position(),
        true);
  }

  private static long anonymous(CallContext context, FdObserved fd, long number) {
    KernelState state = context.state();
    for (long key : state.inodesByNumber.keys(KernelState.pair(0, number))) {
      Inode inode = state.inodes.get(key);
      if (inode.superblock() == 0 && inode.number() == number) {
        return key;
      }
    }
    Inode inode =
        new Inode(
            context.newKey(),
            0,
            number,
            (int) fd.getMode(),
            -1,
            -1,
            1,
            0,
            0,
            0,
            Bytes.EMPTY,
            false,
            true);
    context.put(Tables.INODES, inode);
    return inode.key();
  }

  private static long namespace(CallContext context, FdTarget told) {
    String text = told.text().latin1();
    for (NamespaceKind kind : NamespaceKind.values()) {
      if (text.startsWith(kind.procName() + ":")) {
        Namespace row = NamespaceRows.seen(context, kind, told.number(), 1);
        return row.key();
      }
    }
    return 0;
  }

  /** `Pid:` of a pidfd's fdinfo is a number in the observer's pid namespace. */
  private static long process(CallContext context, FdObserved fd) {
    for (ByteBuffer line : fd.getInfo()) {
      String text = Bytes.of(line).latin1();
      if (text.startsWith("Pid:")) {
        int number = Integer.parseInt(text.substring(4).strip());
        Namespace ns = NamespaceRows.initial(context.state(), NamespaceKind.PID);
        Pid pid = ns == null ? null : PidNumbers.find(context.state(), ns.key(), number);
        return pid == null ? 0 : pid.key();
      }
    }
    return 0;
  }
}
