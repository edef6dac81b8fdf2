package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Handler;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.file.FdTables;
import io.kledger.engine.file.FdTables.Open;
import io.kledger.engine.lock.LockTable;
import io.kledger.engine.time.Timers;
import io.kledger.engine.uring.Rings;
import io.kledger.event.Bytes;
import io.kledger.event.avro.FcntlCall;
import io.kledger.event.avro.Fd;
import io.kledger.event.avro.FlockCall;
import io.kledger.event.avro.IoUringCqeCall;
import io.kledger.event.avro.IoUringEnterCall;
import io.kledger.event.avro.IoUringRegisterCall;
import io.kledger.event.avro.IoUringSetupCall;
import io.kledger.event.avro.IoUringSqeCall;
import io.kledger.event.avro.Raw;
import io.kledger.event.avro.RecordLock;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.lock.FileLock;
import io.kledger.kernel.time.Timer.Clock;
import io.kledger.kernel.time.Timer.Purpose;
import io.kledger.kernel.uring.Ring;
import io.kledger.kernel.uring.RingRequest;
import io.kledger.kernel.uring.RingRequest.State;
import org.apache.avro.specific.SpecificRecord;

/**
 * io_uring: submission and completion. strace does not see what goes through a ring; slots and
 * completions are events of their own, so only a simulation runs requests.
 */
final class UringCalls {
  private static final long GETEVENTS = 1;
  private static final int LAST_OPCODE = 62;
  private static final long LOCK_NB = 4;
  private static final long LOCK_UN = 8;
  private static final long SECOND = 1_000_000_000L;

  private static final String WAITING = "io_uring_enter";

  private final SyscallTable.Builder table;

  private UringCalls(SyscallTable.Builder table) {
    this.table = table;
  }

  static void register(SyscallTable.Builder table) {
    UringCalls calls = new UringCalls(table);
    table
        .partial(IoUringSetupCall.class, "whether it is allowed", RingSetup::setup)
        .partial(IoUringSqeCall.class, "room in the queue", calls::sqe)
        .partial(
            IoUringRegisterCall.class, "files and enabling of rings only", RingRegister::register)
        .partial(
            IoUringEnterCall.class,
            "opcodes without a system call, statx, extended attributes",
            calls::enter)
        .full(IoUringCqeCall.class, calls::cqe);
  }

  /** The ring behind a descriptor, or why there is none. */
  record Found(OpenFileDescription ring, Result refused) {}

  static Found ring(CallContext context, Fd fd) {
    FdTables.Lookup found = FdTables.getFile(context, fd);
    if (!(found instanceof Open open)) {
      return new Found(null, FdTables.failure(context, found));
    }
    return open.description().kind() == FileKind.IO_URING
        ? new Found(open.description(), null)
        : new Found(null, context.fail(Errno.EOPNOTSUPP, "io_uring: no ring"));
  }

  private Result sqe(CallContext context, IoUringSqeCall call) {
    Found found = ring(context, call.getFd());
    if (found.ring() == null) {
      return found.refused();
    }
    String text = Arguments.text(call.getSqe());
    context.put(
        Tables.RING_REQUESTS,
        new RingRequest(
            context.newKey(),
            found.ring().key(),
            context.taskKey(),
            text,
            new Sqe(text).userData(),
            State.QUEUED,
            0,
            0,
            0,
            0));
    Ring ring = context.state().rings.get(found.ring().key());
    if (ring != null && ring.has(Ring.SQPOLL) && !ring.has(Ring.R_DISABLED)) {
      // A thread of the kernel looks at the queue: nobody has to enter.
      submit(context, ring.key(), Long.MAX_VALUE);
      advance(context, ring.key());
    }
    return Result.ZERO;
  }

