package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.file.Access;
import io.kledger.engine.file.FdTables;
import io.kledger.engine.file.Idmapped;
import io.kledger.engine.file.PathWalk;
import io.kledger.engine.mount.MountLife;
import io.kledger.event.Bytes;
import io.kledger.event.avro.ChdirCall;
import io.kledger.event.avro.FchdirCall;
import io.kledger.event.avro.GetcwdCall;
import io.kledger.event.avro.Text;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.path.PathText;
import io.kledger.kernel.task.FsStruct;

/** The working directory: chdir(2), fchdir(2), getcwd(2). */
final class CwdCalls {
  private CwdCalls() {}

  static void register(SyscallTable.Builder table) {
    table
        .full(ChdirCall.class, CwdCalls::chdir)
        .full(FchdirCall.class, CwdCalls::fchdir)
        .full(GetcwdCall.class, CwdCalls::getcwd);
  }

  private static Result chdir(CallContext context, ChdirCall call) {
    PathWalk.Walk walk =
        PathWalk.walk(context, null, call.getPath(), PathWalk.FOLLOW | PathWalk.DIRECTORY);
    return walk instanceof PathWalk.Found found
        ? enter(context, found.place())
        : Walks.failure(context, walk);
  }

  private static Result fchdir(CallContext context, FchdirCall call) {
    return switch (FdTables.get(context, call.getFd())) {
      case FdTables.NotOpen none -> context.fail(Errno.EBADF, "fd not open");
      case FdTables.NotSeen none -> new Result.Unknown("fd was never seen");
      case FdTables.Open open -> {
        Dentry dentry = context.state().dentries.get(open.description().place().dentry());
        Inode inode = Names.inode(context.state(), dentry);
        boolean other = dentry == null || inode != null && inode.typeKnown() && !inode.directory();
        yield other && context.refuse("fchdir: not a directory")
            ? context.fail(Errno.ENOTDIR, "fchdir: not a directory")
            : enter(context, open.description().place());
      }
    };
  }

  /** set_fs_pwd(). */
  private static Result enter(CallContext context, Place place) {
    KernelState state = context.state();
    if (!place.known()) {
      return new Result.Unknown("where the directory is");
    }
    Inode raw = Names.inode(state, state.dentries.get(place.dentry()));
    Inode inode = Idmapped.judged(state, place.mount(), raw);
    boolean allowed =
        Access.allowed(state, context.task().credentials(), inode, place.mount(), Access.EXEC);
    if (!allowed && context.refuse("chdir: search permission")) {
      return context.fail(Errno.EACCES, "chdir: search permission");
    }
    FsStruct fs = state.fs.get(context.task().fs());
    if (fs != null && !fs.cwd().equals(place)) {
      context.put(Tables.FS, fs.withCwd(place));
      MountLife.releaseIfUnused(context, fs.cwd().mount());
    }
    return Result.ZERO;
  }

  private static Result getcwd(CallContext context, GetcwdCall call) {
    KernelState state = context.state();
    FsStruct fs = state.fs.get(context.task().fs());
    if (fs == null || !fs.cwd().known()) {
      return new Result.Unknown("the working directory");
    }
    if (PathText.unlinked(state, fs.cwd())) {
      return context.fail(Errno.ENOENT, "getcwd: removed");
    }
    Bytes path = PathText.cwd(state, fs.cwd(), fs.root());
    if (path.length() + 1 > call.getSize()) {
      return context.fail(Errno.ERANGE, "getcwd: buffer");
    }
    Text text = new Text(path.toBuffer(), false, null);
    return Result.value(path.length() + 1L, new GetcwdCall(text, call.getSize()));
  }
}
