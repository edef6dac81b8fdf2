package io.kledger.engine.file;

import io.kledger.engine.CallContext;
import io.kledger.event.Bytes;
import io.kledger.ingest.strace.FdAnnotation;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.change.FdChange;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.FdSlot;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.file.Socket;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.ns.Namespace;

/**
 * Descriptors whose opening the log has not shown, made from what a trace prints behind their
 * number.
 */
public final class FdInference {
  private FdInference() {}

  /** Installs an inferred descriptor; {@code target} null if the trace does not annotate it. */
  public static FdSlot infer(CallContext context, long table, int number, Bytes target) {
    OpenFileDescription file = describe(context, target);
    context.emit(new FdChange.Opened(file));
    FdSlot slot =
        new FdSlot(FdSlot.key(table, number), table, number, file.key(), false, context.position());
    context.emit(new FdChange.Installed(slot, context.taskKey()));
    if (hasRing(context, table)) {
      // What goes through a ring is in no trace: that is where it comes from, most likely.
      context.notice(
          "fd.inferred",
          "pid",
          Integer.toString(context.task().tid()),
          "fd",
          Integer.toString(number),
          "provenance",
          "IORING_UNSEEN");
    }
    return slot;
  }

  private static boolean hasRing(CallContext context, long table) {
    if (context.state().rings.size() == 0) {
      return false;
    }
    for (long key : context.state().fdsByTable.keys(table)) {
      FdSlot other = context.state().fds.require(key);
      if (context.state().rings.get(other.description()) != null) {
        return true;
      }
    }
    return false;
  }

  /** The open file description that an annotation tells of, not yet emitted. */
  public static OpenFileDescription describe(CallContext context, Bytes target) {
    FdTarget told = target == null ? null : FdTarget.parse(target);
    Place place = Place.UNKNOWN;
    long inode = 0;
    FileKind kind = told == null ? FileKind.OTHER : told.kind();
    if (kind == FileKind.PATH) {
      place = place(context, told, told.type());
      Dentry dentry = context.state().dentries.get(place.dentry());
      inode = dentry == null ? 0 : dentry.inode();
    } else if (kind == FileKind.PIPE) {
      inode = anonymousInode(context, kind, told.number());
    }
    long object = kind == FileKind.NAMESPACE ? namespace(context, told.number()) : 0;
    if (kind == FileKind.SOCKET) {
      Socket socket = SocketMaker.infer(context, told);
      object = socket.key();
      inode = socket.inode();
    }
    return new OpenFileDescription(
        context.newKey(),
        kind,
        place,
        inode,
        OpenFileDescription.FLAGS_UNKNOWN | OpenFlags.RDWR,
        0,
        object,
        name(told),
        0,
        context.taskKey(),
        context.position(),
        true);
  }

  /** An annotation tells the numbers of a device that the ledger did not know. */
  static void learnDevice(CallContext context, OpenFileDescription file, Bytes target) {
    Inode inode = context.state().inodes.get(file.inode());
    int type = inode == null ? 0 : inode.mode() & Inode.S_IFMT;
    boolean device = type == 0 || type == Inode.S_IFCHR || type == Inode.S_IFBLK;
    boolean lacks = inode != null && inode.inferred() && inode.rdevMajor() == 0;
    if (device
        && lacks
        && target.endsWith(Bytes.of(">"))
        && FdTarget.parse(target).annotation() instanceof FdAnnotation.Device told) {
      int format = told.block() ? Inode.S_IFBLK : Inode.S_IFCHR;
      context.put(
          Tables.INODES,
          inode
              .withMode(inode.mode() & ~Inode.S_IFMT | format)
              .withDevice(told.major(), told.minor()));
    }
  }

  private static Bytes name(FdTarget told) {
    return told == null ? Bytes.EMPTY : told.name();
  }

  /** Where an annotated path leads now; what lacks on the way is inferred. */
  public static Place place(CallContext context, FdTarget told, int type) {
    Place top = top(context);
    if (!top.known() || told.path().isEmpty()) {
      return Place.UNKNOWN;
    }
    Walker walker = new Walker(context, PathWalk.INFER | PathWalk.LEARN_NOTHING, type, 0);
    if (told.deleted()) {
      return walker.parent(top, told.path()) instanceof PathWalk.Parent parent
          ? deleted(context, parent, type)
          : Place.UNKNOWN;
    }
    return walker.walk(top, told.path()) instanceof PathWalk.Found found
        ? found.place()
        : Place.UNKNOWN;
  }

  private static Place deleted(CallContext context, PathWalk.Parent parent, int type) {
    Dentry dentry = Dcache.inferDeleted(context, parent.directory().dentry(), parent.name(), type);
    return new Place(parent.directory().mount(), dentry.key());
  }

  /** The top of the caller's mount tree: what a tracer outside of any chroot sees as `/`. */
  public static Place top(CallContext context) {
    KernelState state = context.state();
    Namespace ns = state.namespaces.get(context.task().namespaces().mount());
    Mount mount = ns == null ? null : state.mounts.get(ns.root());
    if (mount == null) {
      return PathWalk.root(context);
    }
    for (Mount on = mount; on != null; on = state.mountAt(mount.key(), mount.root())) {
      mount = on;
    }
    return new Place(mount.key(), mount.root());
  }

  /** The inode of a pipe or socket by its number. */
  static long anonymousInode(CallContext context, FileKind kind, long number) {
    KernelState state = context.state();
    if (number != 0) {
      for (long key : state.inodesByNumber.keys(KernelState.pair(0, number))) {
        Inode inode = state.inodes.get(key);
        if (inode.superblock() == 0 && inode.number() == number) {
          return key;
        }
      }
    }
    int type = kind == FileKind.PIPE ? Inode.S_IFIFO | 0600 : Inode.S_IFSOCK | 0777;
    Inode inode =
        new Inode(
            context.newKey(),
            0,
            number,
            type,
            Dcache.UNKNOWN_ID,
            Dcache.UNKNOWN_ID,
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

  private static long namespace(CallContext context, long number) {
    Namespace ns = number == 0 ? null : context.state().namespacesByInode.first(number);
    return ns == null ? 0 : ns.key();
  }
}
