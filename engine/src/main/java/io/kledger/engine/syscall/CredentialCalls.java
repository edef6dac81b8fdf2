package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.ns.Capability;
import io.kledger.engine.ns.CredentialChange;
import io.kledger.engine.ns.IdMap;
import io.kledger.engine.task.Dumpable;
import io.kledger.event.avro.GetegidCall;
import io.kledger.event.avro.GeteuidCall;
import io.kledger.event.avro.GetgidCall;
import io.kledger.event.avro.GetgroupsCall;
import io.kledger.event.avro.GetresgidCall;
import io.kledger.event.avro.GetresuidCall;
import io.kledger.event.avro.GetuidCall;
import io.kledger.event.avro.SetfsgidCall;
import io.kledger.event.avro.SetfsuidCall;
import io.kledger.event.avro.SetgidCall;
import io.kledger.event.avro.SetgroupsCall;
import io.kledger.event.avro.SetregidCall;
import io.kledger.event.avro.SetresgidCall;
import io.kledger.event.avro.SetresuidCall;
import io.kledger.event.avro.SetreuidCall;
import io.kledger.event.avro.SetuidCall;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.change.TaskChange;
import io.kledger.kernel.ns.UserNamespace;
import io.kledger.kernel.task.Credentials;
import java.util.ArrayList;
import java.util.List;

/** User and group ids: kernel/sys.c, kernel/groups.c. */
final class CredentialCalls {
  private static final long UNCHANGED = 0xffffffffL;

  private CredentialCalls() {}

  static void register(SyscallTable.Builder table) {
    table.full(GetuidCall.class, (context, call) -> get(context, own(context).uid(), false));
    table.full(GeteuidCall.class, (context, call) -> get(context, own(context).euid(), false));
    table.full(GetgidCall.class, (context, call) -> get(context, own(context).gid(), true));
    table.full(GetegidCall.class, (context, call) -> get(context, own(context).egid(), true));
    table.full(GetresuidCall.class, (context, call) -> getresuid(context));
    table.full(GetresgidCall.class, (context, call) -> getresgid(context));
    table.full(GetgroupsCall.class, CredentialCalls::getgroups);
    table.full(SetgroupsCall.class, CredentialCalls::setgroups);
    table.full(SetuidCall.class, (context, call) -> setOne(context, call.getUid(), false));
    table.full(SetgidCall.class, (context, call) -> setOne(context, call.getGid(), true));
    table.full(
        SetreuidCall.class,
        (context, call) -> setTwo(context, call.getRuid(), call.getEuid(), false));
    table.full(
        SetregidCall.class,
        (context, call) -> setTwo(context, call.getRgid(), call.getEgid(), true));
    table.full(
        SetresuidCall.class,
        (context, call) ->
            setThree(context, call.getRuid(), call.getEuid(), call.getSuid(), false));
    table.full(
        SetresgidCall.class,
        (context, call) -> setThree(context, call.getRgid(), call.getEgid(), call.getSgid(), true));
    table.full(SetfsuidCall.class, (context, call) -> setFs(context, call.getUid(), false));
    table.full(SetfsgidCall.class, (context, call) -> setFs(context, call.getGid(), true));
  }

  private static Credentials own(CallContext context) {
    return context.task().credentials();
  }

  private static Result get(CallContext context, int id, boolean group) {
    return own(context).known()
        ? Result.value(shown(context, id, group))
        : new Result.Unknown("ids from before the trace");
  }

  private static long shown(CallContext context, int id, boolean group) {
    return Integer.toUnsignedLong(IdMap.shown(context.state(), own(context).userNs(), id, group));
  }

  private static Result getresuid(CallContext context) {
    Credentials who = own(context);
    if (!who.known()) {
      return new Result.Unknown("ids from before the trace");
    }
    return Result.value(
        0,
        new GetresuidCall(
            List.of(shown(context, who.uid(), false)),
            List.of(shown(context, who.euid(), false)),
            List.of(shown(context, who.suid(), false))));
  }

  private static Result getresgid(CallContext context) {
    Credentials who = own(context);
    if (!who.known()) {
      return new Result.Unknown("ids from before the trace");
    }
    return Result.value(
        0,
        new GetresgidCall(
            List.of(shown(context, who.gid(), true)),
            List.of(shown(context, who.egid(), true)),
            List.of(shown(context, who.sgid(), true))));
  }

  private static Result getgroups(CallContext context, GetgroupsCall call) {
    Credentials who = own(context);
    if (!who.known()) {
      return new Result.Unknown("groups from before the trace");
    }
    int count = who.groups().size();
    if (call.getSize() < 0 || call.getSize() > 0 && call.getSize() < count) {
      return context.fail(Errno.EINVAL, "getgroups(2): too small");
    }
    List<Long> groups = new ArrayList<>();
    who.groups().forEach(id -> groups.add(shown(context, id, true)));
    return Result.value(
        count, new GetgroupsCall(call.getSize(), call.getSize() == 0 ? null : groups));
  }

  private static Result setgroups(CallContext context, SetgroupsCall call) {
    KernelState state = context.state();
    Credentials who = own(context);
    UserNamespace user = state.userNamespaces.get(who.userNs());
    boolean may =
        !who.known()
            || Capability.over(state, who, who.userNs(), Capability.SETGID)
                && (user == null || user.setgroupsAllowed() && !user.gidMap().isEmpty());
    if (!may && context.refuse("C7.5 setgroups")) {
      return context.fail(Errno.EPERM, "C7.5 setgroups");
    }
    List<Integer> groups = new ArrayList<>();
    for (long id : call.getGroups() == null ? List.<Long>of() : call.getGroups()) {
      int mapped = IdMap.toKernel(state, who.userNs(), (int) id, true);
      if (mapped == IdMap.INVALID && context.refuse("C7.5 unmapped group")) {
        return context.fail(Errno.EINVAL, "C7.5 unmapped group");
      }
      groups.add(mapped);
    }
    if (!groups.equals(who.groups())) {
      store(context, CredentialChange.groups(who, groups));
    }
    return Result.ZERO;
  }

