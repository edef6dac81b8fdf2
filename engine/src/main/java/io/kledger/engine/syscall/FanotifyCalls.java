package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.file.FdTables;
import io.kledger.engine.file.FdTables.Open;
import io.kledger.engine.file.Files;
import io.kledger.engine.file.OpenFlags;
import io.kledger.engine.file.PathWalk;
import io.kledger.engine.ns.Capability;
import io.kledger.engine.task.PidNumbers;
import io.kledger.engine.watch.Fanotify;
import io.kledger.event.Bytes;
import io.kledger.event.avro.FanotifyInitCall;
import io.kledger.event.avro.FanotifyMarkCall;
import io.kledger.event.avro.Raw;
import io.kledger.event.avro.ReadCall;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.ns.NamespaceKind;
import io.kledger.kernel.watch.FanotifyGroup;
import io.kledger.kernel.watch.MountEvent;
import io.kledger.kernel.watch.MountMark;
import java.util.ArrayList;
import java.util.List;

/** fanotify(7) as far as it is about mounts: fs/notify/fanotify/fanotify_user.c. */
final class FanotifyCalls {
  private static final long CLOEXEC = 1;
  private static final long NONBLOCK = 2;
  private static final long CLASS = 0xc;
  private static final long PIDFD = 0x80;
  private static final long TID = 0x100;
  private static final long FID_BITS = 0x1e00;
  private static final long FD_ERROR = 0x2000;
  private static final long INIT_FLAGS = 0x7fff;
  private static final long ADMIN_FLAGS = CLASS | 0x70 | PIDFD | TID | FD_ERROR;

  private static final long REPORT_FID = 0x200;
  private static final long REPORT_DIR_FID = 0x400;
  private static final long REPORT_NAME = 0x800;
  private static final long REPORT_TARGET_FID = 0x1000;

  /** FANOTIFY_INIT_ALL_EVENT_F_BITS. */
  private static final long EVENT_FLAGS =
      3
          | OpenFlags.APPEND
          | OpenFlags.NONBLOCK
          | OpenFlags.CLOEXEC
          | OpenFlags.NOATIME
          | OpenFlags.LARGEFILE
          | OpenFlags.SYNC;

  private static final long ADD = 1;
  private static final long REMOVE = 2;
  private static final long DONT_FOLLOW = 4;
  private static final long ONLYDIR = 8;
  private static final long TYPE = 0x110;
  private static final long MNTNS = 0x110;
  private static final long IGNORED_MASK = 0x20;
  private static final long FLUSH = 0x80;
  private static final long EVICTABLE = 0x200;
  private static final long IGNORE = 0x400;
  private static final long MARK_FLAGS = 0x7ff;
  private static final long MOUNT_EVENTS = 0x03000000;

  private FanotifyCalls() {}

  static void register(SyscallTable.Builder table) {
    table.partial(FanotifyInitCall.class, "limits of groups", FanotifyCalls::init);
    table.partial(
        FanotifyMarkCall.class,
        "marks on files are not kept, their events not told",
        FanotifyCalls::mark);
  }

  private static Result init(CallContext context, FanotifyInitCall call) {
    long flags = call.getFlags();
    boolean mounts = (flags & FanotifyGroup.REPORT_MNT) != 0;
    KernelState state = context.state();
    boolean admin = Capability.initial(state, context.task().credentials(), Capability.SYS_ADMIN);
    long identified = flags & FID_BITS;
    boolean limited = (flags & ADMIN_FLAGS) == 0 && (mounts || identified != 0);
    if (!admin && !limited && context.refuse("F13 CAP_SYS_ADMIN")) {
      return context.fail(Errno.EPERM, "F13 CAP_SYS_ADMIN");
    }
    boolean unknown =
        (flags & ~INIT_FLAGS) != 0 || mounts && !context.profile().has(KernelFeature.MOUNT_NOTIFY);
    boolean mixed = mounts && ((flags & CLASS) != 0 || (flags & (FID_BITS | FD_ERROR)) != 0);
    boolean both = (flags & PIDFD) != 0 && (flags & TID) != 0;
    boolean odd = badIds(flags) || badEventFlags(call.getEventFlags());
    if ((unknown || mixed || both || odd) && context.refuse("F13 flags")) {
      return context.fail(Errno.EINVAL, "F13 flags");
    }
    Result made =
        Files.anonymous(
            context,
            FileKind.FANOTIFY,
            "[fanotify]",
            OpenFlags.RDWR | ((flags & NONBLOCK) != 0 ? OpenFlags.NONBLOCK : 0),
            (flags & CLOEXEC) != 0);
    if (made instanceof Result.Done done) {
      long description = state.fd(context.task().files(), (int) done.value()).description();
      context.put(Tables.FANOTIFY_GROUPS, new FanotifyGroup(description, flags));
    }
    return made;
  }

