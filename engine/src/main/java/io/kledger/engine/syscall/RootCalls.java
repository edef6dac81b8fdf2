package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.file.FdTables;
import io.kledger.engine.file.PathWalk;
import io.kledger.engine.mount.Pivot;
import io.kledger.engine.ns.Capability;
import io.kledger.event.avro.ChrootCall;
import io.kledger.event.avro.FpivotRootCall;
import io.kledger.event.avro.PivotRootCall;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.task.FsStruct;
import java.util.List;

/** pivot_root(2) and chroot(2). */
final class RootCalls {
  private RootCalls() {}

  static void register(SyscallTable.Builder table) {
    table.full(PivotRootCall.class, RootCalls::pivot);
    table.full(FpivotRootCall.class, RootCalls::fpivot);
    table.full(ChrootCall.class, RootCalls::chroot);
  }

  private static Result pivot(CallContext context, PivotRootCall call) {
    if (!MountCalls.mayMount(context) && context.refuse("C12 may_mount")) {
      return context.fail(Errno.EPERM, "C12 may_mount");
    }
    int directory = PathWalk.FOLLOW | PathWalk.DIRECTORY;
    PathWalk.Walk fresh = PathWalk.walk(context, null, call.getNewRoot(), directory);
    if (!(fresh instanceof PathWalk.Found newRoot)) {
      return Walks.failure(context, fresh);
    }
    PathWalk.Walk old = PathWalk.walk(context, null, call.getPutOld(), directory);
    if (!(old instanceof PathWalk.Found putOld)) {
      return Walks.failure(context, old);
    }
    return Pivot.run(context, newRoot.place(), putOld.place(), PathWalk.root(context));
  }

  /** Proposed: pivot_root(2) by descriptors. */
  private static Result fpivot(CallContext context, FpivotRootCall call) {
    boolean known = context.profile().has(KernelFeature.PIVOT_DETACHED);
    if (!known && context.refuse("F32 no such call")) {
      return context.fail(Errno.ENOSYS, "F32 no such call");
    }
    if (!MountCalls.mayMount(context) && context.refuse("C12 may_mount")) {
      return context.fail(Errno.EPERM, "C12 may_mount");
    }
    if (call.getFlags() != 0 && context.refuse("F32 flags")) {
      return context.fail(Errno.EINVAL, "F32 flags");
    }
    FdTables.Lookup fresh = FdTables.get(context, call.getNewRoot());
    if (!(fresh instanceof FdTables.Open newRoot)) {
      return FdTables.failure(context, fresh);
    }
    FdTables.Lookup old = FdTables.get(context, call.getPutOld());
    if (!(old instanceof FdTables.Open putOld)) {
      return FdTables.failure(context, old);
    }
    for (FdTables.Open open : List.of(newRoot, putOld)) {
      Inode inode = context.state().inodes.get(open.description().inode());
      if (inode != null && inode.typeKnown() && !inode.directory() && context.refuse("F32 dir")) {
        return context.fail(Errno.ENOTDIR, "F32 not a directory");
      }
    }
    return Pivot.run(
        context,
        newRoot.description().place(),
        putOld.description().place(),
        PathWalk.root(context));
  }

  private static Result chroot(CallContext context, ChrootCall call) {
    PathWalk.Walk walk =
        PathWalk.walk(context, null, call.getPath(), PathWalk.FOLLOW | PathWalk.DIRECTORY);
    if (!(walk instanceof PathWalk.Found found)) {
      return Walks.failure(context, walk);
    }
    boolean capable =
        Capability.over(
            context.state(),
            context.task().credentials(),
            context.task().credentials().userNs(),
            Capability.SYS_CHROOT);
    if (!capable && context.refuse("C12 CAP_SYS_CHROOT")) {
      return context.fail(Errno.EPERM, "C12 CAP_SYS_CHROOT");
    }
    FsStruct fs = context.state().fs.get(context.task().fs());
    Place place = found.place();
    if (fs != null && place.known() && !place.equals(fs.root())) {
      context.put(Tables.FS, fs.withRoot(place));
    }
    return Result.ZERO;
  }
}
