package io.kledger.engine.file;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.event.Bytes;
import io.kledger.event.avro.Fd;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.change.FdChange;
import io.kledger.kernel.change.TaskChange;
import io.kledger.kernel.file.FdSlot;
import io.kledger.kernel.file.FdTable;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.task.Task;
import io.kledger.store.Index;
import java.util.List;

/** Tables of descriptors (fs/file.c). */
public final class FdTables {
  private FdTables() {}

  /** What is behind a number. */
  public sealed interface Lookup {}

  /** It is open. */
  public record Open(FdSlot slot, OpenFileDescription description) implements Lookup {}

  /** It is not open. */
  public record NotOpen() implements Lookup {
    private static final NotOpen IT = new NotOpen();
  }

  /** The log has not shown whether it is open. */
  public record NotSeen() implements Lookup {
    private static final NotSeen IT = new NotSeen();
  }

  /**
   * fdget_raw(): the calling task's descriptor. One that the log has not shown is inferred if the
   * trace annotates it (then it was open), or if the kernel is known to have accepted it.
   */
  public static Lookup get(CallContext context, Fd fd) {
    return get(context, context.task().files(), fd.getNumber(), target(fd));
  }

  /** As {@link #get(CallContext, Fd)}, for a number without annotation. */
  public static Lookup get(CallContext context, int number) {
    return get(context, context.task().files(), number, null);
  }

  /** fdget(): as {@link #get(CallContext, Fd)}, but an O_PATH descriptor does not count. */
  public static Lookup getFile(CallContext context, Fd fd) {
    Lookup found = get(context, fd);
    boolean path = found instanceof Open open && open.description().pathOnly();
    return path && context.refuse("C2.9 O_PATH") ? NotOpen.IT : found;
  }

  /** What a call returns that needs an open descriptor and has none. */
  public static Result failure(CallContext context, Lookup found) {
    return switch (found) {
      case NotOpen closed -> context.fail(Errno.EBADF, "C2 fd not open");
      case NotSeen unseen -> new Result.Unknown("a descriptor that the log has not shown");
      case Open open -> throw new IllegalArgumentException("it is open");
    };
  }

  private static Lookup get(CallContext context, long tableKey, int number, Bytes target) {
    KernelState state = context.state();
    FdSlot slot = state.fd(tableKey, number);
    if (slot != null) {
      OpenFileDescription file = state.descriptions.require(slot.description());
      if (target != null && file.kind() == FileKind.PATH) {
        FdInference.learnDevice(context, file, target);
      }
      return new Open(slot, file);
    }
    if (number < 0) {
      return NotOpen.IT;
    }
    FdTable table = state.fdTables.get(tableKey);
    boolean complete = table == null || table.complete();
    if (target != null || context.assuming()) {
      slot = FdInference.infer(context, tableKey, number, target);
      return new Open(slot, state.descriptions.require(slot.description()));
    }
    return complete ? NotOpen.IT : NotSeen.IT;
  }

  /** What -y or -yy printed behind the number; null if nothing. */
  public static Bytes target(Fd fd) {
    return fd.getTarget() == null ? null : Bytes.of(fd.getTarget());
  }

  /**
   * alloc_fd() and fd_install(): the lowest free number, or what the kernel is known to have
   * chosen. The description must have its row. EMFILE leaves it without a reference: it is
   * released.
   */
  public static Result install(CallContext context, OpenFileDescription file, boolean cloexec) {
    return installFrom(context, file, cloexec, 0);
  }

  /** As {@link #install}, from a number on. */
  public static Result installFrom(
      CallContext context, OpenFileDescription file, boolean cloexec, int from) {
    long table = context.task().files();
    int free = lowestFree(context.state(), table, from);
    if (free >= Limits.files(context) && context.refuse("C2.1 RLIMIT_NOFILE")) {
      FilePut.put(context, file.key());
      return context.fail(Errno.EMFILE, "C2.1 RLIMIT_NOFILE");
    }
    int number = (int) context.observedOr(free);
    place(context, number, file.key(), cloexec);
    return Result.value(complete(context.state(), table) ? free : number);
  }