  private static void store(CallContext context, Credentials changed) {
    Credentials old = own(context);
    if (!changed.equals(old)) {
      Dumpable.committed(context, context.task(), old, changed);
      context.emit(new TaskChange.Changed(context.task().withCredentials(changed)));
    }
  }

  private static boolean privileged(CallContext context, boolean group) {
    Credentials who = own(context);
    int capability = group ? Capability.SETGID : Capability.SETUID;
    return !who.known() || Capability.over(context.state(), who, who.userNs(), capability);
  }

  /** The kernel's id for an argument; {@link IdMap#INVALID} also for "leave it". */
  private static int mapped(CallContext context, long id, boolean group) {
    return (id & UNCHANGED) == UNCHANGED
        ? IdMap.INVALID
        : IdMap.toKernel(context.state(), own(context).userNs(), (int) id, group);
  }

  private static boolean unmapped(CallContext context, long id, boolean group) {
    return (id & UNCHANGED) != UNCHANGED && mapped(context, id, group) == IdMap.INVALID;
  }

  private static Result invalid(CallContext context) {
    return context.fail(Errno.EINVAL, "C7.5 unmapped id");
  }

  private static int root(CallContext context, Credentials who) {
    return IdMap.toKernel(context.state(), who.userNs(), 0, false);
  }

  private static Result denied(CallContext context) {
    return context.fail(Errno.EPERM, "C7 set id without capability");
  }

  private static Result setOne(CallContext context, long id, boolean group) {
    int to = mapped(context, id, group);
    if (to == IdMap.INVALID && context.refuse("C7.5 unmapped id")) {
      return invalid(context);
    }
    Credentials who = own(context);
    int real = group ? who.gid() : who.uid();
    int saved = group ? who.sgid() : who.suid();
    if (privileged(context, group)) {
      store(context, CredentialChange.ids(who, group, to, to, to, root(context, who)));
    } else if (to == real || to == saved || !context.refuse("C7 set id without capability")) {
      store(context, CredentialChange.ids(who, group, real, to, saved, root(context, who)));
    } else {
      return denied(context);
    }
    return Result.ZERO;
  }

  private static Result setTwo(CallContext context, long real, long effective, boolean group) {
    if ((unmapped(context, real, group) || unmapped(context, effective, group))
        && context.refuse("C7.5 unmapped id")) {
      return invalid(context);
    }
    Credentials who = own(context);
    int r = group ? who.gid() : who.uid();
    int e = group ? who.egid() : who.euid();
    int s = group ? who.sgid() : who.suid();
    int newReal = mapped(context, real, group);
    int newEffective = mapped(context, effective, group);
    boolean may =
        privileged(context, group)
            || (newReal == IdMap.INVALID || newReal == r || newReal == e)
                && (newEffective == IdMap.INVALID
                    || newEffective == r
                    || newEffective == e
                    || newEffective == s);
    if (!may && context.refuse("C7 set id without capability")) {
      return denied(context);
    }
    int toReal = newReal == IdMap.INVALID ? r : newReal;
    int toEffective = newEffective == IdMap.INVALID ? e : newEffective;
    boolean saves = newReal != IdMap.INVALID || newEffective != IdMap.INVALID && newEffective != r;
    store(
        context,
        CredentialChange.ids(
            who, group, toReal, toEffective, saves ? toEffective : s, root(context, who)));
    return Result.ZERO;
  }

  private static Result setThree(
      CallContext context, long real, long effective, long saved, boolean group) {
    long[] wanted = {real, effective, saved};
    Credentials who = own(context);
    int[] now = {
      group ? who.gid() : who.uid(),
      group ? who.egid() : who.euid(),
      group ? who.sgid() : who.suid()
    };
    int[] to = new int[wanted.length];
    boolean free = privileged(context, group);
    boolean may = true;
    for (int i = 0; i < wanted.length; i++) {
      if (unmapped(context, wanted[i], group) && context.refuse("C7.5 unmapped id")) {
        return invalid(context);
      }
      int id = mapped(context, wanted[i], group);
      to[i] = id == IdMap.INVALID ? now[i] : id;
      may &= free || to[i] == now[0] || to[i] == now[1] || to[i] == now[2];
    }
    if (!may && context.refuse("C7 set id without capability")) {
      return denied(context);
    }
    store(context, CredentialChange.ids(who, group, to[0], to[1], to[2], root(context, who)));
    return Result.ZERO;
  }

  /** setfsuid(2) returns the old id and never fails. */
  private static Result setFs(CallContext context, long id, boolean group) {
    Credentials who = own(context);
    if (!who.known()) {
      return new Result.Unknown("ids from before the trace");
    }
    int old = group ? who.fsgid() : who.fsuid();
    int to = mapped(context, id, group);
    boolean among =
        group
            ? to == who.gid() || to == who.egid() || to == who.sgid() || to == who.fsgid()
            : to == who.uid() || to == who.euid() || to == who.suid() || to == who.fsuid();
    if (to != IdMap.INVALID && (among || privileged(context, group))) {
      store(context, CredentialChange.fs(who, group, to, root(context, who)));
    }
    return Result.value(shown(context, old, group));
  }
}
