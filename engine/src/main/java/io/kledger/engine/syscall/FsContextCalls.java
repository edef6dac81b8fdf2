package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.file.FdTables;
import io.kledger.engine.file.Files;
import io.kledger.engine.file.OpenFlags;
import io.kledger.engine.file.PathWalk;
import io.kledger.engine.mount.ContextDevice;
import io.kledger.engine.mount.DetachedTrees;
import io.kledger.engine.mount.DetachedTrees.Detached;
import io.kledger.engine.mount.FsContexts;
import io.kledger.engine.mount.NewMount;
import io.kledger.event.Bytes;
import io.kledger.event.avro.Fd;
import io.kledger.event.avro.FsconfigCall;
import io.kledger.event.avro.FsmountCall;
import io.kledger.event.avro.FsopenCall;
import io.kledger.event.avro.FspickCall;
import io.kledger.event.avro.ReadCall;
import io.kledger.event.avro.Text;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.FsContext;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.mount.Superblock;
import java.nio.ByteBuffer;

/** fsopen(2), fsconfig(2), fsmount(2), fspick(2): fs/fsopen.c. */
final class FsContextCalls {
  private static final long CLOEXEC = 1;
  private static final long FSPICK_NOFOLLOW = 2;
  private static final long FSPICK_EMPTY_PATH = 8;
  private static final long FSPICK_ALL = 0xf;
  private static final int SET_FLAG = 0;
  private static final int SET_STRING = 1;
  private static final int SET_BINARY = 2;
  private static final int SET_PATH = 3;
  private static final int SET_PATH_EMPTY = 4;
  private static final int SET_FD = 5;
  private static final int CMD_CREATE = 6;
  private static final int CMD_RECONFIGURE = 7;
  private static final int CMD_CREATE_EXCL = 8;
  private static final int SET_BDEV = 9;
  private static final int BINARY_MAX = 1024 * 1024;
  private static final int STRING_MAX = 255;

  private FsContextCalls() {}

  static void register(SyscallTable.Builder table) {
    table
        .partial(FsopenCall.class, "types that are not known", FsContextCalls::open)
        .partial(
            FsconfigCall.class,
            "parameters of most filesystems, by value of files and binaries",
            FsContextCalls::config)
        .partial(FsmountCall.class, "mount_too_revealing()", FsContextCalls::mount)
        .full(FspickCall.class, FsContextCalls::pick);
  }

  static Result open(CallContext context, FsopenCall call) {
    if (!MountCalls.mayMount(context) && context.refuse("C10 may_mount")) {
      return context.fail(Errno.EPERM, "C10 may_mount");
    }
    if ((call.getFlags() & ~CLOEXEC) != 0 && context.refuse("C10 flags")) {
      return context.fail(Errno.EINVAL, "C10 flags");
    }
    boolean hidden = call.getFstype() != null && call.getFstype().getAddress() != null;
    Bytes type =
        hidden && context.succeeded() ? NewMount.NOT_SHOWN : MountCalls.bytes(call.getFstype());
    if (type == null) {
      return call.getFstype() == null
          ? context.fail(Errno.EFAULT, "C10 no filesystem type")
          : new Result.Unknown("the trace does not show the filesystem type");
    }
    if (!FsContexts.opens(context, type) && context.refuse("C10 init_fs_context")) {
      return context.fail(Errno.EPERM, "C10 init_fs_context");
    }
    FsContext made = FsContexts.open(context, type);
    if (made == null) {
      return FsContexts.unknownTypeIsCertain(context, type)
          ? context.fail(Errno.ENODEV, "C10 unknown filesystem type")
          : new Result.Unknown("filesystem type " + type);
    }
    return install(context, made, (call.getFlags() & CLOEXEC) != 0);
  }

  /** fscontext_create_fd(). */
  private static Result install(CallContext context, FsContext fc, boolean cloexec) {
    OpenFileDescription file =
        Files.object(
            context, FileKind.FS_CONTEXT, fc.key(), "anon_inode:[fscontext]", 0, OpenFlags.RDWR);
    return FdTables.install(context, file, cloexec);
  }

