package io.kledger.engine.task;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.KernelProfile;
import io.kledger.engine.Result;
import io.kledger.engine.cgroup.CgroupFs;
import io.kledger.engine.cgroup.CgroupRules;
import io.kledger.engine.cgroup.PidsController;
import io.kledger.engine.file.FdTables;
import io.kledger.engine.ns.Capability;
import io.kledger.engine.ns.IdMap;
import io.kledger.engine.ns.NamespaceLimits;
import io.kledger.engine.ns.NamespaceRows;
import io.kledger.engine.security.Security;
import io.kledger.event.avro.CloneArgs;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Machine;
import io.kledger.kernel.cgroup.Cgroup;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.ns.NamespaceKind;
import io.kledger.kernel.ns.UserNamespace;
import io.kledger.kernel.task.Credentials;
import io.kledger.kernel.task.FsStruct;
import io.kledger.kernel.task.Pid;
import io.kledger.kernel.task.PidCounter;
import io.kledger.kernel.task.ResourceLimit;
import io.kledger.kernel.task.Task;
import java.util.ArrayList;
import java.util.List;

/** What copy_process() and its callers refuse, in their order. */
public final class CloneChecks {
  /** CLONE_ARGS_SIZE_VER0. */
  private static final long SIZE_FIRST = 64;

  /** RLIMIT_NPROC. */
  private static final int NPROC = 6;

  /** CLONE_ARGS_SIZE_VER2, which has the cgroup. */
  private static final long SIZE_CGROUP = 88;

  /** PAGE_SIZE. */
  private static final long SIZE_MOST = 4096;

  /** MAX_PID_NS_LEVEL, and one more for user namespaces. */
  private static final int MAX_LEVEL = 32;

  private static final long KNOWN_FLAGS = 0x3ffffffffL;

  private static final long KNOWN_FLAGS_7_1 =
      KNOWN_FLAGS | CloneFlags.AUTOREAP | CloneFlags.NNP | CloneFlags.PIDFD_AUTOKILL;

  private CloneChecks() {}

  /** Null if the call may go on. */
  public static Result check(CallContext context, CloneRequest request) {
    if (request.clone3() != null
        && request.size() > SIZE_MOST
        && context.refuse("C2 clone_args size")) {
      return context.fail(Errno.E2BIG, "C2 clone_args size");
    }
    String wrong = request.clone3() == null ? legacy(request) : clone3(context, request);
    if (wrong == null) {
      wrong = combinations(context, request);
    }
    if (wrong != null && context.refuse(wrong)) {
      return context.fail(Errno.EINVAL, wrong);
    }
    if (request.has(CloneFlags.PIDFD_AUTOKILL)
        && !mayKill(context, request)
        && context.refuse("F12 autokill of privileged programs")) {
      return context.fail(Errno.EPERM, "F12 autokill of privileged programs");
    }
    if (tooMany(context)) {
      return context.fail(Errno.EAGAIN, "C2 RLIMIT_NPROC");
    }
    Result refused = namespaces(context, context.task(), request.flags());
    if (refused == null) {
      refused = numbers(context, request);
    }
    if (refused == null && request.has(CloneFlags.INTO_CGROUP)) {
      refused = cgroup(context, request);
    }
    long target = targetCgroup(context, request);
    return refused == null
        ? PidsController.mayFork(context, target == 0 ? context.task().cgroup() : target)
        : refused;
  }

  /**
   * RLIMIT_NPROC: counts the tasks of the real user in this user namespace, zombies too. Root of
   * the initial user namespace is free of it.
   */
  private static boolean tooMany(CallContext context) {
    KernelState state = context.state();
    Credentials who = context.task().credentials();
    ResourceLimit limit =
        Kernel.runs(context) ? ResourceLimits.of(state, context.task().group(), NPROC) : null;
    if (limit == null || limit.soft() == ResourceLimit.INFINITY || who.uid() == 0) {
      return false;
    }
    long count = 1;
    for (long key : state.tasks.keys()) {
      Credentials other = state.tasks.require(key).credentials();
      count += other.uid() == who.uid() && other.userNs() == who.userNs() ? 1 : 0;
    }
    return Long.compareUnsigned(count, limit.soft()) > 0
        && !Capability.initial(state, who, Capability.SYS_RESOURCE)
        && !Capability.initial(state, who, Capability.SYS_ADMIN);
  }

