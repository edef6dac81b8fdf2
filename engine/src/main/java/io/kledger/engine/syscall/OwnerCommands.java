package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.task.PidNumbers;
import io.kledger.event.avro.FcntlCall;
import io.kledger.event.avro.Raw;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.SignalOwner;

/** fcntl(2): who is told of input and output, by which signal (f_setown(), send_sigio()). */
final class OwnerCommands {
  private static final int F_SETOWN = 8;
  private static final int F_GETOWN = 9;
  private static final int F_SETSIG = 10;
  private static final int F_GETSIG = 11;
  private static final int F_SETOWN_EX = 15;
  private static final int F_GETOWN_EX = 16;
  private static final int TID = 0;
  private static final int PID = 1;
  private static final int PGRP = 2;
  private static final int SIGNALS = 64;
  private static final String[] TYPES = {"F_OWNER_TID", "F_OWNER_PID", "F_OWNER_PGRP"};

  private OwnerCommands() {}

  /** Null if the command is none of these. */
  static Result fcntl(CallContext context, FcntlCall call, int command, OpenFileDescription file) {
    SignalOwner owner = context.state().signalOwners.get(file.key());
    SignalOwner now = owner == null ? new SignalOwner(file.key(), TID, 0, 0) : owner;
    boolean unseen = owner == null && file.inferred() && !context.simulated();
    return switch (command) {
      case F_SETOWN -> own(context, now, (int) FcntlCalls.number(call));
      case F_SETSIG -> signal(context, now, FcntlCalls.number(call));
      case F_SETOWN_EX -> ownEx(context, now, call);
      case F_GETOWN -> unseen ? unknown() : Result.value(shown(now));
      case F_GETSIG -> unseen ? unknown() : Result.value(now.signal());
      case F_GETOWN_EX -> unseen ? unknown() : getEx(call, now);
      default -> null;
    };
  }

  private static Result unknown() {
    return new Result.Unknown("who was set before the trace");
  }

  private static long shown(SignalOwner owner) {
    return owner.type() == PGRP ? -owner.pid() : owner.pid();
  }

  private static Result own(CallContext context, SignalOwner now, int who) {
    if (who == Integer.MIN_VALUE && context.refuse("f_setown: number")) {
      return context.fail(Errno.EINVAL, "f_setown: number");
    }
    return set(context, now, who < 0 ? PGRP : PID, Math.abs(who));
  }

  private static Result ownEx(CallContext context, SignalOwner now, FcntlCall call) {
    if (!(call.getArgument() instanceof Raw raw)) {
      return new Result.Unknown("the trace does not show the owner");
    }
    String text = Arguments.text(raw);
    int type = type(text);
    int at = text.indexOf("pid=");
    if (at < 0) {
      return new Result.Unknown("the trace does not show the owner");
    }
    if (type < 0 && context.refuse("f_setown_ex: type")) {
      return context.fail(Errno.EINVAL, "f_setown_ex: type");
    }
    return set(context, now, type, (int) Arguments.number(text.substring(at + 4), 0));
  }

  private static int type(String text) {
    int at = text.indexOf("type=");
    for (int i = 0; i < TYPES.length; i++) {
      if (text.contains(TYPES[i])) {
        return i;
      }
    }
    long number = at < 0 ? -1 : Arguments.number(text.substring(at + 5), -1);
    return number < 0 || number > PGRP ? -1 : (int) number;
  }

  private static Result set(CallContext context, SignalOwner now, int type, int pid) {
    KernelState state = context.state();
    boolean found =
        pid == 0
            || PidNumbers.find(state, context.task().namespaces().pid(), pid) != null
            || type == PGRP && state.groupsByProcessGroup.count(pid) > 0;
    if (!found && !context.assuming()) {
      return context.simulated()
          ? context.fail(Errno.ESRCH, "f_setown: no such process")
          : new Result.Unknown("a process outside the log");
    }
    context.put(Tables.SIGNAL_OWNERS, new SignalOwner(now.key(), type, pid, now.signal()));
    return Result.ZERO;
  }

  private static Result signal(CallContext context, SignalOwner now, long signal) {
    if ((signal < 0 || signal > SIGNALS) && context.refuse("F_SETSIG: signal")) {
      return context.fail(Errno.EINVAL, "F_SETSIG: signal");
    }
    context.put(
        Tables.SIGNAL_OWNERS, new SignalOwner(now.key(), now.type(), now.pid(), (int) signal));
    return Result.ZERO;
  }

  private static Result getEx(FcntlCall call, SignalOwner now) {
    String text = "{type=%s, pid=%d}".formatted(TYPES[now.type()], now.pid());
    return Result.value(
        0,
        FcntlCall.newBuilder(call)
            .setArgument(new Raw(io.kledger.event.Bytes.of(text).toBuffer()))
            .build());
  }
}