  static Result config(CallContext context, FsconfigCall call) {
    Result bad = shape(context, call);
    if (bad != null) {
      return bad;
    }
    FdTables.Lookup found = FdTables.getFile(context, call.getFd());
    if (!(found instanceof FdTables.Open open)) {
      return FdTables.failure(context, found);
    }
    if (open.description().kind() != FileKind.FS_CONTEXT
        && context.refuse("C10 not a filesystem context")) {
      return context.fail(Errno.EINVAL, "C10 not a filesystem context");
    }
    FsContext fc = context.state().fsContexts.get(open.description().object());
    if (fc == null) {
      return context.assuming()
          ? Result.ZERO
          : new Result.Unknown("what the context was opened for");
    }
    FsContext ready = FsContexts.finishClean(fc);
    if (ready != fc) {
      context.put(Tables.FS_CONTEXTS, ready);
    }
    boolean hidden = call.getKey() != null && call.getKey().getAddress() != null;
    if (hidden && call.getCommand() <= SET_STRING) {
      return hidden(context, ready, call);
    }
    return switch ((int) call.getCommand()) {
      case CMD_CREATE -> FsContexts.create(context, ready, false);
      case CMD_CREATE_EXCL -> FsContexts.create(context, ready, true);
      case CMD_RECONFIGURE -> FsContexts.reconfigure(context, ready);
      case SET_FLAG -> FsContexts.parameter(context, ready, key(call), null);
      case SET_STRING -> string(context, ready, call);
      case SET_BDEV -> device(context, ready, call);
      default -> other(context, ready, call);
    };
  }

  /** A parameter of which the log has only the address: it may have been the source. */
  private static Result hidden(CallContext context, FsContext fc, FsconfigCall call) {
    if (!context.succeeded()) {
      return new Result.Unknown("the log does not show the parameter");
    }
    boolean first = fc.phase() == FsContext.Phase.CREATE_PARAMS && fc.source() == null;
    if (first && call.getCommand() == SET_STRING) {
      context.put(Tables.FS_CONTEXTS, fc.withSource(NewMount.NOT_SHOWN));
    }
    return Result.ZERO;
  }

  /** struct fsconfig_bdev. */
  private static Result device(CallContext context, FsContext fc, FsconfigCall call) {
    RawStruct value = RawStruct.of(call.getValue());
    if (value == null) {
      return context.fail(Errno.EFAULT, "F35 no struct fsconfig_bdev");
    }
    Bytes path = value.quoted("path");
    Text text = path == null ? null : Text.newBuilder().setValue(path.toBuffer()).build();
    return ContextDevice.select(
        context,
        fc,
        key(call),
        new ContextDevice.Selector(
            value.number("size"),
            value.number("flags"),
            (int) Arguments.number(value.has("fd") ? value.member("fd") : "0", -1),
            (int) value.number("major"),
            (int) value.number("minor"),
            value.number("diskseq"),
            text,
            call.getAux()));
  }

  private static Bytes key(FsconfigCall call) {
    Bytes key = MountCalls.bytes(call.getKey());
    return key == null ? Bytes.EMPTY : key;
  }

  private static Result string(CallContext context, FsContext fc, FsconfigCall call) {
    if (!(call.getValue() instanceof Text text) || text.getAddress() != null || text.getCut()) {
      return new Result.Unknown("the trace does not show the value");
    }
    Bytes value = Bytes.of(text.getValue());
    if (value.length() > STRING_MAX && context.refuse("C10 long value")) {
      return context.fail(Errno.EINVAL, "C10 strndup_user: 256 bytes");
    }
    return FsContexts.parameter(context, fc, key(call), value);
  }

