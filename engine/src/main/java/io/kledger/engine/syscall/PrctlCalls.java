package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.ns.CredentialChange;
import io.kledger.engine.task.Dumpable;
import io.kledger.engine.task.Exec;
import io.kledger.engine.task.Kernel;
import io.kledger.engine.task.Signals;
import io.kledger.event.Bytes;
import io.kledger.event.avro.PrctlCall;
import io.kledger.event.avro.Raw;
import io.kledger.event.avro.Text;
import io.kledger.kernel.Tables;
import io.kledger.kernel.change.TaskChange;
import io.kledger.kernel.task.Credentials;
import io.kledger.kernel.task.Task;
import io.kledger.kernel.task.TaskSettings;
import io.kledger.kernel.task.ThreadGroup;

/** prctl(2): kernel/sys.c. */
final class PrctlCalls {
  private static final int SET_PDEATHSIG = 1;
  private static final int GET_PDEATHSIG = 2;
  private static final int GET_DUMPABLE = 3;
  private static final int SET_DUMPABLE = 4;
  private static final int GET_KEEPCAPS = 7;
  private static final int SET_KEEPCAPS = 8;
  private static final int SET_NAME = 15;
  private static final int GET_NAME = 16;
  private static final int CAPBSET_READ = 23;
  private static final int CAPBSET_DROP = 24;
  private static final int GET_SECUREBITS = 27;
  private static final int SET_SECUREBITS = 28;
  private static final int SET_CHILD_SUBREAPER = 36;
  private static final int GET_CHILD_SUBREAPER = 37;
  private static final int SET_NO_NEW_PRIVS = 38;
  private static final int GET_NO_NEW_PRIVS = 39;
  private static final int CAP_AMBIENT = 47;

  /** Proposed: the name that the next exec gives the thread. */
  private static final int SET_EXEC_COMM = 0x45584343;

  private static final int KEEP_CAPS_BIT = 1 << 4;

  private PrctlCalls() {}

  static void register(SyscallTable.Builder table) {
    table.partial(
        PrctlCall.class,
        "options that change no state of the ledger are not judged",
        PrctlCalls::prctl);
  }

  private static Result prctl(CallContext context, PrctlCall call) {
    Credentials who = context.task().credentials();
    return switch ((int) call.getOption()) {
      case SET_NAME -> setName(context, call);
      case GET_NAME -> getName(context, call);
      case SET_PDEATHSIG -> setDeathSignal(context, call);
      case GET_PDEATHSIG -> out(call, settings(context).parentDeathSignal());
      case GET_DUMPABLE -> Result.value(Dumpable.of(context.state(), context.task()));
      case SET_DUMPABLE -> setDumpable(context, call);
      case SET_CHILD_SUBREAPER -> setSubreaper(context, call);
      case GET_CHILD_SUBREAPER ->
          out(call, context.state().groups.require(context.task().group()).subreaper() ? 1 : 0);
      case SET_NO_NEW_PRIVS -> noNewPrivs(context, call);
      case GET_NO_NEW_PRIVS -> getNoNewPrivs(context, call);
      case GET_KEEPCAPS -> Result.value((who.secureBits() & KEEP_CAPS_BIT) == 0 ? 0 : 1);
      case SET_KEEPCAPS -> CapabilityOptions.keepCaps(context, call);
      case GET_SECUREBITS -> Result.value(who.secureBits());
      case SET_SECUREBITS -> CapabilityOptions.secureBits(context, call);
      case CAPBSET_READ -> CapabilityOptions.bounding(context, call);
      case CAPBSET_DROP -> CapabilityOptions.dropBounding(context, call);
      case CAP_AMBIENT -> CapabilityOptions.ambient(context, call);
      case SET_EXEC_COMM -> setExecComm(context, call);
      default -> new Result.Unknown("this prctl option is not modelled");
    };
  }

  private static TaskSettings settings(CallContext context) {
    TaskSettings row = context.state().taskSettings.get(context.taskKey());
    return row == null ? TaskSettings.initial(context.taskKey()) : row;
  }

  /** A number as printed: decimal, octal or hex, then perhaps its name as a comment. -1 if none. */
  static long number(Object argument) {
    if (!(argument instanceof Raw raw)) {
      return argument == null ? 0 : -1;
    }
    String text = Bytes.of(raw.getText()).latin1().strip();
    int end = 0;
    while (end < text.length() && Character.isLetterOrDigit(text.charAt(end))) {
      end++;
    }
    String word = text.substring(0, end);
    try {
      return word.isEmpty() ? -1 : Long.decode(word);
    } catch (NumberFormatException e) {
      Long named = io.kledger.abi.Constants.value(word + rest(text, end));
      return named == null ? -1 : named;
    }
  }

  private static String rest(String text, int from) {
    int end = from;
    while (end < text.length()
        && (text.charAt(end) == '_' || Character.isLetterOrDigit(text.charAt(end)))) {
      end++;
    }
    return text.substring(from, end);
  }