  /** What identifies objects goes with a class, and with each other, in some ways only. */
  private static boolean badIds(long flags) {
    long ids = flags & FID_BITS;
    boolean nameless = (ids & REPORT_NAME) != 0 && (ids & REPORT_DIR_FID) == 0;
    boolean targets =
        (ids & REPORT_TARGET_FID) != 0 && ((ids & REPORT_NAME) == 0 || (ids & REPORT_FID) == 0);
    return (flags & CLASS) == CLASS || ids != 0 && (flags & CLASS) != 0 || nameless || targets;
  }

  private static boolean badEventFlags(long flags) {
    return (flags & ~EVENT_FLAGS) != 0 || (flags & 3) == 3;
  }

  private static Result mark(CallContext context, FanotifyMarkCall call) {
    long flags = call.getFlags();
    long command = flags & (ADD | REMOVE | FLUSH);
    boolean one = command == ADD || command == REMOVE || command == FLUSH;
    boolean empty = command != FLUSH && call.getMask() == 0;
    boolean more = command == FLUSH && (flags & ~(TYPE | FLUSH)) != 0;
    if (((flags & ~MARK_FLAGS) != 0 || !one || empty || more) && context.refuse("F13 mark")) {
      return context.fail(Errno.EINVAL, "F13 mark");
    }
    FdTables.Lookup found = FdTables.getFile(context, call.getFd());
    if (!(found instanceof Open open)) {
      return FdTables.failure(context, found);
    }
    OpenFileDescription file = open.description();
    if (file.kind() != FileKind.FANOTIFY) {
      return file.inferred() || !context.refuse("F13 no group")
          ? new Result.Unknown("the group")
          : context.fail(Errno.EINVAL, "F13 no group");
    }
    FanotifyGroup group = context.state().fanotifyGroups.get(file.key());
    if (group == null) {
      return new Result.Unknown("how the group was made");
    }
    boolean onNamespace = (flags & TYPE) == MNTNS;
    boolean wrong =
        group.ofMounts()
            ? (call.getMask() & ~MOUNT_EVENTS) != 0 || !onNamespace
            : (call.getMask() & MOUNT_EVENTS) != 0 || onNamespace;
    boolean inodesOnly = onNamespace && (flags & (EVICTABLE | IGNORE)) != 0;
    if ((wrong || inodesOnly) && context.refuse("F13 mask")) {
      return context.fail(Errno.EINVAL, "F13 mask");
    }
    if (!onNamespace) {
      return FanotifyFileMarks.mark(context, call, group);
    }
    if (command == FLUSH) {
      Fanotify.flush(context, group.key());
      return Result.ZERO;
    }
    return namespaceMark(context, call, group, command == ADD);
  }

  private static Result namespaceMark(
      CallContext context, FanotifyMarkCall call, FanotifyGroup group, boolean add) {
    KernelState state = context.state();
    long key;
    if (call.getPath() == null) {
      FdTables.Lookup found = FdTables.get(context, call.getDirfd());
      if (!(found instanceof Open open)) {
        return FdTables.failure(context, found);
      }
      OpenFileDescription file = open.description();
      key = file.kind() == FileKind.NAMESPACE ? file.object() : 0;
    } else {
      int how =
          ((call.getFlags() & DONT_FOLLOW) != 0 ? 0 : PathWalk.FOLLOW)
              | ((call.getFlags() & ONLYDIR) != 0 ? PathWalk.DIRECTORY : 0);
      PathWalk.Walk walk = PathWalk.walk(context, call.getDirfd(), call.getPath(), how, 0, 0);
      if (!(walk instanceof PathWalk.Found place)) {
        return Walks.failure(context, walk);
      }
      key = place.namespace();
    }
    Namespace namespace = key == 0 ? null : state.namespaces.get(key);
    boolean fits = namespace != null && namespace.kind() == NamespaceKind.MOUNT;
    if (!fits && context.refuse("F13 no mount namespace")) {
      return context.fail(Errno.EINVAL, "F13 no mount namespace");
    }
    if (!fits) {
      return new Result.Unknown("which namespace");
    }
    boolean may =
        Capability.over(
            state, context.task().credentials(), namespace.owner(), Capability.SYS_ADMIN);
    if (!may && context.refuse("F13 CAP_SYS_ADMIN over the namespace")) {
      return context.fail(Errno.EPERM, "F13 CAP_SYS_ADMIN over the namespace");
    }
    MountMark old = Fanotify.mark(state, group.key(), key);
    return add ? add(context, call, group, key, old) : remove(context, call, old);
  }

