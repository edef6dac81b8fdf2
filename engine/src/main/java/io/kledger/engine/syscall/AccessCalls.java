package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.file.Access;
import io.kledger.engine.file.Idmapped;
import io.kledger.engine.file.PathWalk;
import io.kledger.event.avro.AccessCall;
import io.kledger.event.avro.Faccessat2Call;
import io.kledger.event.avro.FaccessatCall;
import io.kledger.event.avro.Fd;
import io.kledger.event.avro.Text;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.task.Credentials;

/** access(2) and its kin: do_faccessat(). */
public final class AccessCalls {
  private static final long AT_EACCESS = 0x200;
  private static final long AT_SYMLINK_NOFOLLOW = 0x100;
  private static final long AT_EMPTY_PATH = 0x1000;

  private AccessCalls() {}

  /** Adds the calls of this family. */
  public static void register(SyscallTable.Builder table) {
    table
        .full(AccessCall.class, (c, call) -> access(c, null, call.getPath(), call.getMode(), 0))
        .full(
            FaccessatCall.class,
            (c, call) -> access(c, call.getDirfd(), call.getPath(), call.getMode(), 0))
        .full(
            Faccessat2Call.class,
            (c, call) ->
                access(c, call.getDirfd(), call.getPath(), call.getMode(), call.getFlags()));
  }

  private static Result access(CallContext context, Fd dirfd, Text path, long mode, long flags) {
    long known = AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH;
    boolean bad = (mode & ~7L) != 0 || (flags & ~known) != 0;
    if (bad && context.refuse("faccessat: mode or flags")) {
      return context.fail(Errno.EINVAL, "faccessat: mode or flags");
    }
    int how =
        ((flags & AT_SYMLINK_NOFOLLOW) != 0 ? 0 : PathWalk.FOLLOW)
            | ((flags & AT_EMPTY_PATH) != 0 ? PathWalk.EMPTY_PATH : 0);
    PathWalk.Walk walk = PathWalk.walk(context, dirfd, path, how);
    if (!(walk instanceof PathWalk.Found found)) {
      return Walks.failure(context, walk);
    }
    return mode == 0 ? Result.ZERO : permission(context, found, (int) mode, flags);
  }

  private static Result permission(
      CallContext context, PathWalk.Found found, int mode, long flags) {
    KernelState state = context.state();
    Inode raw = Names.inode(state, found.place());
    Inode inode = Idmapped.judged(state, found.place().mount(), raw);
    Credentials who = context.task().credentials();
    if (!who.known() || inode == null) {
      return context.assuming() ? Result.ZERO : new Result.Unknown("permissions");
    }
    boolean effective = (flags & AT_EACCESS) != 0;
    boolean powerful =
        effective ? who.has(1) : who.uid() == 0 && (who.capPermitted() >>> 1 & 1) != 0;
    boolean unclear = inode.uid() == -1 || !inode.typeKnown();
    if (unclear && (!powerful || (mode & Access.EXEC) != 0) && !context.assuming()) {
      return new Result.Unknown("permissions of the file");
    }
    int uid = effective ? who.fsuid() : who.uid();
    int gid = effective ? who.fsgid() : who.gid();
    Credentials as = effective ? who : real(who);
    boolean writable =
        (mode & Access.WRITE) == 0 || !Idmapped.unmapped(state, found.place().mount(), raw);
    boolean allowed =
        writable && Access.allowed(state, as, uid, gid, inode, found.place().mount(), mode);
    if (!allowed && context.refuse("C4.2 permission")) {
      return context.fail(Errno.EACCES, "C4.2 permission");
    }
    boolean readOnly =
        (mode & Access.WRITE) != 0
            && (inode.regular() || inode.directory() || !inode.typeKnown())
            && Names.readOnly(state, found.place());
    return readOnly && context.refuse("read-only filesystem")
        ? context.fail(Errno.EROFS, "read-only filesystem")
        : Result.ZERO;
  }

  /** access_override_creds(): without AT_EACCESS the capabilities are those of the real uid. */
  private static Credentials real(Credentials who) {
    long capabilities = who.uid() == 0 ? who.capPermitted() : 0;
    return new Credentials(
        who.uid(),
        who.euid(),
        who.suid(),
        who.uid(),
        who.gid(),
        who.egid(),
        who.sgid(),
        who.gid(),
        who.groups(),
        who.capInheritable(),
        who.capPermitted(),
        capabilities,
        who.capBounding(),
        who.capAmbient(),
        who.secureBits(),
        who.noNewPrivs(),
        who.userNs(),
        who.known());
  }
}