  private static Result out(PrctlCall call, long value) {
    return Result.value(
        0,
        new PrctlCall(
            call.getOption(),
            new Raw(Bytes.of("[" + value + "]").toBuffer()),
            call.getArg3(),
            call.getArg4(),
            call.getArg5()));
  }

  private static Result setName(CallContext context, PrctlCall call) {
    if (!(call.getArg2() instanceof Text text) || text.getAddress() != null) {
      if (Kernel.runs(context)) {
        return context.fail(Errno.EFAULT, "F40.4 bad pointer");
      }
      return new Result.Unknown("the trace does not show the name");
    }
    Task task = context.task();
    Bytes name = Exec.cut(Bytes.of(text.getValue()));
    if (!name.equals(task.comm())) {
      context.emit(new TaskChange.CommChanged(task.withComm(name)));
    }
    return Result.ZERO;
  }

  private static Result setExecComm(CallContext context, PrctlCall call) {
    boolean plain = zero(call.getArg3()) && zero(call.getArg4()) && zero(call.getArg5());
    if ((!context.profile().proposes(KernelFeature.EXEC_COMM) || !plain)
        && context.refuse("F40 arguments")) {
      return context.fail(Errno.EINVAL, "F40 arguments");
    }
    Bytes name = Bytes.EMPTY;
    if (call.getArg2() instanceof Text text && text.getAddress() == null) {
      name = Exec.cut(Bytes.of(text.getValue()));
    } else if (number(call.getArg2()) > 0) {
      return context.refuse("F40 bad pointer")
          ? context.fail(Errno.EFAULT, "F40 bad pointer")
          : Result.ZERO;
    }
    TaskSettings old = settings(context);
    if (!old.execComm().equals(name)) {
      context.put(
          Tables.TASK_SETTINGS,
          new TaskSettings(old.key(), old.parentDeathSignal(), old.dumpable(), name));
    }
    return Result.ZERO;
  }

  private static Result getName(CallContext context, PrctlCall call) {
    Text name = new Text(context.task().comm().toBuffer(), false, null);
    return Result.value(
        0, new PrctlCall(call.getOption(), name, call.getArg3(), call.getArg4(), call.getArg5()));
  }

  private static Result setDeathSignal(CallContext context, PrctlCall call) {
    long signal = number(call.getArg2());
    if ((signal < 0 || signal > Signals.LAST) && context.refuse("C15 signal")) {
      return context.fail(Errno.EINVAL, "C15 signal");
    }
    TaskSettings old = settings(context);
    if (old.parentDeathSignal() != signal) {
      context.put(
          Tables.TASK_SETTINGS,
          new TaskSettings(old.key(), (int) signal, old.dumpable(), old.execComm()));
    }
    return Result.ZERO;
  }

  private static Result setDumpable(CallContext context, PrctlCall call) {
    long value = number(call.getArg2());
    if ((value < 0 || value > 1) && context.refuse("C15 dumpable")) {
      return context.fail(Errno.EINVAL, "C15 dumpable");
    }
    Dumpable.set(context, context.task(), (int) value);
    return Result.ZERO;
  }

  private static Result setSubreaper(CallContext context, PrctlCall call) {
    ThreadGroup group = context.state().groups.require(context.task().group());
    boolean on = number(call.getArg2()) != 0;
    if (group.subreaper() != on) {
      context.emit(new TaskChange.GroupChanged(group.withSubreaper(on)));
    }
    return Result.ZERO;
  }

  private static Result noNewPrivs(CallContext context, PrctlCall call) {
    boolean plain =
        number(call.getArg2()) == 1
            && zero(call.getArg3())
            && zero(call.getArg4())
            && zero(call.getArg5());
    if (!plain && context.refuse("C15 no_new_privs")) {
      return context.fail(Errno.EINVAL, "C15 no_new_privs");
    }
    Credentials old = context.task().credentials();
    store(context, CredentialChange.limits(old, old.capBounding(), old.secureBits(), true));
    return Result.ZERO;
  }

  private static Result getNoNewPrivs(CallContext context, PrctlCall call) {
    boolean plain =
        number(call.getArg2()) == 0
            && zero(call.getArg3())
            && zero(call.getArg4())
            && zero(call.getArg5());
    return !plain && context.refuse("C15 arguments")
        ? context.fail(Errno.EINVAL, "C15 arguments")
        : Result.value(context.task().credentials().noNewPrivs() ? 1 : 0);
  }

  static boolean zero(Raw argument) {
    long value = number(argument);
    return value == 0;
  }

  static void store(CallContext context, Credentials changed) {
    Task task = context.task();
    if (!changed.equals(task.credentials())) {
      Dumpable.committed(context, task, task.credentials(), changed);
      context.emit(new TaskChange.Changed(task.withCredentials(changed)));
    }
  }
}
