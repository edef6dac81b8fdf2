package io.kledger.engine.syscall;

import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.cgroup.CgroupEvents;
import io.kledger.engine.file.FdTables;
import io.kledger.event.avro.PollCall;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.Socket;
import io.kledger.kernel.task.Task;
import io.kledger.kernel.task.TaskState;
import io.kledger.kernel.watch.FanotifyGroup;
import java.util.ArrayList;
import java.util.List;

/** poll(2): do_poll() of fs/select.c. What is ready is told where the ledger holds it. */
final class PollCalls {
  private static final int POLLIN = 1;
  private static final int POLLPRI = 2;
  private static final int POLLOUT = 4;
  private static final int POLLERR = 8;
  private static final int POLLHUP = 16;
  private static final int POLLNVAL = 32;

  /** The ledger does not know what the file would answer. */
  private static final int UNKNOWN = -1;

  private static final String[] NAMES = {
    "POLLIN", "POLLPRI", "POLLOUT", "POLLERR", "POLLHUP", "POLLNVAL"
  };

  private PollCalls() {}

  static void register(SyscallTable.Builder table) {
    table.partial(
        PollCall.class,
        "pidfds, regular files, queues of AF_UNIX in a simulation, cgroup.events",
        PollCalls::poll);
  }

  private static Result poll(CallContext context, PollCall call) {
    List<String> ready = new ArrayList<>();
    for (String text : RawStruct.split(inner(RawStruct.text(call.getFds())))) {
      RawStruct entry = RawStruct.of(new io.kledger.event.avro.Raw(bytes(text)));
      if (entry == null) {
        return new Result.Unknown("the trace does not show what is polled");
      }
      long fd = Arguments.number(String.valueOf(entry.member("fd")), -1);
      if (fd < 0) {
        continue;
      }
      int wanted = (int) entry.number("events") | POLLERR | POLLHUP | POLLNVAL;
      int events = events(context, (int) fd);
      if (events == UNKNOWN) {
        return context.assuming()
            ? Result.value(context.observedOr(0))
            : new Result.Unknown("what the file has to tell");
      }
      if ((events & wanted) != 0) {
        ready.add("{fd=" + fd + ", revents=" + names(events & wanted) + "}");
      }
    }
    if (!ready.isEmpty()) {
      return Result.detailed(ready.size(), "[" + String.join(", ", ready) + "]");
    }
    return call.getTimeout() == 0 || !context.simulated()
        ? Result.detailed(0, "Timeout")
        : new Result.Blocked("an event");
  }

  private static java.nio.ByteBuffer bytes(String text) {
    return io.kledger.event.Bytes.of(text).toBuffer();
  }

  private static String inner(String list) {
    String text = list.strip();
    return text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : "";
  }

  private static int events(CallContext context, int number) {
    return switch (FdTables.get(context, number)) {
      case FdTables.NotOpen none -> POLLNVAL;
      case FdTables.NotSeen none -> UNKNOWN;
      case FdTables.Open open ->
          open.description().pathOnly() ? POLLNVAL : ofFile(context, open.description());
    };
  }

  private static int ofFile(CallContext context, OpenFileDescription file) {
    return switch (file.kind()) {
      case PIDFD -> pidfd(context.state(), file);
      case PATH -> path(context, file);
      case SOCKET -> socket(context, file);
      case FANOTIFY -> fanotify(context, file);
      case PIPE,
          NAMESPACE,
          EVENTFD,
          EPOLL,
          SIGNALFD,
          TIMERFD,
          MEMFD,
          INOTIFY,
          FS_CONTEXT,
          IO_URING,
          USERFAULTFD,
          BPF,
          PERF_EVENT,
          OTHER ->
          UNKNOWN;
    };
  }

  /** fanotify_poll(), of groups of mounts. */
  private static int fanotify(CallContext context, OpenFileDescription file) {
    FanotifyGroup group = context.state().fanotifyGroups.get(file.key());
    if (group == null || !group.ofMounts() || !context.simulated()) {
      return UNKNOWN;
    }
    return context.state().mountEventsByGroup.count(file.key()) > 0 ? POLLIN : 0;
  }

  /** pidfd_poll(): the process is a zombie, or gone. */
  private static int pidfd(KernelState state, OpenFileDescription file) {
    Task task = state.tasksByPid.last(file.object());
    if (task == null) {
      return state.pids.get(file.object()) == null ? UNKNOWN : POLLIN | POLLHUP;
    }
    boolean dead = task.state() == TaskState.ZOMBIE;
    for (long key : state.tasksByGroup.keys(task.group())) {
      dead &= state.tasks.require(key).state() == TaskState.ZOMBIE;
    }
    return dead ? POLLIN : 0;
  }

  private static int path(CallContext context, OpenFileDescription file) {
    if (CgroupEvents.isEventsFile(context, file)) {
      return CgroupEvents.changed(context, file)
          ? POLLIN | POLLOUT | POLLPRI | POLLERR
          : POLLIN | POLLOUT;
    }
    Inode inode = context.state().inodes.get(file.inode());
    return inode != null && (inode.regular() || inode.directory()) ? POLLIN | POLLOUT : UNKNOWN;
  }

  /** unix_poll(): only where no kernel ran, since data in a queue is not always in a trace. */
  private static int socket(CallContext context, OpenFileDescription file) {
    Socket socket = context.state().sockets.get(file.object());
    if (socket == null || socket.family() != Socket.AF_UNIX || !context.simulated()) {
      return UNKNOWN;
    }
    boolean incoming =
        context.state().messagesBySocket.count(socket.key()) > 0
            || context.state().socketsByListener.count(socket.key()) > 0;
    boolean gone = socket.state() == Socket.State.DISCONNECTED;
    return (incoming || gone ? POLLIN : 0) | POLLOUT | (gone ? POLLHUP : 0);
  }

  private static String names(int events) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < NAMES.length; i++) {
      if ((events >> i & 1) != 0) {
        names.add(NAMES[i]);
      }
    }
    return String.join("|", names);
  }
}
