package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.file.Pipes;
import io.kledger.engine.lock.LockTable;
import io.kledger.engine.task.PidNumbers;
import io.kledger.event.avro.FcntlCall;
import io.kledger.event.avro.RecordLock;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.lock.FileLock;
import io.kledger.kernel.lock.FileLock.Mode;
import io.kledger.kernel.lock.FileLock.Type;
import io.kledger.kernel.ns.Namespace;

/** The lock commands of fcntl(2): fcntl_setlk(), fcntl_getlk(). */
final class RecordLocks {
  static final int F_GETLK = 5;
  static final int F_SETLK = 6;
  static final int F_SETLKW = 7;
  static final int F_OFD_GETLK = 36;
  static final int F_OFD_SETLK = 37;
  static final int F_OFD_SETLKW = 38;
  static final int F_SETLEASE = 1024;
  static final int F_GETLEASE = 1025;
  private static final int F_RDLCK = 0;
  private static final int F_WRLCK = 1;
  private static final int F_UNLCK = 2;

  private RecordLocks() {}

  static boolean handles(int command) {
    return switch (command) {
      case F_GETLK,
          F_SETLK,
          F_SETLKW,
          F_OFD_GETLK,
          F_OFD_SETLK,
          F_OFD_SETLKW,
          F_SETLEASE,
          F_GETLEASE ->
          true;
      default -> false;
    };
  }

  /** Whether the call gives a range up: that succeeds at once. */
  static boolean unlocks(FcntlCall call) {
    int command = (int) call.getCommand();
    return (command == F_SETLK || command == F_OFD_SETLK)
        && call.getArgument() instanceof RecordLock lock
        && lock.getType() == F_UNLCK;
  }

  static Result fcntl(CallContext context, FcntlCall call, int command, OpenFileDescription file) {
    if (command == F_SETLEASE || command == F_GETLEASE) {
      return LeaseCalls.lease(context, command == F_SETLEASE, FcntlCalls.number(call), file);
    }
    if (!(call.getArgument() instanceof RecordLock argument)) {
      return new Result.Unknown("the trace does not show the lock");
    }
    OpenFileDescription locked = LockCalls.withInode(context, file);
    return command == F_GETLK || command == F_OFD_GETLK
        ? query(context, call, command, argument, locked)
        : set(context, command, argument, locked);
  }

  private static Result set(
      CallContext context, int command, RecordLock argument, OpenFileDescription file) {
    Asked asked = asked(context, command, argument, file);
    return asked.refused() != null
        ? asked.refused()
        : LockCalls.request(context, "fcntl", asked.lock(), sleeps(command));
  }

  /** Whether a command waits for what is in the way. */
  static boolean sleeps(int command) {
    return command == F_SETLKW || command == F_OFD_SETLKW;
  }

  /** The lock that a command asks for, or why it cannot. */
  record Asked(FileLock lock, Result refused) {
    static Asked refused(Result why) {
      return new Asked(null, why);
    }
  }

  /** fcntl_setlk() up to the request. */
  static Asked asked(
      CallContext context, int command, RecordLock argument, OpenFileDescription file) {
    boolean ofd = command == F_OFD_SETLK || command == F_OFD_SETLKW;
    Range range = Range.of(context.state(), argument, file);
    if (range.errno() != 0 && context.refuse("C8.2 range")) {
      return Asked.refused(context.fail(range.errno(), "C8.2 range"));
    }
    if (!range.known() && !context.assuming()) {
      return Asked.refused(new Result.Unknown("the position that the range is relative to"));
    }
    int type = (int) argument.getType();
    if ((type < F_RDLCK || type > F_UNLCK) && context.refuse("C8.3 type")) {
      return Asked.refused(context.fail(Errno.EINVAL, "C8.3 type"));
    }
    boolean mode = type == F_RDLCK && !file.readable() || type == F_WRLCK && !file.writable();
    if (mode && context.refuse("C8.3 access mode")) {
      return Asked.refused(context.fail(Errno.EBADF, "C8.3 access mode"));
    }
    boolean pid = ofd && argument.getPid() != null && argument.getPid() != 0;
    if (pid && context.refuse("C8.3 l_pid")) {
      return Asked.refused(context.fail(Errno.EINVAL, "C8.3 l_pid"));
    }
    return new Asked(request(context, ofd, type, range, file), null);
  }

