package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.lock.Leases;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.lock.FileLock;
import io.kledger.kernel.lock.FileLock.Mode;
import io.kledger.kernel.task.Credentials;

/** F_SETLEASE and F_GETLEASE: fcntl_setlease(), generic_add_lease(). */
final class LeaseCalls {
  private static final int F_RDLCK = 0;
  private static final int F_WRLCK = 1;
  private static final int F_UNLCK = 2;
  private static final int CAP_LEASE = 28;

  private LeaseCalls() {}

  static Result lease(CallContext context, boolean set, long type, OpenFileDescription file) {
    KernelState state = context.state();
    if (!set) {
      FileLock held = Leases.held(state, file.inode(), file.key());
      int answer = F_UNLCK;
      if (held != null) {
        answer =
            switch (held.mode()) {
              case READ, DOWNGRADE -> F_RDLCK;
              case WRITE -> F_WRLCK;
              case UNLCK -> F_UNLCK;
            };
      }
      return Result.value(answer);
    }
    Result refused = refusal(context, type, file);
    if (refused != null) {
      return refused;
    }
    if (type == F_UNLCK) {
      if (Leases.held(state, file.inode(), file.key()) == null && context.refuse("no lease")) {
        return context.fail(Errno.EAGAIN, "no lease");
      }
      Leases.release(context, file.inode(), file.key());
    } else {
      Leases.set(context, file, type == F_WRLCK ? Mode.WRITE : Mode.READ, LockCalls.tgid(context));
    }
    return Result.ZERO;
  }

  private static Result refusal(CallContext context, long type, OpenFileDescription file) {
    Inode inode = context.state().inodes.get(file.inode());
    Credentials who = context.task().credentials();
    if ((type < 0 || type > F_UNLCK) && context.refuse("C9 type")) {
      return context.fail(Errno.EINVAL, "C9 type");
    }
    boolean stranger =
        who.known()
            && inode != null
            && inode.uid() != -1
            && inode.uid() != who.fsuid()
            && !who.has(CAP_LEASE);
    if (stranger && context.refuse("C9 owner")) {
      return context.fail(Errno.EACCES, "C9 owner");
    }
    if (inode == null || !inode.typeKnown()) {
      return context.assuming() ? null : new Result.Unknown("type of the file");
    }
    if (!inode.regular() && context.refuse("C9 regular files only")) {
      return context.fail(Errno.EINVAL, "C9 regular files only");
    }
    if (type == F_UNLCK) {
      return null;
    }
    boolean breaking = Leases.beingGivenUp(context.state(), inode.key(), file.key());
    boolean busy =
        breaking
            || (type == F_RDLCK
                ? Leases.openForWriting(context.state(), inode.key())
                : Leases.openElsewhere(context.state(), inode.key(), file.key()));
    return busy && context.refuse("C9 other openers")
        ? context.fail(Errno.EAGAIN, "C9 other openers")
        : null;
  }
}
