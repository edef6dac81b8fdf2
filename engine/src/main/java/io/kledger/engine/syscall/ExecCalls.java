package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.file.PathWalk;
import io.kledger.engine.task.Exec;
import io.kledger.event.Bytes;
import io.kledger.event.avro.ExecveCall;
import io.kledger.event.avro.ExecveatCall;
import io.kledger.event.avro.Fd;
import io.kledger.event.avro.TaskSuperseded;
import io.kledger.event.avro.Text;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.mount.Mount;

/** execve(2), execveat(2): fs/exec.c. */
final class ExecCalls {
  private static final long AT_SYMLINK_NOFOLLOW = 0x100;
  private static final long AT_EMPTY_PATH = 0x1000;
  private static final long AT_EXECVE_CHECK = 0x10000;
  private static final long MS_NOEXEC = 8;
  private static final long O_ACCMODE = 3;

  private ExecCalls() {}

  static void register(SyscallTable.Builder table) {
    String missing = "E2BIG, ENOEXEC and the interpreter of scripts need the files' content";
    table.partial(
        ExecveCall.class, missing, (context, call) -> run(context, null, call.getPath(), 0));
    table.partial(
        ExecveatCall.class,
        missing,
        (context, call) -> run(context, call.getDirfd(), call.getPath(), call.getFlags()));
    table.body(TaskSuperseded.class, (context, body) -> Exec.superseded(context, body.getBy()));
  }

  private static Result run(CallContext context, Fd dirfd, Text path, long flags) {
    long known = AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW | AT_EXECVE_CHECK;
    if ((flags & ~known) != 0 && context.refuse("C3.2 flags")) {
      return context.fail(Errno.EINVAL, "C3.2 flags");
    }
    int how = (flags & AT_SYMLINK_NOFOLLOW) == 0 ? PathWalk.FOLLOW : 0;
    how |= (flags & AT_EMPTY_PATH) == 0 ? 0 : PathWalk.EMPTY_PATH;
    PathWalk.Walk walk = PathWalk.walk(context, dirfd, path, how, Inode.S_IFREG, 0);
    return switch (walk) {
      case PathWalk.Refused refused -> context.fail(refused.errno(), refused.rule());
      case PathWalk.Missing missing -> context.fail(Errno.ENOENT, "C3.2 no such file");
      case PathWalk.Unknown unknown ->
          context.assuming() ? succeed(context, path, null) : unknown(unknown);
      case PathWalk.Found found -> found(context, found, path, flags);
    };
  }

  private static Result unknown(PathWalk.Unknown unknown) {
    return new Result.Unknown(unknown.reason());
  }

  private static Result found(CallContext context, PathWalk.Found found, Text path, long flags) {
    KernelState state = context.state();
    OpenFileDescription open = state.descriptions.get(found.description());
    Dentry dentry = state.dentries.get(found.place().dentry());
    Inode inode =
        dentry != null
            ? state.inodes.get(dentry.inode())
            : open == null ? null : state.inodes.get(open.inode());
    Result refused = check(context, found, inode, flags);
    if (refused != null) {
      return refused;
    }
    return (flags & AT_EXECVE_CHECK) != 0 ? Result.ZERO : succeed(context, path, dentry);
  }

  private static Result check(CallContext context, PathWalk.Found found, Inode inode, long flags) {
    if (inode == null) {
      return context.assuming() ? null : new Result.Unknown("what file this is");
    }
    if (inode.symlink() && (flags & AT_SYMLINK_NOFOLLOW) != 0 && context.refuse("C3.2 symlink")) {
      return context.fail(Errno.ELOOP, "C3.2 symlink");
    }
    boolean bits = (inode.mode() & 07777) != 0 || !inode.inferred();
    boolean executable = !bits || (inode.mode() & 0111) != 0;
    boolean regular = !inode.typeKnown() || inode.regular();
    if ((!regular || !executable || noexec(context.state(), found))
        && context.refuse("C3.2 no program")) {
      return context.fail(Errno.EACCES, "C3.2 no program");
    }
    if (writers(context.state(), inode) && context.refuse("C3.2 open for writing")) {
      return context.fail(Errno.ETXTBSY, "C3.2 open for writing");
    }
    return null;
  }

  private static boolean noexec(KernelState state, PathWalk.Found found) {
    Mount mount = state.mounts.get(found.place().mount());
    return mount != null && (mount.flags() & MS_NOEXEC) != 0;
  }

  private static boolean writers(KernelState state, Inode inode) {
    for (long key : state.descriptionsByInode.keys(inode.key())) {
      OpenFileDescription file = state.descriptions.get(key);
      if ((file.flags() & O_ACCMODE) != 0 && !file.inferred()) {
        return true;
      }
    }
    return false;
  }

  private static Result succeed(CallContext context, Text path, Dentry dentry) {
    if (context.observed() != null && !context.succeeded()) {
      return new Result.Unknown("whether the file is a program");
    }
    Exec.run(context, comm(path, dentry));
    return Result.ZERO;
  }

  /**
   * The last component as given; of an fd without a path the name of its file. Null = not known.
   */
  private static Bytes comm(Text path, Dentry dentry) {
    if (path == null || path.getAddress() != null || path.getCut()) {
      return null;
    }
    Bytes text = Bytes.of(path.getValue());
    if (text.isEmpty()) {
      return dentry == null ? null : dentry.name();
    }
    int start = 0;
    for (int slash = text.indexOf('/', 0); slash >= 0; slash = text.indexOf('/', start)) {
      start = slash + 1;
    }
    return text.slice(start, text.length());
  }
}