  private Result enter(CallContext context, IoUringEnterCall call) {
    Found found = ring(context, call.getFd());
    if (found.ring() == null) {
      return found.refused();
    }
    if (!context.simulated()) {
      return new Result.Unknown("what is in the ring");
    }
    long ring = found.ring().key();
    Ring made = context.state().rings.get(ring);
    if (made != null && made.has(Ring.R_DISABLED) && context.refuse("io_uring_enter: disabled")) {
      return context.fail(Errno.EBADFD, "io_uring_enter: disabled");
    }
    io.kledger.kernel.task.PendingCall pending = LockCalls.pending(context, WAITING);
    boolean polled = made != null && made.has(Ring.SQPOLL);
    long submitted =
        pending != null
            ? pending.value()
            : polled ? call.getSubmit() : submit(context, ring, call.getSubmit());
    advance(context, ring);
    boolean waits =
        (call.getFlags() & GETEVENTS) != 0 && completions(context, ring) < call.getComplete();
    if (waits) {
      context.put(
          Tables.PENDING,
          new io.kledger.kernel.task.PendingCall(
              context.taskKey(), WAITING, context.position(), 0, 0, false, submitted, 0));
      return new Result.Blocked("completions");
    }
    if (pending != null) {
      context.remove(Tables.PENDING, context.taskKey());
    }
    return Result.value(submitted);
  }

  private static long completions(CallContext context, long ring) {
    long count = 0;
    for (long key : context.state().ringRequestsByRing.keys(ring)) {
      count += ended(context.state().ringRequests.require(key)) ? 1 : 0;
    }
    return count;
  }

  /** io_submit_sqes(): links are formed, heads of chains run. */
  private long submit(CallContext context, long ring, long most) {
    KernelState state = context.state();
    long submitted = 0;
    RingRequest before = null;
    for (long key : state.ringRequestsByRing.keys(ring)) {
      RingRequest request = state.ringRequests.require(key);
      if (request.state() != State.QUEUED) {
        continue;
      }
      if (submitted == most) {
        break;
      }
      submitted++;
      context.put(
          Tables.RING_REQUESTS,
          request.submitted(State.LINKED, 0, before == null ? 0 : before.key()));
      Sqe sqe = new Sqe(request.sqe());
      before = sqe.has("IOSQE_IO_LINK") || sqe.has("IOSQE_IO_HARDLINK") ? request : null;
    }
    return submitted;
  }

  /** Runs what can run; whatever is linked behind a failure is cancelled. */
  private void advance(CallContext context, long ring) {
    long before;
    do {
      // What runs can end what stands before it: then what is linked behind that goes on.
      before = pending(context, ring);
      pass(context, ring);
    } while (pending(context, ring) < before);
  }

  private static long pending(CallContext context, long ring) {
    return context.state().ringRequestsByRing.count(ring) - completions(context, ring);
  }

  private void pass(CallContext context, long ring) {
    KernelState state = context.state();
    for (long key : state.ringRequestsByRing.keys(ring)) {
      RingRequest request = state.ringRequests.get(key);
      if (request == null) {
        continue;
      }
      RingRequest before = request.before() == 0 ? null : state.ringRequests.get(request.before());
      boolean timeout = new Sqe(request.sqe()).opcode().equals("LINK_TIMEOUT");
      if (request.state() == State.BLOCKED && timeout && ended(before)) {
        Timers.stop(context, Purpose.LINK_TIMEOUT, key);
        Rings.complete(context, request, -Errno.ECANCELED);
      } else if (request.state() == State.BLOCKED && !timeout && request.lock() == 0) {
        run(context, request);
      } else if (request.state() == State.LINKED) {
        linked(context, request, before, timeout);
      }
    }
  }

  private static boolean ended(RingRequest request) {
    return request == null || request.state() == State.DONE || request.state() == State.NOT_KNOWN;
  }

  private void linked(
      CallContext context, RingRequest request, RingRequest before, boolean timeout) {
    if (timeout && before != null) {
      if (ended(before)) {
        Rings.complete(context, request, -Errno.ECANCELED);
      } else {
        arm(context, request);
      }
      return;
    }
    if (before != null && !ended(before)) {
      return;
    }
    boolean hard = before != null && new Sqe(before.sqe()).has("IOSQE_IO_HARDLINK");
    if (before != null && before.result() < 0 && !hard) {
      Rings.complete(context, request, -Errno.ECANCELED);
      return;
    }
    run(context, request);
  }

