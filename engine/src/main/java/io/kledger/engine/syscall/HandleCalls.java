package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.blob.Blobs;
import io.kledger.engine.file.FdTables;
import io.kledger.engine.file.Files;
import io.kledger.engine.file.OpenFlags;
import io.kledger.engine.file.PathWalk;
import io.kledger.engine.ns.Capability;
import io.kledger.engine.watch.Events;
import io.kledger.event.Bytes;
import io.kledger.event.avro.NameToHandleAtCall;
import io.kledger.event.avro.OpenByHandleAtCall;
import io.kledger.event.avro.Raw;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.block.Blob;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.mount.Superblock;
import java.util.HexFormat;

/**
 * name_to_handle_at(2) and open_by_handle_at(2) of fs/fhandle.c: of the files of a blobfs, whose
 * handle is their digest, the same on every machine.
 */
final class HandleCalls {
  private static final long SYMLINK_FOLLOW = 0x400;
  private static final long EMPTY_PATH = 0x1000;
  private static final long KNOWN = SYMLINK_FOLLOW | EMPTY_PATH | 0x200 | 1 | 2;
  private static final int SIZE = 32;
  private static final Result UNKNOWN = new Result.Unknown("handles of the filesystem");

  private HandleCalls() {}

  static void register(SyscallTable.Builder table) {
    table
        .partial(
            NameToHandleAtCall.class, "filesystems other than blobfs and pidfs", HandleCalls::name)
        .partial(
            OpenByHandleAtCall.class, "filesystems other than blobfs and pidfs", HandleCalls::open);
  }

  private static Result name(CallContext context, NameToHandleAtCall call) {
    if ((call.getFlags() & ~KNOWN) != 0 && context.refuse("name_to_handle_at: flags")) {
      return context.fail(Errno.EINVAL, "name_to_handle_at: flags");
    }
    if (!context.simulated()) {
      return context.assuming() ? Result.ZERO : UNKNOWN;
    }
    if ((call.getFlags() & EMPTY_PATH) != 0
        && FdTables.get(context, call.getDirfd()) instanceof FdTables.Open open
        && open.description().kind() == FileKind.PIDFD) {
      return handles(context)
          ? PidfdHandles.name(context, call, open.description())
          : context.fail(Errno.EOPNOTSUPP, "F56 handles of pidfds");
    }
    int how =
        ((call.getFlags() & SYMLINK_FOLLOW) != 0 ? PathWalk.FOLLOW : 0)
            | ((call.getFlags() & EMPTY_PATH) != 0 ? PathWalk.EMPTY_PATH : 0);
    PathWalk.Walk walk = PathWalk.walk(context, call.getDirfd(), call.getPath(), how);
    if (!(walk instanceof PathWalk.Found found)) {
      return Walks.failure(context, walk);
    }
    KernelState state = context.state();
    Inode inode = Names.inode(state, found.place());
    Blob blob = Blobs.sealed(state, inode) ? Blobs.of(state, inode) : null;
    Mount mount = state.mounts.get(found.place().mount());
    if (blob == null || mount == null) {
      return UNKNOWN;
    }
    RawStruct asked = RawStruct.of(call.getHandle());
    String room = asked == null ? "" : asked.member("handle_bytes");
    long bytes = Arguments.number(room == null ? "" : room, 0);
    if (bytes < SIZE) {
      return context.fail(Errno.EOVERFLOW, "F30 size of a handle");
    }
    String text =
        "{handle_bytes="
            + bytes
            + " => "
            + SIZE
            + ", handle_type=1, f_handle=\""
            + escaped(blob.digest())
            + "\"}";
    return Result.value(
        0,
        NameToHandleAtCall.newBuilder(call)
            .setHandle(new Raw(Bytes.of(text).toBuffer()))
            .setMountId(new Raw(Bytes.of("[" + mount.id() + "]").toBuffer()))
            .build());
  }

  private static boolean handles(CallContext context) {
    return context.profile().has(KernelFeature.PIDFD_INO) && context.profile().atLeast(6, 14);
  }

  private static String escaped(Bytes digest) {
    return digest.latin1().replaceAll("(..)", "\\\\x$1");
  }

  private static Result open(CallContext context, OpenByHandleAtCall call) {
    if (!context.simulated()) {
      return context.assuming() ? Result.value(context.observedOr(0)) : UNKNOWN;
    }
    KernelState state = context.state();
    if (call.getMountfd().getNumber() == PidfdHandles.ROOT
        && handles(context)
        && context.profile().atLeast(6, 17)) {
      return PidfdHandles.open(context, call);
    }
    FdTables.Lookup lookup = FdTables.get(context, call.getMountfd());
    if (!(lookup instanceof FdTables.Open through)) {
      return FdTables.failure(context, lookup);
    }
    if (through.description().kind() == FileKind.PIDFD && handles(context)) {
      return PidfdHandles.open(context, call);
    }
    Place at = through.description().place();
    Mount mount = state.mounts.get(at.mount());
    Superblock store = mount == null ? null : state.superblocks.get(mount.superblock());
    if (store == null || !Blobs.store(state, store.key())) {
      return UNKNOWN;
    }
    boolean may =
        Capability.initial(state, context.task().credentials(), Capability.DAC_READ_SEARCH);
    if (!may) {
      return context.fail(Errno.EPERM, "open_by_handle_at: CAP_DAC_READ_SEARCH");
    }
    RawStruct asked = RawStruct.of(call.getHandle());
    Bytes handle = asked == null ? null : asked.quoted("f_handle");
    if (handle == null || handle.length() != SIZE) {
      return context.fail(Errno.EINVAL, "open_by_handle_at: handle");
    }
    Bytes digest = Bytes.of(HexFormat.of().formatHex(handle.toArray()));
    Dentry dentry = state.child(store.root(), digest);
    if (dentry == null || dentry.inode() == 0) {
      return context.fail(Errno.ESTALE, "open_by_handle_at: no such blob");
    }
    long access = call.getFlags() & OpenFlags.ACCMODE;
    if (access != OpenFlags.RDONLY || (call.getFlags() & OpenFlags.TRUNC) != 0) {
      return context.fail(Errno.EPERM, "F30.4 sealed");
    }
    OpenFileDescription file =
        Files.open(
            context, new Place(at.mount(), dentry.key()), call.getFlags() & ~OpenFlags.CLOEXEC);
    Result result = FdTables.install(context, file, (call.getFlags() & OpenFlags.CLOEXEC) != 0);
    if (result instanceof Result.Done) {
      Events.of(context).opened(file);
    }
    return result;
  }
}
