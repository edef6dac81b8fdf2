package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.file.UnixQueue;
import io.kledger.engine.ns.Capability;
import io.kledger.engine.ns.IdMap;
import io.kledger.engine.task.PidNumbers;
import io.kledger.event.avro.ControlMessage;
import io.kledger.event.avro.Raw;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.task.Credentials;
import io.kledger.kernel.task.Pid;

/** SCM_CREDENTIALS that a sender states: scm_check_creds(). */
final class SenderCredentials {
  private static final int LENGTH = 28;

  private SenderCredentials() {}

  /** What was stated, or why the kernel does not take it. */
  record Stated(UnixQueue.Identity identity, Result refused) {}

  static Stated check(CallContext context, ControlMessage item) {
    if (item.getLength() != LENGTH && context.refuse("C13.2 length")) {
      return new Stated(null, context.fail(Errno.EINVAL, "C13.2 length"));
    }
    if (!(item.getData() instanceof Raw raw)) {
      return new Stated(null, null);
    }
    String text = Arguments.text(raw);
    int number = (int) member(text, "pid=");
    KernelState state = context.state();
    Credentials who = context.task().credentials();
    int uid = IdMap.toKernel(state, who.userNs(), (int) member(text, "uid="), false);
    int gid = IdMap.toKernel(state, who.userNs(), (int) member(text, "gid="), true);
    boolean unmapped = uid == IdMap.INVALID || gid == IdMap.INVALID;
    if (who.known() && unmapped && context.refuse("C13.2 id that the namespace does not map")) {
      return new Stated(
          null, context.fail(Errno.EINVAL, "C13.2 id that the namespace does not map"));
    }
    long ns = context.task().namespaces().pid();
    Pid pid = PidNumbers.find(state, ns, number);
    boolean own = pid != null && pid.key() == UnixQueue.process(context);
    boolean user = uid == who.uid() || uid == who.euid() || uid == who.suid();
    boolean group = gid == who.gid() || gid == who.egid() || gid == who.sgid();
    Namespace pidNs = state.namespaces.get(ns);
    boolean admin =
        pidNs != null && Capability.over(state, who, pidNs.owner(), Capability.SYS_ADMIN);
    boolean allowed =
        (own || admin)
            && (user || who.has(Capability.SETUID))
            && (group || who.has(Capability.SETGID));
    if (who.known() && !allowed && context.refuse("C13.2 stated credentials")) {
      return new Stated(null, context.fail(Errno.EPERM, "C13.2 stated credentials"));
    }
    boolean none =
        context.observed() == null
            || context.observed().getUnknown()
            || context.observed().getError() == Errno.ESRCH;
    if (pid == null && none && !context.assuming()) {
      return new Stated(
          null,
          context.simulated()
              ? context.fail(Errno.ESRCH, "C13.2 no such process")
              : new Result.Unknown("a process outside the log"));
    }
    return new Stated(new UnixQueue.Identity(pid == null ? 0 : pid.key(), uid, gid), null);
  }

  private static long member(String text, String name) {
    int at = text.indexOf(name);
    return at < 0 ? -1 : Arguments.number(text.substring(at + name.length()), -1);
  }
}
