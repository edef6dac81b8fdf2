package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.binfmt.Binfmt;
import io.kledger.engine.file.PathWalk;
import io.kledger.engine.task.Exec;
import io.kledger.engine.task.Kernel;
import io.kledger.event.Bytes;
import io.kledger.event.avro.ExecveCall;
import io.kledger.event.avro.ExecveatCall;
import io.kledger.event.avro.Fd;
import io.kledger.event.avro.Phase;
import io.kledger.event.avro.Syscall;
import io.kledger.event.avro.TaskSuperseded;
import io.kledger.event.avro.Text;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.binfmt.BinfmtEntry;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.FdSlot;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;

/** execve(2), execveat(2): fs/exec.c. */
final class ExecCalls {
  private static final long AT_SYMLINK_NOFOLLOW = 0x100;
  private static final long AT_EMPTY_PATH = 0x1000;
  private static final long AT_EXECVE_CHECK = 0x10000;
  private static final long MS_NOEXEC = 8;
  private static final long O_ACCMODE = 3;

  /** exec_binprm(): so many scripts may be interpreters of one another. */
  private static final int DEEPEST = 5;

  private ExecCalls() {}

  static void register(SyscallTable.Builder table) {
    String missing = "E2BIG; ENOEXEC and interpreters only of files whose content is known";
    table.partial(
        ExecveCall.class, missing, (context, call) -> run(context, null, call.getPath(), 0));
    table.partial(
        ExecveatCall.class,
        missing,
        (context, call) -> run(context, call.getDirfd(), call.getPath(), call.getFlags()));
    table.body(TaskSuperseded.class, (context, body) -> Exec.superseded(context, body.getBy()));
  }

