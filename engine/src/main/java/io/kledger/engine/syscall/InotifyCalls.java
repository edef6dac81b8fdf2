package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.file.Access;
import io.kledger.engine.file.FdTables;
import io.kledger.engine.file.FdTables.Open;
import io.kledger.engine.file.PathWalk;
import io.kledger.engine.watch.Inotify;
import io.kledger.engine.watch.InotifyLimits;
import io.kledger.event.Bytes;
import io.kledger.event.avro.InotifyAddWatchCall;
import io.kledger.event.avro.InotifyRmWatchCall;
import io.kledger.event.avro.Raw;
import io.kledger.event.avro.ReadCall;
import io.kledger.event.avro.Text;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.watch.InotifyEvent;
import io.kledger.kernel.watch.InotifyInstance;
import io.kledger.kernel.watch.InotifyWatch;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** inotify(7): fs/notify/inotify/inotify_user.c. */
final class InotifyCalls {
  private static final long EVENTS = 0xfff;
  private static final long MODES =
      Inotify.ONLYDIR
          | Inotify.DONT_FOLLOW
          | Inotify.EXCL_UNLINK
          | Inotify.MASK_CREATE
          | Inotify.MASK_ADD
          | Inotify.ISDIR
          | Inotify.ONESHOT;
  private static final long REPORTED = Inotify.UNMOUNT | Inotify.Q_OVERFLOW | Inotify.IGNORED;
  private static final long KEPT = EVENTS | Inotify.EXCL_UNLINK | Inotify.ONESHOT;

  private InotifyCalls() {}

  static void register(SyscallTable.Builder table) {
    table.partial(InotifyAddWatchCall.class, "limits of watches per user", InotifyCalls::addWatch);
    table.full(InotifyRmWatchCall.class, InotifyCalls::rmWatch);
  }

  private static Result addWatch(CallContext context, InotifyAddWatchCall call) {
    long mask = call.getMask() & 0xffffffffL;
    long locks =
        context.profile().has(KernelFeature.INOTIFY_FLOCK) ? Inotify.LOCK | Inotify.UNLOCK : 0;
    boolean none = (mask & (EVENTS | MODES | REPORTED | locks)) == 0;
    boolean unknown = (mask & ~(EVENTS | MODES | REPORTED | locks)) != 0;
    if ((none || unknown) && context.refuse("C11.2 mask")) {
      return context.fail(Errno.EINVAL, "C11.2 mask");
    }
    FdTables.Lookup found = FdTables.getFile(context, call.getFd());
    if (!(found instanceof Open open)) {
      return FdTables.failure(context, found);
    }
    boolean both = (mask & Inotify.MASK_ADD) != 0 && (mask & Inotify.MASK_CREATE) != 0;
    OpenFileDescription file = open.description();
    boolean other = file.kind() != FileKind.INOTIFY && !file.inferred();
    if ((both || other) && context.refuse("C11.2 instance")) {
      return context.fail(Errno.EINVAL, "C11.2 instance");
    }
    int how =
        ((mask & Inotify.DONT_FOLLOW) != 0 ? 0 : PathWalk.FOLLOW)
            | ((mask & Inotify.ONLYDIR) != 0 ? PathWalk.DIRECTORY : 0);
    PathWalk.Walk walk = PathWalk.walk(context, null, call.getPath(), how);
    if (!(walk instanceof PathWalk.Found place)) {
      return Walks.failure(context, walk);
    }
    Inode inode = Names.inode(context.state(), place.place());
    if (inode == null) {
      return context.assuming()
          ? Result.value(context.observedOr(0))
          : new Result.Unknown("what inode this is");
    }
    if (!Access.allowed(context.state(), context.task().credentials(), inode, Access.READ)
        && context.refuse("C11.2 permission")) {
      return context.fail(Errno.EACCES, "C11.2 permission");
    }
    return watch(context, file, inode, mask, locks);
  }

  /** inotify_update_watch(). */
  private static Result watch(
      CallContext context, OpenFileDescription file, Inode inode, long mask, long locks) {
    KernelState state = context.state();
    long kept = mask & (KEPT | locks);
    InotifyWatch old = Inotify.watch(state, file.key(), inode.key());
    if (old != null) {
      if ((mask & Inotify.MASK_CREATE) != 0 && context.refuse("C11.2 IN_MASK_CREATE")) {
        return context.fail(Errno.EEXIST, "C11.2 IN_MASK_CREATE");
      }
      long after = (mask & Inotify.MASK_ADD) != 0 ? old.mask() | kept : kept;
      if (after != old.mask()) {
        context.put(Tables.INOTIFY_WATCHES, old.withMask(after));
      }
      return Result.value(old.wd());
    }
    InotifyInstance instance = state.inotifyInstances.get(file.key());
    if (instance == null) {
      Inotify.create(context, file.key());
      instance = state.inotifyInstances.require(file.key());
      if (context.observed() == null) {
        return new Result.Unknown("watches from before the trace");
      }
    }
    if (InotifyLimits.watchesUsedUp(context, file.key())) {
      return context.fail(Errno.ENOSPC, "C11.1 max_user_watches");
    }
    int wd = (int) context.observedOr(instance.lastWd() + 1L);
    context.put(
        Tables.INOTIFY_INSTANCES,
        new InotifyInstance(instance.key(), Math.max(wd, instance.lastWd()), instance.maxQueued()));
    context.put(
        Tables.INOTIFY_WATCHES,
        new InotifyWatch(context.newKey(), file.key(), wd, inode.key(), kept));
    return Result.value(file.inferred() ? wd : instance.lastWd() + 1L);
  }