  /** A program that gains privileges must not be at the mercy of who made it. */
  private static boolean mayKill(CallContext context, CloneRequest request) {
    Credentials who = context.task().credentials();
    return request.has(CloneFlags.NNP)
        || !who.known()
        || Capability.over(context.state(), who, who.userNs(), Capability.SYS_ADMIN);
  }

  private static String autoReap(CallContext context, CloneRequest request) {
    boolean auto = request.has(CloneFlags.AUTOREAP);
    if (auto
        && (request.has(CloneFlags.THREAD)
            || request.has(CloneFlags.PARENT)
            || request.signal() != 0)) {
      return "F12 AUTOREAP of a thread, a sibling or with a signal";
    }
    if (request.has(CloneFlags.PARENT) && AutoReaping.is(context.state(), context.task().group())) {
      return "F12 PARENT by an autoreap process";
    }
    if (request.has(CloneFlags.NNP) && request.has(CloneFlags.THREAD)) {
      return "F12 NNP of a thread";
    }
    boolean kill = request.has(CloneFlags.PIDFD_AUTOKILL);
    return kill && (!request.has(CloneFlags.PIDFD) || !auto)
        ? "F12 PIDFD_AUTOKILL without PIDFD and AUTOREAP"
        : null;
  }

  private static String legacy(CloneRequest request) {
    boolean both = request.has(CloneFlags.PIDFD) && request.has(CloneFlags.PARENT_SETTID);
    return both ? "C2 pidfd and parent_tid" : null;
  }

  /** copy_clone_args_from_user() and clone3_args_valid(). */
  private static String clone3(CallContext context, CloneRequest request) {
    CloneArgs args = request.clone3();
    if (request.size() < SIZE_FIRST) {
      return "C2 clone_args size";
    }
    if (args.getSetTid() == null && args.getSetTidSize() > 0 || args.getSetTidSize() > MAX_LEVEL) {
      return "C1.4 set_tid without numbers";
    }
    if (args.getExitSignal() < 0 || args.getExitSignal() > Signals.LAST) {
      return "C2 exit_signal";
    }
    if (request.has(CloneFlags.INTO_CGROUP)
        && (args.getCgroup() != null && args.getCgroup().getNumber() < 0
            || request.size() < SIZE_CGROUP)) {
      return "C2 cgroup";
    }
    long csignal = 0xff & ~CloneFlags.NEWTIME;
    KernelProfile profile = context.profile();
    boolean new71 =
        profile.has(KernelFeature.WAIT_NOPIDFD) || profile.atLeast(7, 1) && !profile.wishlist();
    long known = new71 ? KNOWN_FLAGS_7_1 : KNOWN_FLAGS;
    if ((request.flags() & ~known) != 0
        || (request.flags() & (CloneFlags.DETACHED | csignal)) != 0) {
      return "C2 clone3 flags";
    }
    if (request.has(CloneFlags.SIGHAND) && request.has(CloneFlags.CLEAR_SIGHAND)) {
      return "C2 SIGHAND with CLEAR_SIGHAND";
    }
    if ((request.has(CloneFlags.THREAD) || request.has(CloneFlags.PARENT))
        && args.getExitSignal() != 0) {
      return "C2 exit_signal of a thread or sibling";
    }
    boolean stack =
        args.getStack() != null
            && !io.kledger.event.Bytes.of(args.getStack().getText()).latin1().equals("NULL");
    return stack == (args.getStackSize() == 0) ? "C2 stack without size" : null;
  }

