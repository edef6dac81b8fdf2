package io.kledger.engine.syscall;

import io.kledger.engine.CallContext;
import io.kledger.engine.cgroup.CgroupEvents;
import io.kledger.engine.file.Pipes;
import io.kledger.engine.file.UnixQueue;
import io.kledger.engine.mount.MountsPoll;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.EpollItem;
import io.kledger.kernel.file.EventCounter;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.Socket;
import io.kledger.kernel.task.Task;
import io.kledger.kernel.task.TaskState;
import io.kledger.kernel.watch.FanotifyGroup;

/** What ->poll of a file says: POLL* bits, as far as the ledger holds what it depends on. */
final class Readiness {
  static final int POLLIN = 1;
  static final int POLLPRI = 2;
  static final int POLLOUT = 4;
  static final int POLLERR = 8;
  static final int POLLHUP = 16;
  static final int POLLNVAL = 32;
  static final int POLLRDNORM = 0x40;
  static final int POLLRDBAND = 0x80;
  static final int POLLWRNORM = 0x100;
  static final int POLLWRBAND = 0x200;
  static final int POLLRDHUP = 0x2000;

  /** The ledger does not know what the file would answer. */
  static final int UNKNOWN = -1;

  private static final int READ = POLLIN | POLLRDNORM;
  private static final int WRITE = POLLOUT | POLLWRNORM;

  /** An epoll instance within an epoll instance, within ... (EP_MAX_NESTS). */
  private static final int NESTS = 4;

  private Readiness() {}

  static int of(CallContext context, OpenFileDescription file) {
    return of(context, file, 0);
  }

  private static int of(CallContext context, OpenFileDescription file, int depth) {
    return switch (file.kind()) {
      case PIDFD -> pidfd(context.state(), file);
      case PATH, MEMFD -> path(context, file);
      case PIPE -> pipe(context, file);
      case SOCKET -> socket(context, file);
      case FANOTIFY -> fanotify(context, file);
      case INOTIFY ->
          context.state().inotifyInstances.get(file.key()) == null
              ? UNKNOWN
              : context.state().inotifyQueue.count(file.key()) > 0 ? READ : 0;
      case EVENTFD -> event(context.state(), file);
      case EPOLL -> epoll(context, file, depth);
      // vfs_poll() of a file without ->poll: DEFAULT_POLLMASK.
      case NAMESPACE -> READ | WRITE;
      case SIGNALFD, TIMERFD, FS_CONTEXT, IO_URING, USERFAULTFD, BPF, PERF_EVENT, OTHER -> UNKNOWN;
    };
  }

  /** fanotify_poll(), of groups of mounts. */
  private static int fanotify(CallContext context, OpenFileDescription file) {
    FanotifyGroup group = context.state().fanotifyGroups.get(file.key());
    if (group == null || !group.ofMounts() || !context.simulated()) {
      return UNKNOWN;
    }
    return context.state().mountEventsByGroup.count(file.key()) > 0 ? READ : 0;
  }

  /** pidfd_poll(): the process is a zombie, or gone. */
  private static int pidfd(KernelState state, OpenFileDescription file) {
    Task task = state.tasksByPid.last(file.object());
    if (task == null) {
      return state.pids.get(file.object()) == null ? UNKNOWN : READ | POLLHUP;
    }
    boolean dead = task.state() == TaskState.ZOMBIE;
    for (long key : state.tasksByGroup.keys(task.group())) {
      dead &= state.tasks.require(key).state() == TaskState.ZOMBIE;
    }
    return dead ? READ : 0;
  }

  private static int path(CallContext context, OpenFileDescription file) {
    if (CgroupEvents.isEventsFile(context, file)) {
      return CgroupEvents.changed(context, file) ? READ | WRITE | POLLPRI | POLLERR : READ | WRITE;
    }
    if (context.simulated() && MountsPoll.isMounts(context.state(), file)) {
      return MountsPoll.changed(context, file) ? READ | POLLPRI | POLLERR : READ;
    }
    Inode inode = context.state().inodes.get(file.inode());
    if (Pipes.isPipe(inode)) {
      return pipe(context, file);
    }
    return inode != null && (inode.regular() || inode.directory()) ? READ | WRITE : UNKNOWN;
  }

