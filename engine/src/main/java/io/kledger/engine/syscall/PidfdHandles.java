package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.file.OpenFlags;
import io.kledger.engine.task.PidNumbers;
import io.kledger.engine.task.PidfdFiles;
import io.kledger.event.Bytes;
import io.kledger.event.avro.NameToHandleAtCall;
import io.kledger.event.avro.OpenByHandleAtCall;
import io.kledger.event.avro.Raw;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.task.Pid;
import io.kledger.kernel.task.Task;

/**
 * File handles of pidfds (since 6.14): the inode number that a task keeps while it has numbers,
 * pidfs_export_operations in fs/pidfs.c.
 */
final class PidfdHandles {
  /** FD_PIDFS_ROOT: in place of a descriptor, the filesystem of pidfds. */
  static final int ROOT = -10002;

  /** FILEID_KERNFS. */
  private static final long TYPE = 254;

  private static final int SIZE = 8;

  /** VALID_FILE_HANDLE_OPEN_FLAGS and O_LARGEFILE. */
  private static final long FLAGS =
      OpenFlags.ACCMODE | 04000 | OpenFlags.CLOEXEC | OpenFlags.EXCL | 0100000;

  private PidfdHandles() {}

  static Result name(CallContext context, NameToHandleAtCall call, OpenFileDescription pidfd) {
    RawStruct asked = RawStruct.of(call.getHandle());
    String room = asked == null ? "" : asked.member("handle_bytes");
    long bytes = Arguments.number(room == null ? "" : room, 0);
    if (bytes < SIZE) {
      return context.fail(Errno.EOVERFLOW, "F56 size of a handle");
    }
    Pid pid = context.state().pids.get(pidfd.object());
    if (pid == null) {
      return new Result.Unknown("which task the pidfd is of");
    }
    StringBuilder text = new StringBuilder("{handle_bytes=");
    text.append(bytes == SIZE ? "" : bytes + " => ").append(SIZE);
    text.append(", handle_type=").append(TYPE).append(", f_handle=\"");
    for (int i = 0; i < SIZE; i++) {
      text.append("\\x%02x".formatted(pid.inode() >>> 8 * i & 0xff));
    }
    return Result.value(
        0,
        NameToHandleAtCall.newBuilder(call)
            .setHandle(new Raw(Bytes.of(text + "\"}").toBuffer()))
            .build());
  }

  /** pidfs_export_permission(), pidfs_fh_to_dentry(). */
  static Result open(CallContext context, OpenByHandleAtCall call) {
    if ((call.getFlags() & ~FLAGS) != 0) {
      return context.fail(Errno.EINVAL, "F56 flags");
    }
    RawStruct asked = RawStruct.of(call.getHandle());
    Bytes handle = asked == null ? null : bytes(asked);
    String type = asked == null ? null : asked.member("handle_type");
    if (handle == null) {
      return context.fail(Errno.EINVAL, "open_by_handle_at: handle");
    }
    Task task =
        handle.length() == SIZE && Arguments.number(type == null ? "" : type, 0) == TYPE
            ? task(context, handle)
            : null;
    if (task == null) {
      return context.fail(Errno.ESTALE, "F56 no such task");
    }
    boolean cloexec = (call.getFlags() & OpenFlags.CLOEXEC) != 0;
    return PidfdFiles.opened(context, task, call.getFlags() & ~OpenFlags.CLOEXEC, cloexec);
  }

  /** `"\x01..."` or `0x01...`. */
  private static Bytes bytes(RawStruct asked) {
    Bytes quoted = asked.quoted("f_handle");
    String hex = asked.member("f_handle");
    if (quoted != null || hex == null || !hex.matches("0x([0-9a-fA-F]{2})+")) {
      return quoted;
    }
    return Bytes.wrap(java.util.HexFormat.of().parseHex(hex.substring(2)));
  }

  /** The task with this inode number, if the caller can see it. */
  private static Task task(CallContext context, Bytes handle) {
    long inode = 0;
    for (int i = 0; i < SIZE; i++) {
      inode |= (handle.at(i) & 0xffL) << 8 * i;
    }
    KernelState state = context.state();
    long own = context.task().namespaces().pid();
    for (long key : state.pids.keys()) {
      Pid pid = state.pids.get(key);
      if (pid.inode() == inode && PidNumbers.seenFrom(state, pid, own) > 0) {
        return state.tasksByPid.last(key);
      }
    }
    return null;
  }
}