  private static String combinations(CallContext context, CloneRequest request) {
    if (request.has(CloneFlags.PIDFD)
        && request.has(CloneFlags.THREAD)
        && !context.profile().atLeast(6, 9)) {
      return "C2 pidfd of a thread";
    }
    if (request.has(CloneFlags.FS)
        && (request.has(CloneFlags.NEWNS) || request.has(CloneFlags.NEWUSER))) {
      return "C2 CLONE_FS with NEWNS or NEWUSER";
    }
    if (request.has(CloneFlags.THREAD) && !request.has(CloneFlags.SIGHAND)) {
      return "C2 THREAD without SIGHAND";
    }
    if (request.has(CloneFlags.SIGHAND) && !request.has(CloneFlags.VM)) {
      return "C2 SIGHAND without VM";
    }
    Task task = context.task();
    if (request.has(CloneFlags.PARENT)
        && (TaskDeath.isInit(context.state(), task) || task.tid() == 1)) {
      return "C2 CLONE_PARENT of an init";
    }
    if (request.has(CloneFlags.THREAD)
        && (request.has(CloneFlags.NEWUSER)
            || request.has(CloneFlags.NEWPID)
            || task.namespaces().pid() != task.namespaces().pidForChildren())) {
      return "C2 THREAD across namespaces";
    }
    if (request.has(CloneFlags.PIDFD) && request.has(CloneFlags.DETACHED)) {
      return "C2 PIDFD with DETACHED";
    }
    return request.has(CloneFlags.NEWIPC) && request.has(CloneFlags.SYSVSEM)
        ? "C2 NEWIPC with SYSVSEM"
        : autoReap(context, request);
  }

  /** create_user_ns() and copy_namespaces(); also what unshare(2) checks. */
  public static Result namespaces(CallContext context, Task task, long flags) {
    KernelState state = context.state();
    Credentials who = task.credentials();
    if ((flags & CloneFlags.NEWUSER) != 0) {
      Result refused = newUser(context, task);
      if (refused != null) {
        return refused;
      }
    } else if ((flags & CloneFlags.OTHER_NAMESPACES) != 0
        && who.known()
        && !Capability.over(state, who, who.userNs(), Capability.SYS_ADMIN)
        && context.refuse("C2 CAP_SYS_ADMIN for a namespace")) {
      return context.fail(Errno.EPERM, "C2 CAP_SYS_ADMIN for a namespace");
    }
    boolean full =
        (flags & CloneFlags.NEWNS) != 0 && NamespaceLimits.usedUp(state, who, NamespaceKind.MOUNT);
    if (full && context.refuse("C14 user.max_mnt_namespaces")) {
      return context.fail(Errno.ENOSPC, "C14 user.max_mnt_namespaces");
    }
    if ((flags & CloneFlags.NEWPID) == 0) {
      return null;
    }
    if (task.namespaces().pid() != task.namespaces().pidForChildren()
        && context.refuse("C8 a pid namespace is pending")) {
      return context.fail(Errno.EINVAL, "C8 a pid namespace is pending");
    }
    Namespace pid = state.namespaces.get(task.namespaces().pid());
    if (pid != null && pid.level() >= MAX_LEVEL && context.refuse("C1.5 depth")) {
      return context.fail(Errno.ENOSPC, "C1.5 depth");
    }
    return null;
  }