  private static Result add(
      CallContext context,
      FanotifyMarkCall call,
      FanotifyGroup group,
      long namespace,
      MountMark old) {
    boolean ignore = (call.getFlags() & IGNORED_MASK) != 0;
    long mask = (old == null ? 0 : old.mask()) | (ignore ? 0 : call.getMask());
    long ignored = (old == null ? 0 : old.ignored()) | (ignore ? call.getMask() : 0);
    long key = old == null ? context.newKey() : old.key();
    context.put(Tables.MOUNT_MARKS, new MountMark(key, group.key(), namespace, mask, ignored));
    return Result.ZERO;
  }

  private static Result remove(CallContext context, FanotifyMarkCall call, MountMark old) {
    if (old == null) {
      return context.refuse("F13 no such mark")
          ? context.fail(Errno.ENOENT, "F13 no such mark")
          : Result.ZERO;
    }
    boolean ignore = (call.getFlags() & IGNORED_MASK) != 0;
    long mask = ignore ? old.mask() : old.mask() & ~call.getMask();
    long ignored = ignore ? old.ignored() & ~call.getMask() : old.ignored();
    if (mask == 0 && ignored == 0) {
      context.remove(Tables.MOUNT_MARKS, old.key());
    } else {
      context.put(
          Tables.MOUNT_MARKS,
          new MountMark(old.key(), old.group(), old.namespace(), mask, ignored));
    }
    return Result.ZERO;
  }

  /** fanotify_read(): whole records that fit; null if the group is none of the model's. */
  static Result read(CallContext context, OpenFileDescription file, ReadCall call) {
    KernelState state = context.state();
    FanotifyGroup group = state.fanotifyGroups.get(file.key());
    if (group == null || !group.ofMounts()) {
      return null;
    }
    List<MountEvent> taken = new ArrayList<>();
    long room = call.getCount();
    for (long key : state.mountEventsByGroup.keys(file.key())) {
      MountEvent event = state.mountEvents.require(key);
      if (event.size() > room) {
        break;
      }
      room -= event.size();
      taken.add(event);
    }
    if (taken.isEmpty()) {
      if (state.mountEventsByGroup.count(file.key()) > 0) {
        return context.fail(Errno.EINVAL, "F13 buffer");
      }
      return (file.flags() & OpenFlags.NONBLOCK) != 0
          ? context.fail(Errno.EAGAIN, "F13 empty")
          : new Result.Blocked("an event");
    }
    if (!context.simulated()) {
      return compared(context, call, taken, call.getCount() - room);
    }
    StringBuilder text = new StringBuilder("[");
    for (MountEvent event : taken) {
      text.append(text.length() == 1 ? "" : ", ").append(text(context, event));
      context.remove(Tables.MOUNT_EVENTS, event.key());
    }
    Raw data = new Raw(Bytes.of(text.append(']').toString()).toBuffer());
    return Result.value(call.getCount() - room, new ReadCall(call.getFd(), data, call.getCount()));
  }

  /** A recorded read: the records that the trace shows have to be of the same kinds. */
  private static Result compared(
      CallContext context, ReadCall call, List<MountEvent> taken, long length) {
    taken.forEach(event -> context.remove(Tables.MOUNT_EVENTS, event.key()));
    List<Long> masks = FanotifyRecords.masks(call.getData());
    boolean shown = context.succeeded() && !masks.isEmpty();
    List<Long> ours = taken.stream().map(MountEvent::mask).toList();
    if (shown && !masks.equals(ours) && context.refuse("F13 kinds of mount events")) {
      return context.fail(Errno.EIO, "F13 kinds of mount events");
    }
    return Result.value(length);
  }

  private static String text(CallContext context, MountEvent event) {
    if (event.mask() == MountEvent.OVERFLOW) {
      return "{mask=FAN_Q_OVERFLOW, pid=0}";
    }
    KernelState state = context.state();
    int pid =
        PidNumbers.seenFrom(state, state.pids.get(event.pid()), context.task().namespaces().pid());
    String mask =
        switch ((int) (event.mask() >> 24)) {
          case 1 -> "FAN_MNT_ATTACH";
          case 2 -> "FAN_MNT_DETACH";
          default -> "FAN_MNT_ATTACH|FAN_MNT_DETACH";
        };
    return "{mask=%s, pid=%d, mnt_id=0x%x}".formatted(mask, pid, event.mount());
  }
}