  private static FileLock request(
      CallContext context, boolean ofd, int type, Range range, OpenFileDescription file) {
    Mode mode = type == F_RDLCK ? Mode.READ : type == F_WRLCK ? Mode.WRITE : Mode.UNLCK;
    return new FileLock(
        0,
        file.inode(),
        ofd ? Type.OFDLCK : Type.POSIX,
        ofd ? file.key() : context.task().files(),
        mode,
        range.start(),
        range.end(),
        ofd ? -1 : LockCalls.tgid(context),
        context.taskKey(),
        0,
        0,
        context.position(),
        false);
  }

  /** A trace shows the struct as it came back: what was asked for is not known. */
  private static Result query(
      CallContext context,
      FcntlCall call,
      int command,
      RecordLock argument,
      OpenFileDescription file) {
    if (!context.simulated()) {
      return Result.ZERO;
    }
    boolean ofd = command == F_OFD_GETLK;
    int type = (int) argument.getType();
    boolean unlock = type == F_UNLCK && ofd;
    if (type != F_RDLCK && type != F_WRLCK && !unlock) {
      return context.fail(Errno.EINVAL, "C8.3 type");
    }
    Range range = Range.of(context.state(), argument, file);
    if (range.errno() != 0) {
      return context.fail(range.errno(), "C8.2 range");
    }
    if (ofd && argument.getPid() != null && argument.getPid() != 0) {
      return context.fail(Errno.EINVAL, "C8.3 l_pid");
    }
    FileLock held = LockTable.test(context.state(), request(context, ofd, type, range, file));
    RecordLock answer = held == null ? unlocked(argument) : shown(context, held);
    return Result.value(0, FcntlCall.newBuilder(call).setResult(answer).build());
  }

  private static RecordLock unlocked(RecordLock asked) {
    return RecordLock.newBuilder(asked).setType(F_UNLCK).build();
  }

  /** posix_lock_to_flock(), locks_translate_pid(). */
  private static RecordLock shown(CallContext context, FileLock held) {
    return RecordLock.newBuilder()
        .setType(held.mode() == Mode.READ ? F_RDLCK : F_WRLCK)
        .setWhence(0)
        .setStart(held.start())
        .setLength(held.end() == FileLock.EOF ? 0 : held.end() - held.start() + 1)
        .setPid((long) pid(context, held))
        .build();
  }

  private static int pid(CallContext context, FileLock held) {
    KernelState state = context.state();
    long ns = context.task().namespaces().pid();
    Namespace row = state.namespaces.get(ns);
    if (held.type() == Type.OFDLCK || row == null || row.parent() == 0) {
      return held.pid();
    }
    return PidNumbers.seenFrom(state, PidNumbers.find(state, top(state, row), held.pid()), ns);
  }

  private static long top(KernelState state, Namespace from) {
    Namespace at = from;
    while (state.namespaces.get(at.parent()) != null) {
      at = state.namespaces.get(at.parent());
    }
    return at.key();
  }

  /**
   * flock_to_posix_lock().
   *
   * @param errno 0 if the struct is good
   * @param known false if the base is not in the ledger
   */
  private record Range(long start, long end, int errno, boolean known) {
    static Range of(KernelState state, RecordLock lock, OpenFileDescription file) {
      long base = 0;
      boolean known = true;
      if (lock.getWhence() == 1) {
        base = file.position();
        known = !file.inferred();
      } else if (lock.getWhence() == 2) {
        Inode inode = state.inodes.get(file.inode());
        base = inode == null || Pipes.isPipe(inode) ? 0 : inode.size();
        known = inode != null && !inode.inferred();
      } else if (lock.getWhence() != 0) {
        return bad(Errno.EINVAL);
      }
      if (lock.getStart() > FileLock.EOF - base) {
        return bad(Errno.EOVERFLOW);
      }
      long start = base + lock.getStart();
      if (start < 0) {
        return bad(Errno.EINVAL);
      }
      long length = lock.getLength();
      if (length > 0) {
        return length - 1 > FileLock.EOF - start
            ? bad(Errno.EOVERFLOW)
            : new Range(start, start + length - 1, 0, known);
      }
      if (length < 0) {
        return start + length < 0
            ? bad(Errno.EINVAL)
            : new Range(start + length, start - 1, 0, known);
      }
      return new Range(start, FileLock.EOF, 0, known);
    }

    private static Range bad(int errno) {
      return new Range(0, FileLock.EOF, errno, true);
    }
  }
}
