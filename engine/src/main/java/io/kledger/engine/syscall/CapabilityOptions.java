package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.ns.Capability;
import io.kledger.engine.ns.CredentialChange;
import io.kledger.event.avro.PrctlCall;
import io.kledger.kernel.task.Credentials;

/** The options of prctl(2) about capabilities: cap_task_prctl() in security/commoncap.c. */
final class CapabilityOptions {
  private static final int KEEP_CAPS = 1 << 4;

  /** SECURE_ALL_BITS; the lock of each is the bit above it. */
  private static final long BITS = 0x555;

  private static final long LOCKS = BITS << 1;

  /** SECBIT_EXEC_RESTRICT_FILE and SECBIT_EXEC_DENY_INTERACTIVE: anybody may set them (6.14). */
  private static final long UNPRIVILEGED = 0x500;

  private static final int NO_AMBIENT_RAISE = 1 << 6;

  private static final int AMBIENT_IS_SET = 1;
  private static final int AMBIENT_RAISE = 2;
  private static final int AMBIENT_LOWER = 3;
  private static final int AMBIENT_CLEAR_ALL = 4;

  private CapabilityOptions() {}

  static Result keepCaps(CallContext context, PrctlCall call) {
    long value = PrctlCalls.number(call.getArg2());
    if ((value < 0 || value > 1) && context.refuse("C15 keepcaps")) {
      return context.fail(Errno.EINVAL, "C15 keepcaps");
    }
    Credentials old = context.task().credentials();
    if ((old.secureBits() & KEEP_CAPS << 1) != 0 && context.refuse("C15 keepcaps locked")) {
      return context.fail(Errno.EPERM, "C15 keepcaps locked");
    }
    int bits = old.secureBits() & ~KEEP_CAPS | (value == 1 ? KEEP_CAPS : 0);
    PrctlCalls.store(
        context, CredentialChange.limits(old, old.capBounding(), bits, old.noNewPrivs()));
    return Result.ZERO;
  }

  static Result secureBits(CallContext context, PrctlCall call) {
    Credentials old = context.task().credentials();
    long bits = PrctlCalls.number(call.getArg2());
    boolean since614 = context.profile().atLeast(6, 14);
    long known = since614 ? BITS | LOCKS : 0xff;
    long changed = old.secureBits() ^ bits;
    boolean wrong =
        ((old.secureBits() & LOCKS) >> 1 & changed) != 0
            || (old.secureBits() & LOCKS & ~bits) != 0
            || (bits & ~known) != 0;
    long free = since614 ? UNPRIVILEGED | UNPRIVILEGED << 1 : 0;
    boolean privileged = changed == 0 || (changed & ~free) != 0;
    if ((wrong || privileged && !may(context, old, Capability.SETPCAP))
        && context.refuse("C15 securebits")) {
      return context.fail(Errno.EPERM, "C15 securebits");
    }
    PrctlCalls.store(
        context, CredentialChange.limits(old, old.capBounding(), (int) bits, old.noNewPrivs()));
    return Result.ZERO;
  }

  private static boolean may(CallContext context, Credentials who, int capability) {
    return !who.known() || Capability.over(context.state(), who, who.userNs(), capability);
  }

  static Result bounding(CallContext context, PrctlCall call) {
    Credentials who = context.task().credentials();
    long number = PrctlCalls.number(call.getArg2());
    if (number < 0 || number > Capability.CHECKPOINT_RESTORE) {
      return context.fail(Errno.EINVAL, "C15 capability");
    }
    return who.known()
        ? Result.value(who.capBounding() >>> number & 1)
        : new Result.Unknown("capabilities from before the trace");
  }

  static Result dropBounding(CallContext context, PrctlCall call) {
    Credentials old = context.task().credentials();
    if (!may(context, old, Capability.SETPCAP) && context.refuse("C15 CAP_SETPCAP")) {
      return context.fail(Errno.EPERM, "C15 CAP_SETPCAP");
    }
    long number = PrctlCalls.number(call.getArg2());
    if ((number < 0 || number > Capability.CHECKPOINT_RESTORE)
        && context.refuse("C15 capability")) {
      return context.fail(Errno.EINVAL, "C15 capability");
    }
    long set = old.capBounding() & ~(1L << number);
    PrctlCalls.store(
        context, CredentialChange.limits(old, set, old.secureBits(), old.noNewPrivs()));
    return Result.ZERO;
  }

  /** PR_CAP_AMBIENT. */
  static Result ambient(CallContext context, PrctlCall call) {
    Credentials old = context.task().credentials();
    int what = (int) PrctlCalls.number(call.getArg2());
    long number = PrctlCalls.number(call.getArg3());
    boolean rest = PrctlCalls.zero(call.getArg4()) && PrctlCalls.zero(call.getArg5());
    boolean all = what == AMBIENT_CLEAR_ALL;
    boolean known = what >= AMBIENT_IS_SET && what <= AMBIENT_CLEAR_ALL;
    boolean valid = all ? number == 0 : number >= 0 && number <= Capability.CHECKPOINT_RESTORE;
    if ((!known || !valid || !rest) && context.refuse("C15 ambient")) {
      return context.fail(Errno.EINVAL, "C15 ambient");
    }
    if (!old.known()) {
      return new Result.Unknown("capabilities from before the trace");
    }
    long bit = all ? 0 : 1L << number;
    if (what == AMBIENT_IS_SET) {
      return Result.value((old.capAmbient() & bit) == 0 ? 0 : 1);
    }
    boolean raise = what == AMBIENT_RAISE;
    boolean denied =
        raise
            && ((old.capPermitted() & bit) == 0
                || (old.capInheritable() & bit) == 0
                || (old.secureBits() & NO_AMBIENT_RAISE) != 0);
    if (denied && context.refuse("C15 ambient raise")) {
      return context.fail(Errno.EPERM, "C15 ambient raise");
    }
    long set = all ? 0 : raise ? old.capAmbient() | bit : old.capAmbient() & ~bit;
    PrctlCalls.store(
        context,
        CredentialChange.caps(
            old, old.capInheritable(), old.capPermitted(), old.capEffective(), set));
    return Result.ZERO;
  }
}