  private static Result run(CallContext context, Fd dirfd, Text path, long flags) {
    long known = AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW;
    known |= context.profile().atLeast(6, 14) ? AT_EXECVE_CHECK : 0;
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
          context.assuming() ? succeed(context, dirfd, path, null) : unknown(unknown);
      case PathWalk.Found found -> found(context, dirfd, found, path, flags);
    };
  }

  private static Result unknown(PathWalk.Unknown unknown) {
    return new Result.Unknown(unknown.reason());
  }

  /** A file on the way to the one that is loaded. */
  private record Loaded(PathWalk.Found found, Place place, Inode inode) {
    Exec.Image image() {
      return inode == null ? null : new Exec.Image(place, inode);
    }
  }

  private static Loaded loaded(KernelState state, PathWalk.Found found) {
    OpenFileDescription open = state.descriptions.get(found.description());
    Dentry dentry = state.dentries.get(found.place().dentry());
    Inode inode =
        dentry != null
            ? state.inodes.get(dentry.inode())
            : open == null ? null : state.inodes.get(open.inode());
    Place place = found.place().known() || open == null ? found.place() : open.place();
    return new Loaded(found, place, inode);
  }

  private static Result found(
      CallContext context, Fd dirfd, PathWalk.Found found, Text path, long flags) {
    Loaded file = loaded(context.state(), found);
    Result refused = check(context, found, file.inode(), flags);
    if (refused != null) {
      return refused;
    }
    if ((flags & AT_EXECVE_CHECK) != 0) {
      return Result.ZERO;
    }
    boolean hidden = inaccessible(context, dirfd, path);
    Bytes name = path == null ? Bytes.EMPTY : Bytes.of(path.getValue());
    for (int depth = 0; Kernel.runs(context); depth++) {
      if (depth > DEEPEST) {
        return context.fail(Errno.ELOOP, "C3.2 interpreters of interpreters");
      }
      BinfmtEntry misc = Binfmt.find(context, name, file.inode());
      BinaryFormat.Kind kind =
          misc == null
              ? BinaryFormat.of(context.state(), file.inode())
              : new BinaryFormat.Script(misc.interpreter());
      if (kind instanceof BinaryFormat.Unrecognised) {
        return context.fail(Errno.ENOEXEC, "C3.2 no format knows it");
      }
      if (!(kind instanceof BinaryFormat.Script script)) {
        break;
      }
      if (hidden) {
        return context.fail(Errno.ENOENT, "F40 the script's fd is closed on exec");
      }
      name = script.interpreter();
      Text interpreter = new Text(script.interpreter().toBuffer(), false, null);
      PathWalk.Walk walk =
          misc != null && misc.opened().known()
              ? new PathWalk.Found(misc.opened(), 0, 0)
              : PathWalk.walk(context, null, interpreter, PathWalk.FOLLOW);
      switch (walk) {
        case PathWalk.Refused no -> {
          return context.fail(no.errno(), no.rule());
        }
        case PathWalk.Missing no -> {
          return context.fail(Errno.ENOENT, "C3.2 no such interpreter");
        }
        case PathWalk.Unknown no -> {
          return unknown(no);
        }
        case PathWalk.Found next -> file = loaded(context.state(), next);
      }
      refused = check(context, file.found(), file.inode(), 0);
      if (refused != null) {
        return refused;
      }
    }
    return succeed(context, dirfd, path, file);
  }

  /** BINPRM_FLAGS_PATH_INACCESSIBLE: the name by an fd that is closed before anyone opens it. */
  private static boolean inaccessible(CallContext context, Fd dirfd, Text path) {
    boolean absolute = path.getValue().hasRemaining() && Bytes.of(path.getValue()).at(0) == '/';
    if (absolute || dirfd == null || dirfd.getNumber() == PathWalk.AT_FDCWD) {
      return false;
    }
    FdSlot slot = context.state().fd(context.task().files(), dirfd.getNumber());
    return slot != null && slot.closeOnExec();
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

  /** i_writecount: that a memory file's own descriptor may write does not count. */
  private static boolean writers(KernelState state, Inode inode) {
    for (long key : state.descriptionsByInode.keys(inode.key())) {
      OpenFileDescription file = state.descriptions.get(key);
      boolean counts = !file.pathOnly() && !file.inferred() && file.kind() != FileKind.MEMFD;
      if ((file.flags() & O_ACCMODE) != 0 && counts) {
        return true;
      }
    }
    return false;
  }

  private static Result succeed(CallContext context, Fd dirfd, Text path, Loaded file) {
    if (context.observed() != null && !context.succeeded()) {
      return new Result.Unknown("whether the file is a program");
    }
    boolean begins =
        context.event().getBody() instanceof Syscall call && call.getPhase() == Phase.ENTERED;
    if (begins && Kernel.runs(context) && Exec.hasOthers(context)) {
      Exec.endOthers(context);
      return new Result.Blocked("the end of the other threads");
    }
    Exec.run(context, comm(context, dirfd, path, file), file == null ? null : file.image());
    return Result.ZERO;
  }

  /**
   * The last component as given; of an fd without a path the name of its file, before 6.14 the
   * number of the fd. Null = not known.
   */
  private static Bytes comm(CallContext context, Fd dirfd, Text path, Loaded file) {
    if (path == null || path.getAddress() != null || path.getCut()) {
      return null;
    }
    Bytes text = Bytes.of(path.getValue());
    if (text.isEmpty()) {
      if (!context.profile().has(KernelFeature.EXEC_COMM)) {
        return dirfd == null ? null : Bytes.of(Integer.toString(dirfd.getNumber()));
      }
      return file == null ? null : fileName(context.state(), file.found());
    }
    int start = 0;
    for (int slash = text.indexOf('/', 0); slash >= 0; slash = text.indexOf('/', start)) {
      start = slash + 1;
    }
    return text.slice(start, text.length());
  }

  private static Bytes fileName(KernelState state, PathWalk.Found found) {
    Dentry dentry = state.dentries.get(found.place().dentry());
    if (dentry != null) {
      return dentry.name();
    }
    OpenFileDescription open = state.descriptions.get(found.description());
    if (open == null || open.kind() != FileKind.MEMFD) {
      return null;
    }
    String name = open.name().latin1().replaceFirst("^/", "").replaceFirst(" \\(deleted\\)$", "");
    return Bytes.of(name);
  }
}
