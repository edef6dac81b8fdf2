package io.kledger.engine.file;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.task.Exec;
import io.kledger.event.Bytes;
import io.kledger.kernel.change.TaskChange;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.task.Task;

/** /proc/PID/comm: comm_write() and comm_show() of fs/proc/base.c. */
public final class ProcComm {
  private static final Bytes COMM = Bytes.of("comm");

  private ProcComm() {}

  /**
   * A thread of the writer's own process gets this name, cut at 15 bytes; null if the file is
   * another one.
   */
  public static Result write(CallContext context, OpenFileDescription file, Bytes data) {
    if (!is(context, file)) {
      return null;
    }
    Task task = ProcPlace.task(context, context.state().dentries.get(file.place().dentry()));
    if (task == null) {
      return context.simulated() ? context.fail(Errno.ESRCH, "F40 no such task") : null;
    }
    if (task.group() != context.task().group()) {
      return context.refuse("F40 another process")
          ? context.fail(Errno.EINVAL, "F40 another process")
          : null;
    }
    int zero = data.indexOf('\0', 0);
    Bytes name = Exec.cut(zero < 0 ? data : data.slice(0, zero));
    if (!name.equals(task.comm())) {
      context.emit(new TaskChange.CommChanged(task.withComm(name)));
    }
    return Result.value(data.length());
  }

  /** What a read shows; null if the file is another one or the task is gone. */
  public static Bytes read(CallContext context, OpenFileDescription file) {
    if (!is(context, file)) {
      return null;
    }
    Task task = ProcPlace.task(context, context.state().dentries.get(file.place().dentry()));
    return task == null ? null : task.comm().plus(Bytes.of("\n"));
  }

  private static boolean is(CallContext context, OpenFileDescription file) {
    Dentry name = context.state().dentries.get(file.place().dentry());
    return name != null
        && name.name().equals(COMM)
        && context.state().superblocks.require(name.superblock()).type().equals(Bytes.of("proc"));
  }
}
