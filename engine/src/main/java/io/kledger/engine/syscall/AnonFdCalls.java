package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.file.FdTables;
import io.kledger.engine.file.FdTables.Open;
import io.kledger.engine.file.FdTarget;
import io.kledger.engine.file.Files;
import io.kledger.engine.file.OpenFlags;
import io.kledger.engine.watch.Inotify;
import io.kledger.engine.watch.InotifyLimits;
import io.kledger.event.Bytes;
import io.kledger.event.avro.BpfCall;
import io.kledger.event.avro.EpollCreate1Call;
import io.kledger.event.avro.EpollCreateCall;
import io.kledger.event.avro.Eventfd2Call;
import io.kledger.event.avro.InotifyInit1Call;
import io.kledger.event.avro.InotifyInitCall;
import io.kledger.event.avro.MemfdCreateCall;
import io.kledger.event.avro.PerfEventOpenCall;
import io.kledger.event.avro.Signalfd4Call;
import io.kledger.event.avro.TimerfdCreateCall;
import io.kledger.event.avro.UserfaultfdCall;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.EventCounter;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.Seals;

/** Calls that make descriptors of objects without a name: fs/anon_inodes.c, mm/memfd.c. */
public final class AnonFdCalls {
  private static final long FLAGS = OpenFlags.CLOEXEC | OpenFlags.NONBLOCK;
  private static final long MFD_CLOEXEC = 1;
  private static final long MFD_ALLOW_SEALING = 2;
  private static final long MFD_HUGETLB = 4;
  private static final long MFD_NOEXEC_SEAL = 8;
  private static final long MFD_EXEC = 16;

  /** EFD_SEMAPHORE. */
  private static final long SEMAPHORE = 1;

  private static final int MFD_NAME_MAX = 249;
  private static final int ANONYMOUS = "anon_inode:".length();

  private AnonFdCalls() {}

  /** Adds the calls of this family. */
  public static void register(SyscallTable.Builder table) {
    table
        .full(Eventfd2Call.class, AnonFdCalls::eventfd)
        .full(EpollCreateCall.class, AnonFdCalls::epollCreate)
        .full(
            EpollCreate1Call.class,
            (context, call) ->
                make(context, FileKind.EPOLL, "[eventpoll]", call.getFlags(), OpenFlags.CLOEXEC))
        .full(MemfdCreateCall.class, AnonFdCalls::memfd)
        .partial(Signalfd4Call.class, "the signals", AnonFdCalls::signalfd)
        .full(TimerfdCreateCall.class, AnonFdCalls::timerfd)
        .partial(
            UserfaultfdCall.class,
            "permissions",
            (context, call) -> observed(context, FileKind.USERFAULTFD, "[userfaultfd]"))
        .partial(
            PerfEventOpenCall.class,
            "whether it succeeds",
            (context, call) -> observed(context, FileKind.PERF_EVENT, "[perf_event]"))
        .partial(BpfCall.class, "whether it succeeds; programs and maps", AnonFdCalls::bpf)
        .full(InotifyInitCall.class, (context, call) -> inotify(context, 0))
        .full(InotifyInit1Call.class, (context, call) -> inotify(context, call.getFlags()));
  }

  private static Result make(
      CallContext context, FileKind kind, String name, long flags, long known) {
    if ((flags & ~known) != 0 && context.refuse("flags")) {
      return context.fail(Errno.EINVAL, "flags");
    }
    return Files.anonymous(
        context,
        kind,
        name,
        OpenFlags.RDWR | flags & OpenFlags.NONBLOCK,
        (flags & OpenFlags.CLOEXEC) != 0);
  }

  private static Result inotify(CallContext context, long flags) {
    if ((flags & ~FLAGS) != 0 && context.refuse("flags")) {
      return context.fail(Errno.EINVAL, "flags");
    }
    if (InotifyLimits.instancesUsedUp(context)) {
      return context.fail(Errno.EMFILE, "C11.1 max_user_instances");
    }
    OpenFileDescription file =
        Files.object(
            context,
            FileKind.INOTIFY,
            0,
            "anon_inode:inotify",
            0,
            OpenFlags.RDONLY | flags & OpenFlags.NONBLOCK);
    Inotify.create(context, file.key());
    return FdTables.install(context, file, (flags & OpenFlags.CLOEXEC) != 0);
  }

  static Result eventfd(CallContext context, Eventfd2Call call) {
    Result made = make(context, FileKind.EVENTFD, "[eventfd]", call.getFlags(), FLAGS | SEMAPHORE);
    if (made instanceof Result.Done) {
      int number = (int) context.observedOr(((Result.Done) made).value());
      long file = context.state().fd(context.task().files(), number).description();
      boolean semaphore = (call.getFlags() & SEMAPHORE) != 0;
      context.put(
          Tables.EVENT_COUNTERS, new EventCounter(file, call.getCount() & 0xffffffffL, semaphore));
    }
    return made;
  }

