package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.file.Dcache;
import io.kledger.engine.file.PathWalk;
import io.kledger.event.Bytes;
import io.kledger.event.avro.Fd;
import io.kledger.event.avro.LinkCall;
import io.kledger.event.avro.LinkatCall;
import io.kledger.event.avro.MkdirCall;
import io.kledger.event.avro.MkdiratCall;
import io.kledger.event.avro.MknodCall;
import io.kledger.event.avro.MknodatCall;
import io.kledger.event.avro.SymlinkCall;
import io.kledger.event.avro.SymlinkatCall;
import io.kledger.event.avro.Text;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.Inode;

/** Calls that make names: mkdir(2), mknod(2), symlink(2), link(2). */
final class CreateCalls {
  private static final long AT_EMPTY_PATH = 0x1000;
  private static final long AT_SYMLINK_FOLLOW = 0x400;

  private CreateCalls() {}

  static void register(SyscallTable.Builder table) {
    table
        .full(MkdirCall.class, (c, call) -> mkdir(c, null, call.getPath(), call.getMode()))
        .full(
            MkdiratCall.class,
            (c, call) -> mkdir(c, call.getDirfd(), call.getPath(), call.getMode()))
        .partial(
            MknodCall.class, "device cgroups",
            (c, call) -> mknod(c, null, call.getPath(), call.getMode(), call.getDev()))
        .partial(
            MknodatCall.class, "device cgroups",
            (c, call) ->
                mknod(c, call.getDirfd(), call.getPath(), call.getMode(), call.getDev()))
        .full(
            SymlinkCall.class, (c, call) -> symlink(c, call.getTarget(), null, call.getPath()))
        .full(
            SymlinkatCall.class,
            (c, call) -> symlink(c, call.getTarget(), call.getDirfd(), call.getPath()))
        .full(
            LinkCall.class,
            (c, call) -> link(c, null, call.getOldpath(), null, call.getNewpath(), 0))
        .partial(
            LinkatCall.class, "AT_LINK_REPLACE",
            (c, call) ->
                link(
                    c, call.getOlddirfd(), call.getOldpath(), call.getNewdirfd(),
                    call.getNewpath(), call.getFlags()));
  }

  private static Result mkdir(CallContext context, Fd dirfd, Text path, long mode) {
    Names.Target target = Names.target(context, dirfd, path, Errno.EEXIST);
    if (!(target instanceof Names.Entry entry)) {
      return ((Names.Stop) target).result();
    }
    Result refused = Names.mayCreate(context, entry, true);
    if (refused != null) {
      return refused;
    }
    Names.create(context, entry, Inode.S_IFDIR, mode & 01777, null);
    return Result.ZERO;
  }

  private static Result mknod(
      CallContext context, Fd dirfd, Text path, long mode, Long device) {
    int type = (int) mode & Inode.S_IFMT;
    int made = type == 0 ? Inode.S_IFREG : type;
    boolean known =
        made == Inode.S_IFREG || made == Inode.S_IFCHR || made == Inode.S_IFBLK
            || made == Inode.S_IFIFO || made == Inode.S_IFSOCK;
    if (!known && context.refuse("may_mknod")) {
      return context.fail(made == Inode.S_IFDIR ? Errno.EPERM : Errno.EINVAL, "may_mknod");
    }
    Names.Target target = Names.target(context, dirfd, path, Errno.EEXIST);
    if (!(target instanceof Names.Entry entry)) {
      return ((Names.Stop) target).result();
    }
    Result refused = Names.mayCreate(context, entry, false);
    if (refused != null) {
      return refused;
    }
    boolean node = made == Inode.S_IFCHR || made == Inode.S_IFBLK;
    long number = device == null ? 0 : device;
    if (node && number != 0 && !mayMakeNodes(context) && context.refuse("CAP_MKNOD")) {
      return context.fail(Errno.EPERM, "CAP_MKNOD");
    }
    int major = node ? (int) (number >> 20) : 0;
    int minor = node ? (int) (number & 0xfffff) : 0;
    Names.create(
        context, entry, made, mode, new Dcache.Spec(0, 0, 0, major, minor, Bytes.EMPTY));
    return Result.ZERO;
  }

  private static boolean mayMakeNodes(CallContext context) {
    return io.kledger.engine.ns.Capability.initial(
        context.state(), context.task().credentials(), io.kledger.engine.ns.Capability.MKNOD);
  }

  private static Result symlink(CallContext context, Text to, Fd dirfd, Text path) {
    if (to != null && to.getAddress() == null && !to.getValue().hasRemaining()
        && context.refuse("empty target")) {
      return context.fail(Errno.ENOENT, "symlink: empty target");
    }
    Names.Target target = Names.target(context, dirfd, path, Errno.EEXIST);
    if (!(target instanceof Names.Entry entry)) {
      return ((Names.Stop) target).result();
    }
    Result refused = Names.mayCreate(context, entry, false);
    if (refused != null) {
      return refused;
    }
    Bytes text = to == null ? Bytes.EMPTY : Bytes.of(to.getValue());
    Names.create(
        context, entry, Inode.S_IFLNK, 0777, new Dcache.Spec(0, 0, 0, 0, 0, text));
    return Result.ZERO;
  }

  /** do_linkat(). */
  private static Result link(
      CallContext context, Fd olddir, Text oldpath, Fd newdir, Text newpath, long flags) {
    if ((flags & ~(AT_EMPTY_PATH | AT_SYMLINK_FOLLOW)) != 0 && context.refuse("C5.2 flags")) {
      return context.fail(Errno.EINVAL, "C5.2 flags");
    }
    int how =
        ((flags & AT_SYMLINK_FOLLOW) != 0 ? PathWalk.FOLLOW : 0)
            | ((flags & AT_EMPTY_PATH) != 0 ? PathWalk.EMPTY_PATH : 0);
    PathWalk.Walk walk = PathWalk.walk(context, olddir, oldpath, how);
    if (!(walk instanceof PathWalk.Found old)) {
      return Walks.failure(context, walk);
    }
    Names.Target target = Names.target(context, newdir, newpath, Errno.EEXIST);
    if (!(target instanceof Names.Entry entry)) {
      return ((Names.Stop) target).result();
    }
    Result refused = Names.mayCreate(context, entry, false);
    if (refused != null) {
      return refused;
    }
    if (old.place().mount() != entry.parent().directory().mount()
        && context.refuse("C5.2 other mount")) {
      return context.fail(Errno.EXDEV, "C5.2 other mount");
    }
    KernelState state = context.state();
    Dentry dentry = state.dentries.get(old.place().dentry());
    Inode inode = Names.inode(state, dentry);
    if (inode == null) {
      return new Result.Unknown("what is linked");
    }
    if (inode.directory() && context.refuse("C5.2 directory")) {
      return context.fail(Errno.EPERM, "C5.2 directory");
    }
    if (inode.nlink() == 0 && (flags & AT_EMPTY_PATH) == 0 && dentry.deleted()
        && context.refuse("C5.2 no link left")) {
      return context.fail(Errno.ENOENT, "C5.2 no link left");
    }
    Dcache.link(context, entry.directory(), entry.parent().name(), inode.key());
    return Result.ZERO;
  }
}
