package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.file.FdTables;
import io.kledger.engine.file.Files;
import io.kledger.engine.file.Limits;
import io.kledger.engine.file.OpenFlags;
import io.kledger.engine.watch.Events;
import io.kledger.event.avro.Mkdirat2Call;
import io.kledger.event.avro.Mknodat2Call;
import io.kledger.event.avro.Symlinkat2Call;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.Place;
import java.util.function.Supplier;

/** Proposed: directories, nodes and symbolic links that are made and opened in one step. */
final class CreateOpenCalls {
  private CreateOpenCalls() {}

  static void register(SyscallTable.Builder table) {
    table.full(
        Mkdirat2Call.class,
        (c, call) ->
            run(
                c,
                call.getFlags(),
                OpenFlags.RDONLY | OpenFlags.DIRECTORY,
                () -> CreateCalls.mkdir(c, call.getDirfd(), call.getPath(), call.getMode())));
    table.full(
        Mknodat2Call.class,
        (c, call) ->
            run(
                c,
                call.getFlags(),
                OpenFlags.PATH | OpenFlags.NOFOLLOW,
                () ->
                    CreateCalls.mknod(
                        c, call.getDirfd(), call.getPath(), call.getMode(), call.getDev())));
    table.full(
        Symlinkat2Call.class,
        (c, call) ->
            run(
                c,
                call.getFlags(),
                OpenFlags.PATH | OpenFlags.NOFOLLOW,
                () -> CreateCalls.symlink(c, call.getTarget(), call.getDirfd(), call.getPath())));
  }

  /** The slot is reserved first, so that nothing can fail once the object is there. */
  private static Result run(
      CallContext context, long flags, long opened, Supplier<CreateCalls.Made> create) {
    if (!context.profile().has(KernelFeature.CREATE_OPEN)
        || !context.profile().wishlist() && context.simulated()) {
      return context.refuse("F27 no such call")
          ? context.fail(Errno.ENOSYS, "F27 no such call")
          : Result.value(context.observedOr(0));
    }
    if (flags != 0 && context.refuse("F27 flags")) {
      return context.fail(Errno.EINVAL, "F27 flags");
    }
    int free = FdTables.lowestFree(context.state(), context.task().files(), 0);
    if (free >= Limits.files(context) && context.refuse("C2.1 RLIMIT_NOFILE")) {
      return context.fail(Errno.EMFILE, "C2.1 RLIMIT_NOFILE");
    }
    CreateCalls.Made made = create.get();
    if (made.refused() != null) {
      return made.refused();
    }
    Dentry dentry = made.dentry();
    OpenFileDescription file = Files.open(context, new Place(made.mount(), dentry.key()), opened);
    Result result = FdTables.install(context, file, true);
    if (result instanceof Result.Done) {
      Events.of(context).opened(file);
    }
    return result;
  }
}
