package io.kledger.replay;

import io.kledger.engine.CallContext;
import io.kledger.engine.Engine;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.event.Bytes;
import io.kledger.event.MachineId;
import io.kledger.event.avro.CloseCall;
import io.kledger.event.avro.Event;
import io.kledger.event.avro.Fd;
import io.kledger.event.avro.FlockCall;
import io.kledger.event.avro.Marker;
import io.kledger.event.avro.OpenatCall;
import io.kledger.event.avro.Outcome;
import io.kledger.event.avro.Phase;
import io.kledger.event.avro.Syscall;
import io.kledger.event.avro.TaskDied;
import io.kledger.event.avro.Text;
import io.kledger.event.avro.TracerMessage;
import io.kledger.kernel.CounterId;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.change.FdChange;
import io.kledger.kernel.change.TaskChange;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.FdSlot;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.lock.FileLock;
import io.kledger.kernel.task.Credentials;
import io.kledger.kernel.task.NamespaceSet;
import io.kledger.kernel.task.Task;
import io.kledger.kernel.task.TaskState;
import io.kledger.log.Appender;
import io.kledger.log.EventLog;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import org.apache.avro.specific.SpecificRecord;

/**
 * A few calls with rules simple enough to be part of a test of the fold: tasks open files by name,
 * lock and close them, and die. It uses rows, indexes, counters, refusals and defects as the real
 * rules do, and depends on everything that it finds in the state.
 */
final class SyntheticKernel {
  static final MachineId M = MachineId.of("m");
  static final long SECOND = 1_000_000_000L;
  static final long BEGIN = 1_700_000_000L * SECOND;
  private static final SyscallTable TABLE = table();

  private SyntheticKernel() {}

  static Engine engine(KernelState state) {
    return new Engine(state, TABLE, SyntheticKernel::task);
  }

  /** The n-th event of a seed; always the same one. One second apart. */
  static Event event(long seed, long n) {
    SplittableRandom random = new SplittableRandom(seed * 1_000_003 + n);
    int tid = 100 + random.nextInt(12);
    Object body =
        switch (random.nextInt(20)) {
          case 0 -> new TaskDied(0, 0, false);
          case 1 -> new TracerMessage(text("broken " + n));
          case 2, 3, 4, 5 ->
              call(new CloseCall(new Fd(random.nextInt(8), null)), random.nextInt(4) == 0 ? 9 : 0);
          case 6, 7, 8 -> call(new FlockCall(new Fd(random.nextInt(8), null), 2L), 0);
          case 9 ->
              n % 3 == 0
                  ? new Marker("mark-" + n)
                  : call(new CloseCall(new Fd(random.nextInt(3), null)), 0);
          default ->
              call(
                  new OpenatCall(
                      new Fd(-100, null),
                      new Text(text("file-" + random.nextInt(300)), false, null),
                      0L,
                      0L),
                  random.nextInt(8) == 0 ? 2 : 0);
        };
    return new Event(0L, BEGIN + n * SECOND, n, tid, 1, n, body);
  }

  /** Appends the events of a seed up to a position. */
  static void append(EventLog log, long seed, long upTo) {
    try (Appender appender = log.appender(M)) {
      while (appender.next() <= upTo) {
        appender.append(event(seed, appender.next()));
      }
      appender.commit();
    }
  }

  private static ByteBuffer text(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  private static Syscall call(SpecificRecord call, int errno) {
    Outcome outcome = new Outcome(errno == 0 ? 0L : -1L, errno, false, null, null, null);
    return Syscall.newBuilder().setPhase(Phase.WHOLE).setCall(call).setOutcome(outcome).build();
  }

  private static SyscallTable table() {
    return new SyscallTable.Builder()
        .full(OpenatCall.class, SyntheticKernel::open)
        .full(CloseCall.class, SyntheticKernel::close)
        .full(FlockCall.class, SyntheticKernel::lock)
        .body(TaskDied.class, (context, body) -> die(context))
        .body(TracerMessage.class, (context, body) -> fail(context))
        .build();
  }

  private static Task task(CallContext context, int tid) {
    Task found = context.state().task(tid);
    if (found != null) {
      return found;
    }
    long key = context.newKey();
    Task born =
        new Task(
            key,
            tid,
            0,
            key,
            Bytes.of("task"),
            key,
            0,
            Credentials.root(1),
            new NamespaceSet(1, 1, 1, 1, 1, 1, 1, 1, 1),
            1 + tid % 3,
            TaskState.RUNNING,
            0,
            context.position(),
            true);
    context.emit(new TaskChange.Forked(born, 0));
    return born;
  }

  private static Result open(CallContext context, OpenatCall call) {
    KernelState state = context.state();
    Bytes name = Bytes.of(call.getPath().getValue());
    Dentry dentry = state.child(7, name);
    if (dentry == null) {
      dentry = new Dentry(context.newKey(), 1, 7, name, context.next(CounterId.ANON_INODE), false);
      context.put(Tables.DENTRIES, dentry);
    }
    long files = context.task().files();
    int fd = 0;
    while (state.fd(files, fd) != null) {
      fd++;
    }
    OpenFileDescription opened =
        new OpenFileDescription(
            context.newKey(),
            FileKind.PATH,
            new Place(1, dentry.key()),
            dentry.inode(),
            0,
            state.descriptionsByInode.count(dentry.inode()),
            0,
            Bytes.EMPTY,
            0,
            context.taskKey(),
            context.position(),
            false);
    context.emit(new FdChange.Opened(opened));
    FdSlot slot =
        new FdSlot(FdSlot.key(files, fd), files, fd, opened.key(), false, context.position());
    context.emit(new FdChange.Installed(slot, context.taskKey()));
    return Result.value(fd);
  }

  private static Result close(CallContext context, CloseCall call) {
    FdSlot slot = context.state().fd(context.task().files(), call.getFd().getNumber());
    if (slot == null) {
      return context.fail(9, "no such fd");
    }
    drop(context, context.taskKey(), slot);
    return Result.ZERO;
  }

  private static void drop(CallContext context, long task, FdSlot slot) {
    KernelState state = context.state();
    for (long key : state.locksByOwner.keys(slot.description())) {
      context.remove(Tables.LOCKS, key);
    }
    context.emit(new FdChange.Closed(slot.key(), task, slot.description()));
    context.emit(new FdChange.Released(slot.description()));
  }

  private static Result lock(CallContext context, FlockCall call) {
    KernelState state = context.state();
    FdSlot slot = state.fd(context.task().files(), call.getFd().getNumber());
    if (slot == null) {
      return context.fail(9, "no such fd");
    }
    OpenFileDescription file = state.descriptions.require(slot.description());
    FileLock last = state.locksByInode.last(file.inode());
    long order = context.next(CounterId.ORDER);
    FileLock taken =
        new FileLock(
            context.newKey(),
            file.inode(),
            FileLock.Type.FLOCK,
            file.key(),
            FileLock.Mode.WRITE,
            last == null ? 0 : last.order(),
            Long.MAX_VALUE,
            context.event().getTid(),
            context.taskKey(),
            order,
            0,
            context.position(),
            false);
    context.put(Tables.LOCKS, taken);
    return Result.ZERO;
  }

  private static void die(CallContext context) {
    Task task = context.state().task(context.event().getTid());
    if (task != null) {
      for (long key : context.state().fdsByTable.keys(task.files())) {
        drop(context, task.key(), context.state().fds.get(key));
      }
      context.remove(Tables.TASKS, task.key());
    }
  }

  private static void fail(CallContext context) {
    context.newKey();
    throw new IllegalStateException("a rule that breaks down after a change");
  }
}
