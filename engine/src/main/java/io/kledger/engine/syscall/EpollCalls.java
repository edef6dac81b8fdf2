package io.kledger.engine.syscall;

import io.kledger.abi.Constants;
import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.file.FdTables;
import io.kledger.engine.file.FdTables.Open;
import io.kledger.engine.file.Pipes;
import io.kledger.event.Bytes;
import io.kledger.event.avro.EpollCtlCall;
import io.kledger.event.avro.EpollPwaitCall;
import io.kledger.event.avro.EpollWaitCall;
import io.kledger.event.avro.Fd;
import io.kledger.event.avro.Raw;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.EpollItem;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import java.util.ArrayList;
import java.util.List;

/** Interest lists and what is ready: fs/eventpoll.c. */
final class EpollCalls {
  private static final int ADD = 1;
  private static final int DEL = 2;
  private static final int MOD = 3;
  private static final int NESTS = 4;
  private static final long ALWAYS = Readiness.POLLERR | Readiness.POLLHUP;
  private static final long EDGE = 1L << 31;
  private static final long ONESHOT = 1 << 30;
  private static final long EXCLUSIVE = 1 << 28;

  /** EPOLLEXCLUSIVE_OK_BITS: with EPOLLIN, EPOLLOUT, EPOLLERR, EPOLLHUP, EPOLLWAKEUP, EPOLLET. */
  private static final long EXCLUSIVE_OK = EXCLUSIVE | EDGE | 1 << 29 | ALWAYS | 5;

  private EpollCalls() {}

  static void register(SyscallTable.Builder table) {
    table
        .partial(EpollCtlCall.class, "EPOLLWAKEUP, paths of nested instances", EpollCalls::control)
        .partial(
            EpollWaitCall.class,
            "edges",
            (c, call) ->
                await(
                    c,
                    call.getEpfd(),
                    call.getMax(),
                    call.getTimeout(),
                    raw -> EpollWaitCall.newBuilder(call).setEvents(raw).build()))
        .partial(
            EpollPwaitCall.class,
            "edges",
            (c, call) ->
                await(
                    c,
                    call.getEpfd(),
                    call.getMax(),
                    call.getTimeout(),
                    raw -> EpollPwaitCall.newBuilder(call).setEvents(raw).build()));
  }

  /** do_epoll_ctl(). */
  private static Result control(CallContext context, EpollCtlCall call) {
    int operation = (int) call.getOperation();
    FdTables.Lookup instance = FdTables.getFile(context, call.getEpfd());
    if (!(instance instanceof Open epoll)) {
      return FdTables.failure(context, instance);
    }
    FdTables.Lookup target = FdTables.getFile(context, call.getFd());
    if (!(target instanceof Open open)) {
      return FdTables.failure(context, target);
    }
    OpenFileDescription file = open.description();
    if (cannotPoll(context, file) && context.refuse("file_can_poll")) {
      return context.fail(Errno.EPERM, "file_can_poll");
    }
    OpenFileDescription of = epoll.description();
    boolean none = of.kind() != FileKind.EPOLL && of.kind() != FileKind.OTHER;
    boolean self = of.key() == file.key();
    if ((none || self) && context.refuse("do_epoll_ctl: instance")) {
      return context.fail(Errno.EINVAL, "do_epoll_ctl: instance");
    }
    long events = events(call.getEvent());
    boolean exclusive = operation != DEL && (events & EXCLUSIVE) != 0;
    boolean odd =
        exclusive
            && (operation == MOD || file.kind() == FileKind.EPOLL || (events & ~EXCLUSIVE_OK) != 0);
    if (odd && context.refuse("EPOLLEXCLUSIVE")) {
      return context.fail(Errno.EINVAL, "EPOLLEXCLUSIVE");
    }
    if (operation == ADD
        && file.kind() == FileKind.EPOLL
        && loops(context.state(), file.key(), of.key(), 0)
        && context.refuse("ep_loop_check")) {
      return context.fail(Errno.ELOOP, "ep_loop_check");
    }
    return change(context, call, of, open, events);
  }

  /** Whether a file has no ->poll: regular files, directories, and devices of memory. */
  private static boolean cannotPoll(CallContext context, OpenFileDescription file) {
    return switch (file.kind()) {
      case MEMFD, NAMESPACE -> true;
      case PATH -> {
        Inode inode = context.state().inodes.get(file.inode());
        yield inode != null
            && (inode.directory() || inode.regular() && stores(context, inode))
            && !Pipes.isPipe(inode);
      }
      case PIPE,
          SOCKET,
          EVENTFD,
          EPOLL,
          SIGNALFD,
          TIMERFD,
          INOTIFY,
          FANOTIFY,
          PIDFD,
          FS_CONTEXT,
          IO_URING,
          USERFAULTFD,
          BPF,
          PERF_EVENT,
          OTHER ->
          false;
    };
  }

  /** Files of kernfs and procfs may well have a ->poll. */
  private static boolean stores(CallContext context, Inode inode) {
    return FileData.stores(context, inode);
  }

  /** Whether the added instance, or one in it, watches the other: or is nested too deep. */
  private static boolean loops(KernelState state, long added, long into, int depth) {
    if (depth > NESTS) {
      return true;
    }
    for (long key : state.epollItemsByInstance.keys(added)) {
      EpollItem item = state.epollItems.require(key);
      OpenFileDescription file = state.descriptions.get(item.file());
      if (file != null
          && file.kind() == FileKind.EPOLL
          && (file.key() == into || loops(state, file.key(), into, depth + 1))) {
        return true;
      }
    }
    return false;
  }

