package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.file.PathWalk;
import io.kledger.engine.mount.Pivot;
import io.kledger.engine.ns.Capability;
import io.kledger.event.avro.ChrootCall;
import io.kledger.event.avro.PivotRootCall;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.task.FsStruct;

/** pivot_root(2) and chroot(2). */
final class RootCalls {
  private RootCalls() {}

  static void register(SyscallTable.Builder table) {
    table.full(PivotRootCall.class, RootCalls::pivot);
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