  /** Values that are files or binary: those that the kernel took are kept as words. */
  private static Result other(CallContext context, FsContext fc, FsconfigCall call) {
    if (key(call).latin1().equals("source") && context.simulated()) {
      boolean closed =
          call.getCommand() == SET_FD
              && !(FdTables.get(context, call.getAux()) instanceof FdTables.Open);
      return closed
          ? context.fail(Errno.EBADF, "C10 fd of the value")
          : FsContexts.parameter(context, fc, key(call), null);
    }
    boolean layered = fc.type().latin1().equals("overlay");
    if (call.getCommand() == SET_FD && (context.simulated() || layered)) {
      return FdTables.get(context, call.getAux()) instanceof FdTables.Open open
          ? FsContexts.file(context, fc, key(call), open.description().place())
          : context.fail(Errno.EBADF, "C10 fd of the value");
    }
    boolean flag = key(call).latin1().matches("ro|rw|sync|async|dirsync|mand|nomand|lazytime");
    if (!flag && !context.assuming()) {
      return new Result.Unknown("a parameter that is a file or binary");
    }
    return flag ? FsContexts.parameter(context, fc, key(call), null) : Result.ZERO;
  }

  /** The checks of the arguments, by command. */
  private static Result shape(CallContext context, FsconfigCall call) {
    int command = (int) call.getCommand();
    boolean key = call.getKey() != null;
    boolean value = call.getValue() != null;
    int aux = call.getAux() == null ? 0 : call.getAux().getNumber();
    if (call.getFd().getNumber() < 0 && context.refuse("C10 fd")) {
      return context.fail(Errno.EINVAL, "C10 negative fd");
    }
    boolean wrong;
    switch (command) {
      case SET_FLAG -> wrong = !key || value || aux != 0;
      case SET_STRING -> wrong = !key || !value || aux != 0;
      case SET_BINARY -> wrong = !key || !value || aux <= 0 || aux > BINARY_MAX;
      case SET_PATH, SET_PATH_EMPTY ->
          wrong = !key || !value || aux != PathWalk.AT_FDCWD && aux < 0;
      case SET_FD -> wrong = !key || value || aux < 0;
      case CMD_CREATE, CMD_CREATE_EXCL, CMD_RECONFIGURE -> wrong = key || value || aux != 0;
      case SET_BDEV -> {
        if (!context.profile().has(KernelFeature.FSCONFIG_DISKSEQ)) {
          return context.fail(Errno.EOPNOTSUPP, "C10 unknown command");
        }
        wrong = !key || !value || aux != PathWalk.AT_FDCWD && aux < 0;
      }
      default -> {
        return context.fail(Errno.EOPNOTSUPP, "C10 unknown command");
      }
    }
    return wrong && context.refuse("C10 arguments of the command")
        ? context.fail(Errno.EINVAL, "C10 arguments of the command")
        : null;
  }

  /** fscontext_read(): one message of the log. */
  static Result read(CallContext context, ReadCall call, OpenFileDescription file) {
    FsContext fc = context.state().fsContexts.get(file.object());
    if (fc == null) {
      return new Result.Unknown("what the context was opened for");
    }
    if (fc.log().isEmpty()) {
      return !context.assuming()
          ? context.fail(Errno.ENODATA, "C10 empty log")
          : new Result.Unknown("messages of the filesystem");
    }
    Bytes message = fc.log().getFirst();
    if (call.getCount() < message.length() && context.refuse("C10 small buffer")) {
      return context.fail(Errno.EMSGSIZE, "C10 small buffer");
    }
    context.put(Tables.FS_CONTEXTS, fc.withLog(fc.log().subList(1, fc.log().size())));
    Text text = Text.newBuilder().setValue(ByteBuffer.wrap(message.toArray())).build();
    return Result.value(message.length(), ReadCall.newBuilder(call).setData(text).build());
  }

