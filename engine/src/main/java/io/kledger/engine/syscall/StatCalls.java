package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.file.FdTables;
import io.kledger.engine.file.FdTables.Open;
import io.kledger.engine.file.Idmapped;
import io.kledger.engine.file.PathWalk;
import io.kledger.engine.file.StatusNews;
import io.kledger.engine.ns.IdMap;
import io.kledger.event.Bytes;
import io.kledger.event.avro.Fd;
import io.kledger.event.avro.FileStatus;
import io.kledger.event.avro.FstatCall;
import io.kledger.event.avro.LstatCall;
import io.kledger.event.avro.NewfstatatCall;
import io.kledger.event.avro.Raw;
import io.kledger.event.avro.ReadlinkCall;
import io.kledger.event.avro.ReadlinkatCall;
import io.kledger.event.avro.StatCall;
import io.kledger.event.avro.StatfsCall;
import io.kledger.event.avro.StatxCall;
import io.kledger.event.avro.Text;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.ns.Namespace;

/** Calls that ask for the attributes of a file: fs/stat.c. */
public final class StatCalls {
  private static final long AT_SYMLINK_NOFOLLOW = 0x100;
  private static final long AT_NO_AUTOMOUNT = 0x800;
  private static final long AT_EMPTY_PATH = 0x1000;
  private static final long AT_STATX_SYNC_TYPE = 0x6000;

  private StatCalls() {}

  /** Adds the calls of this family. */
  public static void register(SyscallTable.Builder table) {
    table
        .full(
            StatCall.class,
            (c, call) -> {
              Answer answer = stat(c, null, call.getPath(), 0, call.getStatus());
              return answer.with(status -> StatCall.newBuilder(call).setStatus(status).build());
            })
        .full(
            LstatCall.class,
            (c, call) -> {
              Answer answer = stat(c, null, call.getPath(), AT_SYMLINK_NOFOLLOW, call.getStatus());
              return answer.with(status -> LstatCall.newBuilder(call).setStatus(status).build());
            })
        .full(FstatCall.class, StatCalls::fstat)
        .full(NewfstatatCall.class, StatCalls::fstatat)
        .partial(StatxCall.class, "times of files other than pidfds", StatCalls::statx)
        .partial(
            StatfsCall.class,
            "the numbers",
            (c, call) -> {
              PathWalk.Walk walk = PathWalk.walk(c, null, call.getPath(), PathWalk.FOLLOW);
              Result result = found(c, walk);
              Raw status =
                  walk instanceof PathWalk.Found found
                      ? StatfsAnswer.of(c, inode(c.state(), found))
                      : null;
              return status == null || result != Result.ZERO
                  ? result
                  : Result.value(0, StatfsCall.newBuilder(call).setStatus(status).build());
            })
        .full(
            ReadlinkCall.class,
            (c, call) -> {
              Link link =
                  readlink(c, null, call.getPath(), call.getTarget(), call.getSize(), false);
              return link.with(t -> ReadlinkCall.newBuilder(call).setTarget(t).build());
            })
        .full(
            ReadlinkatCall.class,
            (c, call) -> {
              Link link =
                  readlink(
                      c, call.getDirfd(), call.getPath(), call.getTarget(), call.getSize(), true);
              return link.with(t -> ReadlinkatCall.newBuilder(call).setTarget(t).build());
            });
  }

  /** What readlink(2) returns, and where the link leads; null if it failed or is not known. */
  private record Link(Result result, Text target) {
    Result with(java.util.function.Function<Text, org.apache.avro.specific.SpecificRecord> fill) {
      return target == null
          ? result
          : Result.value(((Result.Done) result).value(), fill.apply(target));
    }
  }

  /** A result, and in a simulation what the structure holds. */
  private record Answer(Result result, FileStatus status, Inode inode, Place place) {
    Result with(
        java.util.function.Function<FileStatus, org.apache.avro.specific.SpecificRecord> fill) {
      return status == null ? result : Result.value(0, fill.apply(status));
    }
  }

  private static Result found(CallContext context, PathWalk.Walk walk) {
    return walk instanceof PathWalk.Found ? Result.ZERO : Walks.failure(context, walk);
  }

  private static Answer stat(
      CallContext context, Fd dirfd, Text path, long flags, FileStatus shown) {
    int how =
        ((flags & AT_SYMLINK_NOFOLLOW) != 0 ? 0 : PathWalk.FOLLOW)
            | ((flags & AT_EMPTY_PATH) != 0 ? PathWalk.EMPTY_PATH : 0);
    Long mode = shown == null ? null : shown.getMode();
    int type = mode == null ? 0 : (int) (mode & Inode.S_IFMT);
    PathWalk.Walk walk = PathWalk.walk(context, dirfd, path, how, type, 0);
    if (!(walk instanceof PathWalk.Found found)) {
      return new Answer(Walks.failure(context, walk), null, null, null);
    }
    return answer(context, inode(context.state(), found), found.place(), shown);
  }

  private static Inode inode(KernelState state, PathWalk.Found found) {
    OpenFileDescription file = state.descriptions.get(found.description());
    return file != null && file.inode() != 0
        ? state.inodes.get(file.inode())
        : Names.inode(state, found.place());
  }

