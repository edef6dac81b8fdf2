package io.kledger.engine.file;

import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.event.Bytes;
import io.kledger.event.avro.Fd;
import io.kledger.event.avro.Outcome;
import io.kledger.kernel.CounterId;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.change.FdChange;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.task.Credentials;

/** Makes open file descriptions (alloc_file() and kin). */
public final class Files {
  private Files() {}

  /** A description of a place; emitted, not yet referred to. */
  public static OpenFileDescription open(CallContext context, Place place, long flags) {
    Dentry dentry = context.state().dentries.get(place.dentry());
    return emit(
        context, FileKind.PATH, place, dentry == null ? 0 : dentry.inode(), flags, 0, Bytes.EMPTY);
  }

  /** A description of an object without a place. */
  public static OpenFileDescription object(
      CallContext context, FileKind kind, long object, String name, long inode, long flags) {
    return emit(context, kind, Place.UNKNOWN, inode, flags, object, Bytes.of(name));
  }

  /** anon_inode_getfd(): a descriptor of an anonymous object, `anon_inode:[name]`. */
  public static Result anonymous(
      CallContext context, FileKind kind, String name, long flags, boolean cloexec) {
    OpenFileDescription file = object(context, kind, 0, "anon_inode:" + name, 0, flags);
    return FdTables.install(context, file, cloexec);
  }

  /** An inode of pipefs, sockfs or another internal filesystem; the number shows in annotations. */
  public static Inode anonymousInode(CallContext context, int mode, long shown) {
    Credentials who = context.task().credentials();
    long number = shown != 0 || !context.simulated() ? shown : context.next(CounterId.ANON_INODE);
    KernelState state = context.state();
    for (long key : state.inodesByNumber.keys(KernelState.pair(0, number))) {
      Inode stale = state.inodes.get(key);
      if (number != 0 && stale.superblock() == 0 && stale.number() == number) {
        context.put(Tables.INODES, stale.withNumber(0));
      }
    }
    Inode inode =
        new Inode(
            context.newKey(),
            0,
            number,
            mode,
            who.known() ? who.fsuid() : Dcache.UNKNOWN_ID,
            who.known() ? who.fsgid() : Dcache.UNKNOWN_ID,
            1,
            0,
            0,
            0,
            Bytes.EMPTY,
            false,
            false);
    context.put(Tables.INODES, inode);
    return inode;
  }

  /** Whether files of this kind have the one inode of anon_inode_getfile(). */
  public static boolean sharesInode(FileKind kind) {
    return switch (kind) {
      case EVENTFD, EPOLL, SIGNALFD, TIMERFD, INOTIFY, FANOTIFY, FS_CONTEXT, BPF, PERF_EVENT ->
          true;
      case PATH, PIPE, SOCKET, PIDFD, NAMESPACE, MEMFD, IO_URING, USERFAULTFD, OTHER -> false;
    };
  }

  /** anon_inode_inode: locks of unrelated anonymous files meet on it. */
  public static Inode sharedInode(CallContext context) {
    Inode inode = context.state().inodes.get(context.state().counter(CounterId.SHARED_INODE));
    if (inode == null) {
      inode = anonymousInode(context, 0, 0);
      context.set(CounterId.SHARED_INODE, inode.key());
    }
    return inode;
  }

  /** The inode number that an annotation such as `pipe:[N]` shows, 0 if none. */
  public static long shownNumber(Fd fd) {
    return fd == null || fd.getTarget() == null
        ? 0
        : FdTarget.parse(Bytes.of(fd.getTarget())).number();
  }

  /** The same of the returned descriptor. */
  public static long shownNumber(CallContext context) {
    Bytes target = resultTarget(context);
    return target == null ? 0 : FdTarget.parse(target).number();
  }

  /** What the trace prints behind the returned descriptor, null if nothing. */
  public static Bytes resultTarget(CallContext context) {
    Outcome observed = context.observed();
    return observed == null || observed.getTarget() == null || !context.succeeded()
        ? null
        : Bytes.of(observed.getTarget());
  }

  private static OpenFileDescription emit(
      CallContext context,
      FileKind kind,
      Place place,
      long inode,
      long flags,
      long object,
      Bytes name) {
    OpenFileDescription file =
        new OpenFileDescription(
            context.newKey(),
            kind,
            place,
            inode,
            flags & ~OpenFlags.CLOEXEC,
            0,
            object,
            name,
            0,
            context.taskKey(),
            context.position(),
            false);
    context.emit(new FdChange.Opened(file));
    return file;
  }
}