  private static Result newUser(CallContext context, Task task) {
    KernelState state = context.state();
    Credentials who = task.credentials();
    Namespace user = state.namespaces.get(who.userNs());
    if (user != null && user.level() > MAX_LEVEL && context.refuse("C1.5 depth")) {
      return context.fail(Errno.ENOSPC, "C1.5 depth");
    }
    if (usedUp(state, who) && context.refuse("C1.5 user.max_user_namespaces")) {
      return context.fail(Errno.ENOSPC, "C1.5 user.max_user_namespaces");
    }
    if (chrooted(state, task) && context.refuse("C2 user namespace of a chrooted task")) {
      return context.fail(Errno.EPERM, "C2 user namespace of a chrooted task");
    }
    boolean unmapped =
        who.known()
            && (IdMap.fromKernel(state, who.userNs(), who.euid(), false) == IdMap.INVALID
                || IdMap.fromKernel(state, who.userNs(), who.egid(), true) == IdMap.INVALID);
    if (unmapped && context.refuse("C2 own ids not mapped")) {
      return context.fail(Errno.EPERM, "C2 own ids not mapped");
    }
    int denied =
        context.profile().has(KernelFeature.USERNS_HOOK)
            ? Security.check(context, "create_user_ns", Security.Request.ofCaller())
            : 0;
    return denied != 0 && context.refuse("F54 create_user_ns hook")
        ? context.fail(denied, "F54 create_user_ns hook")
        : null;
  }

  /** inc_user_namespaces(): how many a user may have, if the setting was given. */
  private static boolean usedUp(KernelState state, Credentials who) {
    Machine machine = state.machine.get(1);
    if (machine == null) {
      return false;
    }
    String name = "user.max_user_namespaces=";
    for (String line : machine.settings()) {
      if (line.startsWith(name)) {
        long limit = Long.parseLong(line.substring(name.length()).strip());
        long count = 0;
        for (UserNamespace row : state.userNamespaces.rows()) {
          Namespace namespace = state.namespaces.get(row.key());
          boolean made = namespace != null && namespace.level() > 0;
          count += made && row.ownerUid() == who.euid() ? 1 : 0;
        }
        return count >= limit;
      }
    }
    return false;
  }

  /** current_chrooted(). */
  private static boolean chrooted(KernelState state, Task task) {
    FsStruct fs = state.fs.get(task.fs());
    Namespace ns = state.namespaces.get(task.namespaces().mount());
    if (fs == null || ns == null || !fs.root().known() || state.mounts.get(ns.root()) == null) {
      return false;
    }
    var top = state.mounts.get(ns.root());
    for (var over = state.mountAt(top.key(), top.root()); over != null; ) {
      top = over;
      over = state.mountAt(top.key(), top.root());
    }
    return fs.root().mount() != top.key() || fs.root().dentry() != top.root();
  }

  /** alloc_pid(). */
  private static Result numbers(CallContext context, CloneRequest request) {
    KernelState state = context.state();
    Task task = context.task();
    boolean fresh = request.has(CloneFlags.NEWPID);
    Namespace deepest = state.namespaces.get(task.namespaces().pidForChildren());
    if (deepest == null) {
      return null;
    }
    List<Long> wanted = wanted(request);
    int levels = deepest.level() + 1 + (fresh ? 1 : 0);
    if (wanted.size() > levels) {
      if (!outermost(state) && !context.assuming()) {
        return new Result.Unknown("how deep the outermost pid namespace lies");
      }
      if (context.refuse("C1.4 set_tid_size")) {
        return context.fail(Errno.EINVAL, "C1.4 set_tid_size");
      }
    }
    Namespace at = deepest;
    for (int i = 0; i < wanted.size(); i++) {
      boolean inFresh = fresh && i == 0;
      Result refused = number(context, inFresh ? null : at, wanted.get(i).intValue());
      if (refused != null) {
        return refused;
      }
      at = inFresh || at == null ? at : state.namespaces.get(at.parent());
    }
    PidCounter counter = state.pidCounters.get(deepest.key());
    if (!fresh && counter != null && counter.disabled() && context.refuse("C1.5 dead init")) {
      return context.fail(Errno.ENOMEM, "C1.5 dead init");
    }
    return null;
  }