  /**
   * Installs several descriptors, as pipe(2) does.
   *
   * @param shown what the trace shows of them, null if nothing
   * @return their numbers; null for EMFILE
   */
  public static int[] installAll(
      CallContext context, List<OpenFileDescription> files, boolean cloexec, List<Fd> shown) {
    int[] numbers = new int[files.size()];
    for (int i = 0; i < numbers.length; i++) {
      int free = lowestFree(context.state(), context.task().files(), 0);
      if (free >= Limits.files(context) && context.refuse("C2.1 RLIMIT_NOFILE")) {
        return null;
      }
      boolean known = context.succeeded() && shown != null && i < shown.size();
      numbers[i] = known ? shown.get(i).getNumber() : free;
      place(context, numbers[i], files.get(i).key(), cloexec);
    }
    return numbers;
  }

  /** Puts a description into a slot of the caller's table; one that is there is closed. */
  public static void place(CallContext context, int number, long description, boolean cloexec) {
    long table = context.task().files();
    FdSlot old = context.state().fd(table, number);
    if (old != null) {
      FilePut.close(context, old);
    }
    context.emit(
        new FdChange.Installed(
            new FdSlot(
                FdSlot.key(table, number), table, number, description, cloexec, context.position()),
            context.taskKey()));
  }

  /** The lowest number from {@code from} on that is not in use. */
  public static int lowestFree(KernelState state, long table, int from) {
    Index<FdSlot> slots = state.fdsByTable;
    int first = slots.lowerBound(table, FdSlot.key(table, from));
    int low = first;
    int high = slots.count(table);
    // Up to the first gap, the slot at place i has the number from + i - first.
    while (low < high) {
      int mid = (low + high) >>> 1;
      if (slots.keyAt(table, mid) == FdSlot.key(table, from + mid - first)) {
        low = mid + 1;
      } else {
        high = mid;
      }
    }
    return from + low - first;
  }

  /** Whether all open descriptors of a table are known. */
  public static boolean complete(KernelState state, long table) {
    FdTable row = state.fdTables.get(table);
    return row == null || row.complete();
  }

  /** dup_fd(): a private copy with the same descriptions. Returns the key of the new table. */
  public static long copy(CallContext context, long table) {
    return copy(context, table, Integer.MAX_VALUE);
  }

  /** A table with standard input, output and error of another, and no more. */
  public static long standard(CallContext context, long table) {
    return copy(context, table, 2);
  }

  private static long copy(CallContext context, long table, int highest) {
    KernelState state = context.state();
    FdTable made = new FdTable(context.newKey(), complete(state, table));
    context.put(Tables.FD_TABLES, made);
    for (long key : state.fdsByTable.keys(table)) {
      FdSlot slot = state.fds.get(key);
      if (slot.fd() > highest) {
        continue;
      }
      context.put(
          Tables.FDS,
          new FdSlot(
              FdSlot.key(made.key(), slot.fd()),
              made.key(),
              slot.fd(),
              slot.description(),
              slot.closeOnExec(),
              slot.since()));
      FdTrails.copied(context, slot, FdSlot.key(made.key(), slot.fd()));
    }
    return made.key();
  }

  /** unshare_files(): gives the calling task a table of its own if others use it, too. */
  public static void unshare(CallContext context) {
    Task task = context.task();
    if (context.state().tasksByFiles.count(task.files()) > 1) {
      long own = copy(context, task.files());
      context.emit(new TaskChange.Changed(context.task().withFiles(own)));
    }
  }

  /** do_close_on_exec() of the calling task's table, lowest number first. */
  public static void closeOnExec(CallContext context) {
    KernelState state = context.state();
    for (long key : state.fdsByTable.keys(context.task().files())) {
      FdSlot slot = state.fds.get(key);
      if (slot != null && slot.closeOnExec()) {
        FilePut.close(context, slot);
      }
    }
  }

  /**
   * put_files_struct(): call when a task no longer has the table. The last one closes all, lowest
   * number first.
   */
  public static void releaseTable(CallContext context, long table) {
    KernelState state = context.state();
    if (table == 0 || state.tasksByFiles.count(table) > 0) {
      return;
    }
    for (long key : state.fdsByTable.keys(table)) {
      FdSlot slot = state.fds.get(key);
      if (slot != null) {
        FilePut.close(context, slot);
      }
    }
    context.remove(Tables.FD_TABLES, table);
  }
}
