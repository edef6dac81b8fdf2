package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.file.Files;
import io.kledger.engine.file.OpenFlags;
import io.kledger.engine.ns.Capability;
import io.kledger.event.avro.IoUringSetupCall;
import io.kledger.kernel.Machine;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.task.Credentials;
import io.kledger.kernel.uring.Ring;
import java.util.List;

/** io_uring_setup(2): io_uring_allowed(), io_uring_sanitise_params(), io_uring_create(). */
final class RingSetup {
  private static final long MOST_ENTRIES = 32768;
  private static final String PREFIX = "IORING_SETUP_";
  private static final String DISABLED = "kernel.io_uring_disabled=";
  private static final String GROUP = "kernel.io_uring_group=";

  /** By bit. */
  private static final List<String> NAMES =
      List.of(
          "IOPOLL",
          "SQPOLL",
          "SQ_AFF",
          "CQSIZE",
          "CLAMP",
          "ATTACH_WQ",
          "R_DISABLED",
          "SUBMIT_ALL",
          "COOP_TASKRUN",
          "TASKRUN_FLAG",
          "SQE128",
          "CQE32",
          "SINGLE_ISSUER",
          "DEFER_TASKRUN",
          "NO_MMAP",
          "REGISTERED_FD_ONLY",
          "NO_SQARRAY",
          "HYBRID_IOPOLL",
          "CQE_MIXED");

  private RingSetup() {}

  static Result setup(CallContext context, IoUringSetupCall call) {
    if (forbidden(context) && context.refuse("io_uring_allowed")) {
      return context.fail(Errno.EPERM, "io_uring_allowed");
    }
    long flags = flags(Arguments.text(call.getParams()));
    boolean odd = (flags & ~((1L << NAMES.size()) - 1)) != 0 || contradict(flags);
    if (odd && context.refuse("io_uring_setup: flags")) {
      return context.fail(Errno.EINVAL, "io_uring_setup: flags");
    }
    boolean clamp = (flags & bit("CLAMP")) != 0;
    boolean bad = call.getEntries() <= 0 || call.getEntries() > MOST_ENTRIES && !clamp;
    if (bad && context.refuse("io_uring_setup: entries")) {
      return context.fail(Errno.EINVAL, "io_uring_setup: entries");
    }
    if (!context.simulated() && !context.assuming()) {
      return new Result.Unknown("whether it is allowed");
    }
    Result made = Files.anonymous(context, FileKind.IO_URING, "[io_uring]", OpenFlags.RDWR, true);
    if (made instanceof Result.Done done) {
      int number = (int) context.observedOr(done.value());
      long file = context.state().fd(context.task().files(), number).description();
      context.put(Tables.RINGS, new Ring(file, flags, 0));
    }
    return made;
  }

  /** The sysctl kernel.io_uring_disabled: 1 means all but administrators and a group, 2 all. */
  private static boolean forbidden(CallContext context) {
    Machine machine = context.state().machine.get(1);
    int disabled = 0;
    int group = -1;
    for (String line : machine == null ? List.<String>of() : machine.settings()) {
      if (line.startsWith(DISABLED)) {
        disabled = (int) Arguments.number(line.substring(DISABLED.length()), 0);
      } else if (line.startsWith(GROUP)) {
        group = (int) Arguments.number(line.substring(GROUP.length()), -1);
      }
    }
    Credentials who = context.task().credentials();
    boolean member = group >= 0 && (who.egid() == group || who.groups().contains(group));
    return disabled >= 2
        || disabled == 1
            && !member
            && !Capability.initial(context.state(), who, Capability.SYS_ADMIN);
  }

  private static long bit(String name) {
    return 1L << NAMES.indexOf(name);
  }

  /** IORING_SETUP_* bits of {@code {flags=...}}: names, or a number. */
  private static long flags(String params) {
    int at = params.indexOf("flags=");
    if (at < 0) {
      return 0;
    }
    int end = at + 6;
    while (end < params.length() && ",}".indexOf(params.charAt(end)) < 0) {
      end++;
    }
    long flags = 0;
    for (String word : params.substring(at + 6, end).split("\\|")) {
      String plain = word.strip();
      int known = plain.startsWith(PREFIX) ? NAMES.indexOf(plain.substring(PREFIX.length())) : -1;
      flags |= known >= 0 ? 1L << known : Arguments.number(plain, 0);
    }
    return flags;
  }

  private static boolean contradict(long flags) {
    boolean poll = (flags & bit("SQPOLL")) != 0;
    boolean coop = (flags & bit("COOP_TASKRUN")) != 0;
    boolean defer = (flags & bit("DEFER_TASKRUN")) != 0;
    boolean flag = (flags & bit("TASKRUN_FLAG")) != 0;
    return (flags & bit("REGISTERED_FD_ONLY")) != 0 && (flags & bit("NO_MMAP")) == 0
        || poll && (coop || defer || flag)
        || flag && !coop && !defer
        || defer && (flags & bit("SINGLE_ISSUER")) == 0
        || (flags & bit("HYBRID_IOPOLL")) != 0 && (flags & bit("IOPOLL")) == 0
        || (flags & bit("SQ_AFF")) != 0 && !poll;
  }
}