  private static Answer answer(CallContext context, Inode inode, Place place, FileStatus shown) {
    StatusNews.learn(context, inode, place.dentry(), shown);
    if (!context.simulated() || inode == null) {
      return new Answer(Result.ZERO, null, inode, place);
    }
    Inode seen = seen(context, place.mount(), inode);
    return new Answer(Result.ZERO, StatusNews.of(context.state(), seen), seen, place);
  }

  /** Owners as the mount shows them, in the numbers of the caller's user namespace: cp_statx(). */
  private static Inode seen(CallContext context, long mount, Inode inode) {
    Inode mapped = Idmapped.view(context.state(), mount, inode);
    long own = context.task().credentials().userNs();
    return mapped.uid() == -1
        ? mapped
        : mapped.withOwner(
            IdMap.shown(context.state(), own, mapped.uid(), false),
            IdMap.shown(context.state(), own, mapped.gid(), true));
  }

  static Result fstat(CallContext context, FstatCall call) {
    FdTables.Lookup found = FdTables.get(context, call.getFd());
    if (!(found instanceof Open open)) {
      return FdTables.failure(context, found);
    }
    Inode inode = context.state().inodes.get(open.description().inode());
    Namespace namespace = context.state().namespaces.get(open.description().object());
    if (open.description().kind() == FileKind.NAMESPACE && namespace != null) {
      return context.simulated()
          ? Result.value(0, FstatCall.newBuilder(call).setStatus(StatusNews.of(namespace)).build())
          : Result.ZERO;
    }
    return answer(context, inode, open.description().place(), call.getStatus())
        .with(status -> FstatCall.newBuilder(call).setStatus(status).build());
  }

  static Result fstatat(CallContext context, NewfstatatCall call) {
    long known = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_SYNC_TYPE;
    if ((call.getFlags() & ~known) != 0 && context.refuse("vfs_fstatat: flags")) {
      return context.fail(Errno.EINVAL, "vfs_fstatat: flags");
    }
    return stat(context, call.getDirfd(), call.getPath(), call.getFlags(), call.getStatus())
        .with(status -> NewfstatatCall.newBuilder(call).setStatus(status).build());
  }

  static Result statx(CallContext context, StatxCall call) {
    long flags = call.getFlags();
    long known = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_SYNC_TYPE;
    boolean bad =
        (flags & ~known) != 0
            || (flags & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE
            || (call.getMask() & 0x80000000L) != 0;
    if (bad && context.refuse("do_statx: flags")) {
      return context.fail(Errno.EINVAL, "do_statx: flags");
    }
    boolean null0 = call.getPath() == null && (flags & AT_EMPTY_PATH) != 0;
    Text path = null0 ? new Text(Bytes.EMPTY.toBuffer(), false, null) : call.getPath();
    Answer answer = stat(context, call.getDirfd(), path, flags, null);
    return answer.status() == null
        ? answer.result()
        : Result.value(
            0,
            StatxCall.newBuilder(call)
                .setStatus(StatxAnswer.of(context, answer.inode(), answer.place(), call.getMask()))
                .build());
  }

  private static Link readlink(
      CallContext context, Fd dirfd, Text path, Text shown, long size, boolean at) {
    if ((int) size <= 0 && context.refuse("readlink: size")) {
      return new Link(context.fail(Errno.EINVAL, "readlink: size"), null);
    }
    PathWalk.Walk walk =
        PathWalk.walk(context, dirfd, path, at ? PathWalk.EMPTY_PATH : 0, Inode.S_IFLNK, 0);
    if (!(walk instanceof PathWalk.Found found)) {
      return new Link(Walks.failure(context, walk), null);
    }
    KernelState state = context.state();
    Inode inode = Names.inode(state, found.place());
    boolean empty = path.getValue().remaining() == 0;
    if (inode == null || !inode.typeKnown()) {
      return new Link(learned(context, inode, shown), null);
    }
    if (!inode.symlink() && context.refuse("readlink: not a link")) {
      return new Link(
          context.fail(empty ? Errno.ENOENT : Errno.EINVAL, "readlink: not a link"), null);
    }
    int refusal = MagicLinks.refusal(context, found.place().dentry());
    if (refusal != 0 && context.refuse("C7.8 link of /proc")) {
      return new Link(context.fail(refusal, "C7.8 link of /proc"), null);
    }
    Bytes target = MagicLinks.target(context, found.place().dentry());
    if (target == null) {
      target = inode.target();
    }
    if (target.isEmpty()) {
      return new Link(learned(context, inode, shown), null);
    }
    int length = (int) Math.min(target.length(), size);
    Text text =
        context.simulated() ? new Text(target.slice(0, length).toBuffer(), false, null) : null;
    return new Link(Result.value(length), text);
  }

  /** The trace shows where a link leads that the ledger knew only by name. */
  private static Result learned(CallContext context, Inode inode, Text shown) {
    if (!context.assuming()) {
      return new Result.Unknown("target of a symbolic link");
    }
    long length = context.observedOr(0);
    boolean whole = shown != null && !shown.getCut() && shown.getValue().remaining() == length;
    if (inode != null && whole && MagicLinks.plain(context, inode)) {
      context.put(
          Tables.INODES,
          inode
              .withMode(inode.mode() & ~Inode.S_IFMT | Inode.S_IFLNK)
              .withTarget(Bytes.of(shown.getValue())));
    }
    return Result.value(length);
  }
}