  static Result mount(CallContext context, FsmountCall call) {
    if (!MountCalls.mayMount(context) && context.refuse("C10 may_mount")) {
      return context.fail(Errno.EPERM, "C10 may_mount");
    }
    if ((call.getFlags() & ~CLOEXEC) != 0 && context.refuse("C10 flags")) {
      return context.fail(Errno.EINVAL, "C10 flags");
    }
    long attributes = call.getAttributes();
    long atime = MountAttrFlags.atimeFlags(attributes);
    if (((attributes & ~MountAttrFlags.OF_FSMOUNT) != 0 || atime < 0)
        && context.refuse("C10 attributes")) {
      return context.fail(Errno.EINVAL, "C10 attributes");
    }
    FdTables.Lookup found = FdTables.getFile(context, call.getFd());
    if (!(found instanceof FdTables.Open open)) {
      return FdTables.failure(context, found);
    }
    if (open.description().kind() != FileKind.FS_CONTEXT
        && context.refuse("C10 not a filesystem context")) {
      return context.fail(Errno.EINVAL, "C10 not a filesystem context");
    }
    FsContext fc = context.state().fsContexts.get(open.description().object());
    if (fc == null || context.state().superblocks.get(fc.superblock()) == null) {
      return fc != null && fc.superblock() == 0 && !context.assuming()
          ? context.fail(Errno.EINVAL, "C10 no superblock yet")
          : new Result.Unknown("what the context was opened for");
    }
    if (fc.phase() != FsContext.Phase.AWAITING_MOUNT && context.refuse("C10 phase")) {
      return context.fail(Errno.EBUSY, "C10 phase");
    }
    Result full = DetachedTrees.anonymousLimit(context);
    if (full != null) {
      return full;
    }
    long flags = MountAttrFlags.mountFlags(attributes) | Math.max(0, atime);
    Detached made = FsContexts.mount(context, fc, flags);
    return detached(context, made, (call.getFlags() & CLOEXEC) != 0);
  }

  /** dentry_open(O_PATH) with FMODE_NEED_UNMOUNT. */
  static Result detached(CallContext context, Detached made, boolean cloexec) {
    Mount root = context.state().mounts.require(made.mount());
    OpenFileDescription file =
        Files.open(context, new Place(root.key(), root.root()), OpenFlags.PATH);
    context.put(Tables.DESCRIPTIONS, file.withOwnsMount(made.namespace()));
    return FdTables.install(context, file.withOwnsMount(made.namespace()), cloexec);
  }

  static Result pick(CallContext context, FspickCall call) {
    if (!MountCalls.mayMount(context) && context.refuse("C10 may_mount")) {
      return context.fail(Errno.EPERM, "C10 may_mount");
    }
    long flags = call.getFlags();
    if ((flags & ~FSPICK_ALL) != 0 && context.refuse("C10 flags")) {
      return context.fail(Errno.EINVAL, "C10 flags");
    }
    int how = (flags & FSPICK_NOFOLLOW) == 0 ? PathWalk.FOLLOW : 0;
    how |= (flags & FSPICK_EMPTY_PATH) != 0 ? PathWalk.EMPTY_PATH : 0;
    Fd dirfd = call.getDirfd();
    PathWalk.Walk walk = PathWalk.walk(context, dirfd, call.getPath(), how);
    if (!(walk instanceof PathWalk.Found found)) {
      return Walks.failure(context, walk);
    }
    Mount mount = context.state().mounts.get(found.place().mount());
    if (mount == null) {
      return new Result.Unknown("what mount the path is on");
    }
    if (mount.root() != found.place().dentry() && context.refuse("C10 not a mount root")) {
      return context.fail(Errno.EINVAL, "C10 not a mount root");
    }
    Superblock superblock = context.state().superblocks.require(mount.superblock());
    if (!FsContexts.opens(context, superblock.type()) && context.refuse("C10 init_fs_context")) {
      return context.fail(Errno.EPERM, "C10 init_fs_context");
    }
    return install(context, FsContexts.pick(context, superblock), (flags & CLOEXEC) != 0);
  }
}