  static Result epollCreate(CallContext context, EpollCreateCall call) {
    if ((int) call.getSize() <= 0 && context.refuse("epoll_create: size")) {
      return context.fail(Errno.EINVAL, "epoll_create: size");
    }
    return make(context, FileKind.EPOLL, "[eventpoll]", 0, 0);
  }

  static Result timerfd(CallContext context, TimerfdCreateCall call) {
    long clock = call.getClock();
    boolean valid = clock == 0 || clock == 1 || clock == 7 || clock == 8 || clock == 9;
    if (!valid && context.refuse("timerfd_create: clock")) {
      return context.fail(Errno.EINVAL, "timerfd_create: clock");
    }
    return make(context, FileKind.TIMERFD, "[timerfd]", call.getFlags(), FLAGS);
  }

  static Result signalfd(CallContext context, Signalfd4Call call) {
    if (call.getSize() != 8 && context.refuse("signalfd: size")) {
      return context.fail(Errno.EINVAL, "signalfd: size");
    }
    if ((call.getFlags() & ~FLAGS) != 0 && context.refuse("flags")) {
      return context.fail(Errno.EINVAL, "flags");
    }
    if (call.getFd().getNumber() == -1) {
      return make(context, FileKind.SIGNALFD, "[signalfd]", call.getFlags(), FLAGS);
    }
    FdTables.Lookup found = FdTables.getFile(context, call.getFd());
    if (!(found instanceof Open open)) {
      return FdTables.failure(context, found);
    }
    boolean right = open.description().kind() == FileKind.SIGNALFD;
    return !right && context.refuse("not a signalfd")
        ? context.fail(Errno.EINVAL, "not a signalfd")
        : Result.value(call.getFd().getNumber());
  }

  static Result memfd(CallContext context, MemfdCreateCall call) {
    long flags = call.getFlags();
    boolean huge = (flags & MFD_HUGETLB) != 0;
    boolean bad = (flags & ~(huge ? 0xFC00001FL : 0x1FL)) != 0;
    boolean both = (flags & MFD_NOEXEC_SEAL) != 0 && (flags & MFD_EXEC) != 0;
    if ((bad || both) && context.refuse("memfd_create: flags")) {
      return context.fail(Errno.EINVAL, "memfd_create: flags");
    }
    if (call.getName() == null || call.getName().getAddress() != null) {
      return context.assuming() || call.getName() != null
          ? new Result.Unknown("the name")
          : context.fail(Errno.EFAULT, "memfd_create: name");
    }
    Bytes name = Bytes.of(call.getName().getValue());
    if (name.length() > MFD_NAME_MAX && context.refuse("memfd_create: name")) {
      return context.fail(Errno.EINVAL, "memfd_create: name");
    }
    if (huge && !context.assuming()) {
      return new Result.Unknown("whether there are huge pages");
    }
    int mode = (flags & MFD_NOEXEC_SEAL) != 0 ? 0666 : 0777;
    Inode inode = Files.anonymousInode(context, Inode.S_IFREG | mode, 0);
    boolean sealing = (flags & (MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL)) != 0;
    int seals = (sealing ? 0 : Seals.SEAL) | ((flags & MFD_NOEXEC_SEAL) != 0 ? Seals.EXEC : 0);
    context.put(Tables.SEALS, new Seals(inode.key(), seals));
    OpenFileDescription file =
        Files.object(
            context,
            FileKind.MEMFD,
            0,
            "/memfd:" + name + " (deleted)",
            inode.key(),
            OpenFlags.RDWR | OpenFlags.LARGEFILE);
    return FdTables.install(context, file, (flags & MFD_CLOEXEC) != 0);
  }

  /** Only some commands return a descriptor; the annotation of the result tells. */
  static Result bpf(CallContext context, BpfCall call) {
    Result device = BpfCalls.call(context, call);
    if (device != null) {
      return device;
    }
    Bytes target = Files.resultTarget(context);
    FdTarget told = target == null ? null : FdTarget.parse(target);
    return told != null && told.kind() == FileKind.BPF
        ? observed(context, FileKind.BPF, told.name().toString().substring(ANONYMOUS))
        : new Result.Unknown("what bpf(2) does");
  }

  /** The log does not tell why this succeeds or fails; if it did succeed, there is a descriptor. */
  private static Result observed(CallContext context, FileKind kind, String name) {
    return context.assuming()
        ? Files.anonymous(context, kind, name, OpenFlags.RDWR, true)
        : new Result.Unknown("what " + kind + " needs");
  }
}
