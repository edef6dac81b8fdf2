package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.ns.Capability;
import io.kledger.engine.ns.CredentialChange;
import io.kledger.engine.task.Dumpable;
import io.kledger.event.Bytes;
import io.kledger.event.avro.CapgetCall;
import io.kledger.event.avro.CapsetCall;
import io.kledger.event.avro.Raw;
import io.kledger.kernel.change.TaskChange;
import io.kledger.kernel.task.Credentials;

/** capget(2), capset(2): kernel/capability.c. */
final class CapabilityCalls {
  private CapabilityCalls() {}

  static void register(SyscallTable.Builder table) {
    table.partial(
        CapgetCall.class,
        "the sets are not filled in",
        (context, call) -> new Result.Unknown("which version and process are asked for"));
    table.partial(CapsetCall.class, "version 3 only", CapabilityCalls::capset);
  }

  private static Result capset(CallContext context, CapsetCall call) {
    Credentials old = context.task().credentials();
    if (call.getData() == null || !old.known()) {
      return new Result.Unknown("capabilities from before the trace");
    }
    String text = Bytes.of(call.getData().getText()).latin1();
    Long effective = set(text, "effective=", ", permitted=");
    Long permitted = set(text, "permitted=", ", inheritable=");
    Long inheritable = set(text, "inheritable=", "}");
    if (effective == null || permitted == null || inheritable == null) {
      return new Result.Unknown("the trace does not show the sets");
    }
    boolean setpcap = Capability.over(context.state(), old, old.userNs(), Capability.SETPCAP);
    long mayInherit = setpcap ? -1 : old.capInheritable() | old.capPermitted();
    boolean fine =
        (permitted & ~old.capPermitted()) == 0
            && (effective & ~permitted) == 0
            && (inheritable & ~mayInherit) == 0
            && (inheritable & ~(old.capInheritable() | old.capBounding())) == 0;
    if (!fine && context.refuse("cap_capset: more than before")) {
      return context.fail(Errno.EPERM, "cap_capset: more than before");
    }
    Credentials changed =
        CredentialChange.caps(
            old, inheritable, permitted, effective, old.capAmbient() & permitted & inheritable);
    if (!changed.equals(old)) {
      Dumpable.committed(context, context.task(), old, changed);
      context.emit(new TaskChange.Changed(context.task().withCredentials(changed)));
    }
    return Result.ZERO;
  }

  /**
   * strace leaves out the lower word if it is 0; then the names in the comment tell that the one
   * word shown is the upper.
   */
  private static boolean onlyUpper(String shown) {
    int comment = shown.indexOf("1<<CAP_");
    if (comment < 0 || shown.indexOf("/*") < 0 || shown.indexOf("/*") > comment) {
      return false;
    }
    int end = comment + 3;
    while (end < shown.length()
        && (Character.isLetterOrDigit(shown.charAt(end)) || shown.charAt(end) == '_')) {
      end++;
    }
    return Capability.number(shown.substring(comment + 3, end)) >= Integer.SIZE;
  }

  /**
   * A set as strace prints it: two words of 32 bits with the names as comments, or the names alone.
   * Null if it is neither.
   */
  private static Long set(String text, String from, String to) {
    int start = text.indexOf(from);
    int end = start < 0 ? -1 : text.indexOf(to, start);
    if (end < 0) {
      return null;
    }
    String shown = text.substring(start + from.length(), end);
    String words = shown.replaceAll("/\\*.*?\\*/", "");
    long set = 0;
    int word = onlyUpper(shown) ? Integer.SIZE : 0;
    for (String token : words.split("\\|")) {
      String value = token.strip();
      if (value.startsWith("1<<")) {
        int number = Capability.number(value.substring(3));
        if (number < 0) {
          return null;
        }
        set |= 1L << number;
        continue;
      }
      long bits = PrctlCalls.number(new Raw(Bytes.of(value).toBuffer()));
      if (bits < 0) {
        return null;
      }
      set |= bits << word;
      word += Integer.SIZE;
    }
    return set;
  }
}