  private static Result change(
      CallContext context, EpollCtlCall call, OpenFileDescription epoll, Open open, long events) {
    KernelState state = context.state();
    EpollItem item = find(state, epoll.key(), call.getFd().getNumber(), open.description().key());
    boolean certain = context.simulated() || !epoll.inferred();
    String data = data(call.getEvent());
    return switch ((int) call.getOperation()) {
      case ADD -> {
        if (item != null && context.refuse("EPOLL_CTL_ADD: there is one")) {
          yield context.fail(Errno.EEXIST, "EPOLL_CTL_ADD: there is one");
        }
        if (item == null) {
          context.put(
              Tables.EPOLL_ITEMS,
              new EpollItem(
                  context.newKey(),
                  epoll.key(),
                  call.getFd().getNumber(),
                  open.description().key(),
                  events | ALWAYS,
                  data));
        }
        yield certain ? Result.ZERO : new Result.Unknown("what was added before");
      }
      case DEL, MOD -> {
        if (item == null && !certain) {
          yield new Result.Unknown("what was added before");
        }
        if (item == null) {
          yield context.refuse("epoll_ctl: not there")
              ? context.fail(Errno.ENOENT, "epoll_ctl: not there")
              : Result.ZERO;
        }
        if (call.getOperation() == DEL) {
          context.remove(Tables.EPOLL_ITEMS, item.key());
        } else if ((item.events() & EXCLUSIVE) == 0) {
          context.put(Tables.EPOLL_ITEMS, item.with(events | ALWAYS, data));
        } else if (context.refuse("EPOLLEXCLUSIVE")) {
          yield context.fail(Errno.EINVAL, "EPOLLEXCLUSIVE");
        }
        yield Result.ZERO;
      }
      default ->
          context.refuse("epoll_ctl: operation")
              ? context.fail(Errno.EINVAL, "epoll_ctl: operation")
              : Result.ZERO;
    };
  }

  private static EpollItem find(KernelState state, long epoll, int fd, long file) {
    for (long key : state.epollItemsByFile.keys(file)) {
      EpollItem item = state.epollItems.require(key);
      if (item.epoll() == epoll && item.fd() == fd) {
        return item;
      }
    }
    return null;
  }

  /** EPOLL* bits of {@code {events=EPOLLIN|..., data=...}}. */
  private static long events(Raw event) {
    String text = Arguments.text(event);
    int at = text.indexOf("events=");
    if (at < 0) {
      return 0;
    }
    int end = text.indexOf(", data", at);
    String words = text.substring(at + 7, end < 0 ? text.length() - 1 : end);
    long bits = 0;
    for (String word : words.split("\\|")) {
      String plain = word.strip();
      long value = Arguments.number(plain, -1);
      Long named = value >= 0 ? Long.valueOf(value) : Constants.value(plain);
      bits |= named == null ? 0 : named;
    }
    return bits & 0xffffffffL;
  }

  private static String data(Raw event) {
    String text = Arguments.text(event);
    int at = text.indexOf("data=");
    return at < 0 ? "" : text.substring(at, text.length() - (text.endsWith("}") ? 1 : 0));
  }

  /** How the call is shown with its events. */
  @FunctionalInterface
  private interface Filled {
    org.apache.avro.specific.SpecificRecord with(Raw events);
  }

  /** do_epoll_wait(). */
  private static Result await(CallContext context, Fd fd, long max, long timeout, Filled filled) {
    if ((max <= 0 || max > Integer.MAX_VALUE / 12) && context.refuse("ep_check_params: count")) {
      return context.fail(Errno.EINVAL, "ep_check_params: count");
    }
    FdTables.Lookup found = FdTables.getFile(context, fd);
    if (!(found instanceof Open open)) {
      return FdTables.failure(context, found);
    }
    OpenFileDescription epoll = open.description();
    boolean none = epoll.kind() != FileKind.EPOLL && epoll.kind() != FileKind.OTHER;
    if (none && context.refuse("ep_check_params: instance")) {
      return context.fail(Errno.EINVAL, "ep_check_params: instance");
    }
    if (context.assuming()) {
      return Result.value(context.observedOr(0));
    }
    KernelState state = context.state();
    List<EpollItem> ready = new ArrayList<>();
    StringBuilder text = new StringBuilder("[");
    for (long key : state.epollItemsByInstance.keys(epoll.key())) {
      EpollItem item = state.epollItems.require(key);
      OpenFileDescription file = state.descriptions.get(item.file());
      int events = file == null ? 0 : Readiness.of(context, file);
      if (events == Readiness.UNKNOWN || (item.events() & EDGE) != 0) {
        return new Result.Unknown("what the file has to tell");
      }
      long told = events & item.events();
      if (told != 0 && item.events() != ALWAYS && ready.size() < max) {
        ready.add(item);
        text.append(text.length() == 1 ? "" : ", ")
            .append("{events=")
            .append(Constants.group("epoll_event").flags(told))
            .append(item.data().isEmpty() ? "" : ", " + item.data())
            .append('}');
      }
    }
    if (epoll.inferred() && !context.simulated()) {
      return new Result.Unknown("what was added before");
    }
    for (EpollItem item : ready) {
      if ((item.events() & ONESHOT) != 0) {
        context.put(Tables.EPOLL_ITEMS, item.with(0, item.data()));
      }
    }
    if (ready.isEmpty() && timeout != 0 && context.simulated()) {
      return new Result.Blocked("an event");
    }
    return ready.isEmpty()
        ? Result.ZERO
        : Result.value(
            ready.size(), filled.with(new Raw(Bytes.of(text.append(']').toString()).toBuffer())));
  }
}