  /** Size of struct inotify_event without its name. */
  private static final int HEADER = 16;

  private static Result rmWatch(CallContext context, InotifyRmWatchCall call) {
    FdTables.Lookup found = FdTables.getFile(context, call.getFd());
    if (!(found instanceof Open open)) {
      return FdTables.failure(context, found);
    }
    OpenFileDescription file = open.description();
    boolean other = file.kind() != FileKind.INOTIFY && !file.inferred();
    InotifyWatch watch = Inotify.watch(context.state(), file.key(), (int) call.getWd());
    if ((other || watch == null) && context.refuse("C11.8 no such watch")) {
      return context.fail(Errno.EINVAL, "C11.8 no such watch");
    }
    if (watch != null) {
      Inotify.ignore(context, watch);
    }
    return Result.ZERO;
  }

  /** inotify_read(): only whole records that fit. */
  static Result read(CallContext context, OpenFileDescription file, ReadCall call) {
    KernelState state = context.state();
    if (context.assuming()) {
      consume(context, file, call);
      return Result.value(context.observedOr(0));
    }
    if (!context.simulated()
        && (file.inferred() || state.inotifyInstances.get(file.key()) == null)) {
      return new Result.Unknown("what data there is");
    }
    List<InotifyEvent> taken = new ArrayList<>();
    long room = call.getCount();
    for (long key : state.inotifyQueue.keys(file.key())) {
      InotifyEvent event = state.inotifyEvents.require(key);
      if (event.size() > room) {
        break;
      }
      room -= event.size();
      taken.add(event);
    }
    if (taken.isEmpty()) {
      return nothing(context, file, state.inotifyQueue.count(file.key()) > 0);
    }
    if (!context.simulated()) {
      if (context.succeeded()) {
        consume(context, file, call);
      }
      return Result.value(call.getCount() - room);
    }
    StringBuilder text = new StringBuilder("[");
    for (InotifyEvent event : taken) {
      text.append(text.length() == 1 ? "" : ", ").append(text(event));
      context.remove(Tables.INOTIFY_EVENTS, event.key());
    }
    Raw data = new Raw(Bytes.of(text.append(']').toString()).toBuffer());
    return Result.value(call.getCount() - room, new ReadCall(call.getFd(), data, call.getCount()));
  }

  private static Result nothing(CallContext context, OpenFileDescription file, boolean tooSmall) {
    if (tooSmall) {
      return context.fail(Errno.EINVAL, "C11.3 buffer");
    }
    if ((file.flags() & 04000) != 0) {
      return context.fail(Errno.EAGAIN, "C11.3 empty");
    }
    return context.simulated()
        ? new Result.Blocked("an event")
        : new Result.Unknown("what data there is");
  }

  /**
   * What a real kernel gave leaves the queue, and with it what was queued before: the kernel cannot
   * have kept it.
   */
  private static void consume(CallContext context, OpenFileDescription file, ReadCall call) {
    KernelState state = context.state();
    Bytes data =
        call.getData() instanceof Text text && !text.getCut() && text.getAddress() == null
            ? Bytes.of(text.getValue())
            : null;
    if (data == null) {
      drop(context, file.key(), context.observedOr(0));
      return;
    }
    ByteBuffer records = ByteBuffer.wrap(data.toArray()).order(ByteOrder.LITTLE_ENDIAN);
    while (records.remaining() >= HEADER) {
      int wd = records.getInt();
      long mask = records.getInt() & 0xffffffffL;
      records.getInt();
      int length = records.getInt();
      if (length < 0 || length > records.remaining()) {
        return;
      }
      byte[] padded = new byte[length];
      records.get(padded);
      int end = 0;
      while (end < length && padded[end] != 0) {
        end++;
      }
      Bytes name = Bytes.wrap(Arrays.copyOf(padded, end));
      long[] queue = state.inotifyQueue.keys(file.key());
      for (int i = 0; i < queue.length; i++) {
        InotifyEvent event = state.inotifyEvents.require(queue[i]);
        if (event.wd() == wd && event.mask() == mask && event.name().equals(name)) {
          for (int j = 0; j <= i; j++) {
            context.remove(Tables.INOTIFY_EVENTS, queue[j]);
          }
          break;
        }
      }
    }
  }

  private static void drop(CallContext context, long instance, long bytes) {
    long left = bytes;
    for (long key : context.state().inotifyQueue.keys(instance)) {
      left -= context.state().inotifyEvents.require(key).size();
      if (left < 0) {
        return;
      }
      context.remove(Tables.INOTIFY_EVENTS, key);
    }
  }

  private static String text(InotifyEvent event) {
    StringBuilder text = new StringBuilder();
    text.append("{wd=").append(event.wd()).append(", mask=").append(names(event.mask()));
    text.append(", cookie=").append(event.cookie()).append(", len=").append(event.nameLength());
    if (!event.name().isEmpty()) {
      text.append(", name=\"").append(event.name().latin1()).append('"');
    }
    return text.append('}').toString();
  }

  private static String names(long mask) {
    return io.kledger.abi.Constants.group("inotify").flags(mask);
  }
}