  private static void arm(CallContext context, RingRequest request) {
    String time = new Sqe(request.sqe()).get("ts", "{tv_sec=0, tv_nsec=0}");
    Sqe members = new Sqe(time);
    long seconds = Arguments.number(members.get("tv_sec", "0"), 0);
    long nanos = Arguments.number(members.get("tv_nsec", "0"), 0);
    context.put(Tables.RING_REQUESTS, request.submitted(State.BLOCKED, 0, request.before()));
    long deadline = Timers.now(context, Clock.MONOTONIC) + seconds * SECOND + nanos;
    Timers.start(context, Clock.MONOTONIC, deadline, Purpose.LINK_TIMEOUT, request.key());
  }

  /** io_issue_sqe(). */
  private void run(CallContext context, RingRequest request) {
    Sqe sqe = new Sqe(request.sqe());
    boolean known = !sqe.proposed() || context.profile().has(KernelFeature.URING_CALLS);
    Ring ring = context.state().rings.get(request.ring());
    boolean worker =
        sqe.ofTheTask() && (sqe.has("IOSQE_ASYNC") || ring != null && ring.has(Ring.SQPOLL));
    if (!known || worker || sqe.opcode().equals("LINK_TIMEOUT") || beyond(sqe)) {
      Rings.complete(context, request, -Errno.EINVAL);
      return;
    }
    if (sqe.opcode().equals("TIMEOUT")) {
      arm(context, request);
      return;
    }
    if (sqe.opcode().equals("NOP")) {
      Rings.complete(context, request, 0);
      return;
    }
    if (sqe.opcode().equals("ASYNC_CANCEL")) {
      Rings.complete(context, request, cancel(context, request, sqe));
      return;
    }
    if (FixedFiles.cloexec(sqe)) {
      Rings.complete(context, request, -Errno.EINVAL);
      return;
    }
    if (sqe.has("IOSQE_FIXED_FILE") && !FixedFiles.lend(context, request, sqe)) {
      Rings.complete(context, request, -Errno.EBADF);
      return;
    }
    SpecificRecord call = sqe.call(FixedFiles.positioned(context, sqe));
    if (call instanceof FlockCall flock) {
      flock(context, request, flock);
    } else if (call instanceof FcntlCall record && sqe.opcode().equals("FCNTL_SETLK")) {
      recordLock(context, request, record);
    } else {
      Handler<SpecificRecord> handler = call == null ? null : table.find(call.getClass());
      Result result = handler == null ? null : handler.call(context, call);
      finish(context, request, FixedFiles.direct(context, request, sqe, result));
    }
    if (sqe.has("IOSQE_FIXED_FILE")) {
      FixedFiles.giveBack(context);
    }
  }

  /** A number that no kernel gives an opcode. */
  private static boolean beyond(Sqe sqe) {
    String opcode = sqe.opcode();
    return Character.isDigit(opcode.charAt(0)) && Arguments.number(opcode, 0) > LAST_OPCODE;
  }

  private static void finish(CallContext context, RingRequest request, Result result) {
    switch (result) {
      case null -> Rings.unknown(context, request);
      case Result.Done done -> Rings.complete(context, request, done.value());
      case Result.Failed failed -> Rings.complete(context, request, -failed.errno());
      case Result.Unknown unknown -> Rings.unknown(context, request);
      case Result.Blocked blocked ->
          context.put(Tables.RING_REQUESTS, request.submitted(State.BLOCKED, 0, request.before()));
    }
  }

  private static long cancel(CallContext context, RingRequest request, Sqe sqe) {
    long user = Arguments.number(sqe.get("addr", "0"), 0);
    for (long key : context.state().ringRequestsByRing.keys(request.ring())) {
      RingRequest other = context.state().ringRequests.require(key);
      if (other.userData() == user && other.state() == State.BLOCKED) {
        Rings.cancel(context, other);
        return 0;
      }
    }
    return -Errno.ENOENT;
  }

