package io.kledger.engine.task;

import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.file.FdTables;
import io.kledger.event.Bytes;
import io.kledger.kernel.change.FdChange;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.task.Task;

/** Descriptors that refer to processes: pidfd_prepare() in kernel/fork.c. */
public final class PidfdFiles {
  /** PIDFD_THREAD. */
  public static final long THREAD = 0200;

  /** Proposed: PIDFD_GROUP_LEADER. */
  public static final long GROUP_LEADER = 0100;

  /** PIDFD_NONBLOCK. */
  public static final long NONBLOCK = 04000;

  private static final long O_RDWR = 2;
  private static final Bytes NAME = Bytes.of("anon_inode:[pidfd]");

  private PidfdFiles() {}

  /**
   * Opens a pidfd in the calling task.
   *
   * @param flags PIDFD_* flags
   * @param number what the trace shows, -1 if it does not
   */
  public static Result install(CallContext context, Task target, long flags, int number) {
    OpenFileDescription file = describe(context, target, O_RDWR | flags);
    if (number >= 0) {
      FdTables.place(context, number, file.key(), true);
      return Result.value(number);
    }
    return FdTables.install(context, file, true);
  }

  /** Opens a pidfd by its file handle, with the flags of open(2). */
  public static Result opened(CallContext context, Task target, long flags, boolean cloexec) {
    return FdTables.install(context, describe(context, target, flags), cloexec);
  }

  private static OpenFileDescription describe(CallContext context, Task target, long flags) {
    OpenFileDescription file =
        new OpenFileDescription(
            context.newKey(),
            FileKind.PIDFD,
            Place.UNKNOWN,
            Pidfs.inode(context, target.pid()),
            flags,
            0,
            target.pid(),
            NAME,
            0,
            context.taskKey(),
            context.position(),
            false);
    context.emit(new FdChange.Opened(file));
    return file;
  }
}