  /** pipe_poll(). */
  private static int pipe(CallContext context, OpenFileDescription file) {
    KernelState state = context.state();
    Inode pipe = state.inodes.get(file.inode());
    if (pipe == null || !file.flagsKnown()) {
      return UNKNOWN;
    }
    int events = 0;
    if (file.readable()) {
      if (!Pipes.known(state, pipe.key()) || pipe.size() < 0) {
        return UNKNOWN;
      }
      events |= pipe.size() > 0 ? READ : 0;
      boolean hangup = Pipes.writers(state, pipe.key()) == Pipes.Ends.NONE;
      // A fifo that never had a writer has not been hung up.
      if (hangup && file.kind() != FileKind.PIPE && !file.writable()) {
        return UNKNOWN;
      }
      events |= hangup ? POLLHUP : 0;
    }
    if (file.writable()) {
      // pipe_full() counts pages, whatever is left in the last one.
      boolean room = (pipe.size() + 4095) / 4096 < Pipes.capacity(state, pipe.key()) / 4096;
      events |= room ? WRITE : 0;
      events |= Pipes.readers(state, pipe.key()) == Pipes.Ends.NONE ? POLLERR : 0;
    }
    return events;
  }

  /** Whether all that can be read was written by calls that have not returned. */
  static boolean uncertain(KernelState state, OpenFileDescription file) {
    Inode pipe = file.readable() ? state.inodes.get(file.inode()) : null;
    return Pipes.isPipe(pipe)
        && pipe.size() > 0
        && PipeData.writing(state, pipe.key()) >= pipe.size();
  }

  private static int event(KernelState state, OpenFileDescription file) {
    EventCounter counter = state.eventCounters.get(file.key());
    if (counter == null) {
      return UNKNOWN;
    }
    int in = counter.count() != 0 ? READ : 0;
    int full = counter.count() == -1 ? POLLERR : 0;
    int out = Long.compareUnsigned(-2, counter.count()) > 0 ? WRITE : 0;
    // eventfd_poll() says EPOLLIN and EPOLLOUT only.
    return (in | full | out) & (POLLIN | POLLERR | POLLOUT);
  }

  private static int epoll(CallContext context, OpenFileDescription file, int depth) {
    if (depth > NESTS) {
      return UNKNOWN;
    }
    for (long key : context.state().epollItemsByInstance.keys(file.key())) {
      EpollItem item = context.state().epollItems.require(key);
      OpenFileDescription watched = context.state().descriptions.get(item.file());
      int events = watched == null ? 0 : of(context, watched, depth + 1);
      if (events == UNKNOWN) {
        return UNKNOWN;
      }
      if ((events & item.events()) != 0) {
        return READ;
      }
    }
    return file.inferred() ? UNKNOWN : 0;
  }

  /** unix_poll(), unix_dgram_poll(). */
  private static int socket(CallContext context, OpenFileDescription file) {
    KernelState state = context.state();
    Socket socket = state.sockets.get(file.object());
    boolean known = socket != null && (context.simulated() || !socket.inferred());
    if (!known || socket.family() != Socket.AF_UNIX) {
      return UNKNOWN;
    }
    boolean listening = socket.state() == Socket.State.LISTENING;
    boolean queued = state.messagesBySocket.count(socket.key()) > 0;
    boolean pending = listening && state.socketsByListener.count(socket.key()) > 0;
    boolean gone = socket.state() == Socket.State.DISCONNECTED && socket.type() != Socket.DGRAM;
    boolean in = gone || socket.has(Socket.Option.RCV_SHUTDOWN);
    boolean out = gone || socket.has(Socket.Option.SEND_SHUTDOWN);
    if (!context.simulated() && !queued && !pending && !socket.name().isEmpty()) {
      return UNKNOWN;
    }
    boolean unconnected =
        socket.type() != Socket.DGRAM && socket.state() == Socket.State.UNCONNECTED;
    int events = queued || pending || in ? READ : 0;
    events |= socket.has(Socket.Option.RESET) ? POLLERR : 0;
    events |= in ? POLLRDHUP : 0;
    events |= in && out || unconnected ? POLLHUP : 0;
    // Writable while a quarter of the buffer is free (unix_writable()); a listener is not.
    boolean room = UnixQueue.charge(state, socket) * 4 <= UnixQueue.SEND_BUFFER;
    boolean writable = room && !listening && !crowded(state, socket);
    return events | (writable ? WRITE | POLLWRBAND : 0);
  }

  /** The receiver of connected datagrams has no room, and is not connected back. */
  private static boolean crowded(KernelState state, Socket socket) {
    Socket peer = socket.peer() == 0 ? null : state.sockets.get(socket.peer());
    return peer != null && SendCalls.full(state, socket, peer);
  }
}