  /** A request for a lock that waits is the ring's, not the task's. */
  private static void flock(CallContext context, RingRequest request, FlockCall call) {
    boolean waits = (call.getOperation() & (LOCK_NB | LOCK_UN)) == 0;
    FlockCall once = waits ? new FlockCall(call.getFd(), call.getOperation() | LOCK_NB) : call;
    Result result = LockCalls.flock(context, once);
    boolean held = result instanceof Result.Failed failed && failed.errno() == Errno.EAGAIN;
    if (!waits || !held) {
      finish(context, request, result);
      return;
    }
    Open open = (Open) FdTables.getFile(context, call.getFd());
    OpenFileDescription file = LockCalls.withInode(context, open.description());
    FileLock.Mode mode = (call.getOperation() & 2) != 0 ? FileLock.Mode.WRITE : FileLock.Mode.READ;
    FileLock lock = LockTable.flockRequest(context, file, mode, LockCalls.tgid(context));
    block(context, request, lock);
  }

  /** F_SETLK, F_SETLKW and those of open file descriptions. */
  private static void recordLock(CallContext context, RingRequest request, FcntlCall call) {
    FdTables.Lookup found = FdTables.getFile(context, call.getFd());
    if (!(found instanceof Open open)) {
      finish(context, request, FdTables.failure(context, found));
      return;
    }
    int command = (int) call.getCommand();
    boolean known =
        command == RecordLocks.F_SETLK
            || command == RecordLocks.F_OFD_SETLK
            || RecordLocks.sleeps(command);
    if (!known) {
      finish(context, request, context.fail(Errno.EINVAL, "F28 command"));
      return;
    }
    if (!(call.getArgument() instanceof RecordLock argument)) {
      finish(context, request, context.fail(Errno.EFAULT, "F28 lock"));
      return;
    }
    OpenFileDescription file = LockCalls.withInode(context, open.description());
    RecordLocks.Asked asked = RecordLocks.asked(context, command, argument, file);
    if (asked.refused() != null) {
      finish(context, request, asked.refused());
    } else if (RecordLocks.sleeps(command)) {
      block(context, request, asked.lock());
    } else {
      finish(context, request, LockCalls.request(context, "fcntl", asked.lock(), false));
    }
  }

  /** Makes a request that waits, if it must, for the ring. */
  private static void block(CallContext context, RingRequest request, FileLock lock) {
    LockTable.Answer answer = LockTable.request(context, lock, true);
    if (answer != LockTable.Answer.WAITS) {
      boolean deadlock = answer == LockTable.Answer.DEADLOCK;
      Rings.complete(context, request, deadlock ? -Errno.EDEADLK : 0);
      return;
    }
    long waiting = 0;
    for (long key : context.state().locksByTask.keys(context.taskKey())) {
      if (context.state().locks.require(key).waiting()) {
        waiting = Math.max(waiting, key);
      }
    }
    context.put(Tables.RING_REQUESTS, request.submitted(State.BLOCKED, waiting, request.before()));
  }

  /** The program takes the oldest completion. */
  private Result cqe(CallContext context, IoUringCqeCall call) {
    Found found = ring(context, call.getFd());
    if (found.ring() == null) {
      return found.refused();
    }
    advance(context, found.ring().key());
    KernelState state = context.state();
    RingRequest first = null;
    for (long key : state.ringRequestsByRing.keys(found.ring().key())) {
      RingRequest request = state.ringRequests.require(key);
      boolean done = ended(request);
      if (done && (first == null || request.order() < first.order())) {
        first = request;
      }
    }
    if (first == null) {
      return context.fail(Errno.EAGAIN, "io_uring: nothing is complete");
    }
    context.remove(Tables.RING_REQUESTS, first.key());
    if (first.state() == State.NOT_KNOWN) {
      return new Result.Unknown("the request of the ring is not modelled");
    }
    String result =
        first.result() < 0
            ? "-" + Errno.name((int) -first.result())
            : Long.toString(first.result());
    String text = "{user_data=%d, res=%s, flags=0}".formatted(first.userData(), result);
    return Result.value(0, new IoUringCqeCall(call.getFd(), new Raw(Bytes.of(text).toBuffer())));
  }
}