  /**
   * @param namespace null for one that is just being made
   */
  private static Result number(CallContext context, Namespace namespace, int number) {
    KernelState state = context.state();
    if (number < 1 && context.refuse("C1.4 set_tid range")) {
      return context.fail(Errno.EINVAL, "C1.4 set_tid range");
    }
    boolean empty = namespace == null || namespace.level() > 0 && namespace.root() == 0;
    if (number != 1 && empty && context.refuse("C1.4 init is 1")) {
      return context.fail(Errno.EINVAL, "C1.4 init is 1");
    }
    if (namespace == null) {
      return null;
    }
    Credentials who = context.task().credentials();
    boolean may =
        !who.known()
            || Capability.over(state, who, namespace.owner(), Capability.CHECKPOINT_RESTORE)
            || Capability.over(state, who, namespace.owner(), Capability.SYS_ADMIN);
    if (!may && context.refuse("C1.4 CAP_CHECKPOINT_RESTORE")) {
      return context.fail(Errno.EPERM, "C1.4 CAP_CHECKPOINT_RESTORE");
    }
    Pid taken = PidNumbers.find(state, namespace.key(), number);
    if (taken != null && !ownChild(context, taken) && context.refuse("C1.4 number in use")) {
      return context.fail(Errno.EEXIST, "C1.4 number in use");
    }
    return null;
  }

  /** Whether the outermost pid namespace of the log is the machine's initial one. */
  private static boolean outermost(KernelState state) {
    Namespace initial = NamespaceRows.initial(state, NamespaceKind.PID);
    return initial == null
        || initial.inode() == 0
        || initial.inode() == NamespaceRows.initialInode(NamespaceKind.PID);
  }

  /** The child of this very call was seen before the call returned. */
  private static boolean ownChild(CallContext context, Pid taken) {
    Task child = context.state().tasksByPid.last(taken.key());
    return context.succeeded() && child != null && child.tid() == context.observedOr(0);
  }

  private static List<Long> wanted(CloneRequest request) {
    List<Long> none = List.of();
    return request.clone3() == null || request.clone3().getSetTid() == null
        ? none
        : request.clone3().getSetTid();
  }

  /** The numbers of set_tid from level 0 inwards, 0 where none is asked for. */
  public static List<Integer> wantedNumbers(CallContext context, CloneRequest request) {
    Namespace deepest =
        context.state().namespaces.get(context.task().namespaces().pidForChildren());
    int levels = (deepest == null ? 0 : deepest.level()) + 1;
    levels += request.has(CloneFlags.NEWPID) ? 1 : 0;
    List<Long> wanted = wanted(request);
    List<Integer> numbers = new ArrayList<>();
    for (int level = 0; level < levels; level++) {
      int fromInside = levels - 1 - level;
      numbers.add(fromInside < wanted.size() ? wanted.get(fromInside).intValue() : 0);
    }
    return numbers;
  }

  private static Result cgroup(CallContext context, CloneRequest request) {
    var fd = request.clone3().getCgroup();
    if (fd == null) {
      return null;
    }
    return switch (FdTables.get(context, fd)) {
      case FdTables.NotOpen none ->
          context.refuse("C9.9 cgroup fd") ? context.fail(Errno.EBADF, "C9.9 cgroup fd") : null;
      case FdTables.NotSeen none -> null;
      case FdTables.Open open -> {
        Cgroup target = CgroupFs.of(context, open.description().place().dentry());
        if (target == null) {
          yield Kernel.runs(context)
              ? context.fail(Errno.EBADF, "C9.9 no cgroup2 directory")
              : null;
        }
        yield CgroupRules.mayBeBorn(
            context, context.task(), target, request.has(CloneFlags.THREAD));
      }
    };
  }

  /** The cgroup of CLONE_INTO_CGROUP, 0 if it is not asked for. */
  public static long targetCgroup(CallContext context, CloneRequest request) {
    if (!request.has(CloneFlags.INTO_CGROUP) || request.clone3().getCgroup() == null) {
      return 0;
    }
    if (FdTables.get(context, request.clone3().getCgroup()) instanceof FdTables.Open open) {
      Cgroup target = CgroupFs.of(context, open.description().place().dentry());
      return target == null ? 0 : target.key();
    }
    return 0;
  }
}
