package io.kledger.engine.cgroup;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.cgroup.Cgroup;
import io.kledger.kernel.change.CgroupChange;
import java.util.ArrayList;
import java.util.List;

/** cgroup.type: domains and threaded subtrees (cgroup_enable_threaded()). */
public final class CgroupTypes {
  private CgroupTypes() {}

  /** `threaded` is written. */
  static Result makeThreaded(CallContext context, Cgroup cgroup) {
    if (cgroup.type() == Cgroup.Type.THREADED) {
      return null;
    }
    KernelState state = context.state();
    Cgroup parent = state.cgroups.get(cgroup.parent());
    boolean fit =
        parent != null
            && shown(state, parent) != Cgroup.Type.DOMAIN_INVALID
            && (parent.parent() == 0
                || parent.type() == Cgroup.Type.THREADED
                || parent.type() == Cgroup.Type.DOMAIN_THREADED
                || CgroupRules.canBeThreadRoot(state, parent));
    boolean busy =
        CgroupLife.populated(state, cgroup.key())
            || !CgroupRules.threadedOnly(cgroup.subtreeControl());
    if ((!fit || busy) && context.refuse("C9.8 cannot be threaded")) {
      return context.fail(Errno.EOPNOTSUPP, "C9.8 cannot be threaded");
    }
    change(context, cgroup, Cgroup.Type.THREADED);
    if (parent != null && parent.parent() != 0 && parent.type() == Cgroup.Type.DOMAIN) {
      change(context, parent, Cgroup.Type.DOMAIN_THREADED);
    }
    if (parent != null && parent.parent() != 0) {
      settle(context, parent.key());
    }
    settle(context, cgroup.key());
    return null;
  }

  /** Below a threaded domain, what is not threaded itself is invalid. */
  private static void settle(CallContext context, long top) {
    KernelState state = context.state();
    for (long key : state.cgroupsByParent.keys(top)) {
      Cgroup child = state.cgroups.require(key);
      if (child.type() == Cgroup.Type.DOMAIN) {
        change(context, child, Cgroup.Type.DOMAIN_INVALID);
        settle(context, key);
      }
    }
  }

  /** With its last threaded child a threaded domain is a plain one again. */
  static void childGone(CallContext context, long parentKey) {
    KernelState state = context.state();
    Cgroup parent = state.cgroups.get(parentKey);
    if (parent == null || parent.type() != Cgroup.Type.DOMAIN_THREADED) {
      return;
    }
    for (long key : state.cgroupsByParent.keys(parentKey)) {
      if (state.cgroups.require(key).type() == Cgroup.Type.THREADED) {
        return;
      }
    }
    change(context, parent, Cgroup.Type.DOMAIN);
    valid(context, parentKey);
  }

  /** What is below a plain domain is valid again. */
  private static void valid(CallContext context, long top) {
    KernelState state = context.state();
    for (long key : state.cgroupsByParent.keys(top)) {
      Cgroup child = state.cgroups.require(key);
      if (child.type() == Cgroup.Type.DOMAIN_INVALID) {
        change(context, child, Cgroup.Type.DOMAIN);
        valid(context, key);
      }
    }
  }

  /**
   * What cgroup.type shows. A cgroup that has members and hands threaded controllers to its
   * children is the root of a threaded domain, although none of its children is threaded yet:
   * cgroup_is_thread_root(), cgroup_is_valid_domain().
   */
  public static Cgroup.Type shown(KernelState state, Cgroup cgroup) {
    if (cgroup.type() != Cgroup.Type.DOMAIN || cgroup.parent() == 0) {
      return cgroup.type();
    }
    for (Cgroup at = state.cgroups.get(cgroup.parent());
        at != null && at.parent() != 0;
        at = state.cgroups.get(at.parent())) {
      if (at.type() == Cgroup.Type.THREADED || threadRoot(state, at)) {
        return Cgroup.Type.DOMAIN_INVALID;
      }
    }
    return threadRoot(state, cgroup) ? Cgroup.Type.DOMAIN_THREADED : Cgroup.Type.DOMAIN;
  }

  private static boolean threadRoot(KernelState state, Cgroup cgroup) {
    if (cgroup.type() == Cgroup.Type.DOMAIN_THREADED) {
      return true;
    }
    boolean hands = cgroup.subtreeControl().stream().anyMatch(CgroupRules::threaded);
    if (!hands) {
      return false;
    }
    for (long key : state.tasksByCgroup.keys(cgroup.key())) {
      if (state.tasks.require(key).alive()) {
        return true;
      }
    }
    return false;
  }

  /**
   * The cgroups whose members cgroup.procs lists: the domain itself and the threaded ones below it;
   * none for a threaded cgroup.
   */
  public static List<Long> ofDomain(KernelState state, Cgroup cgroup) {
    List<Long> keys = new ArrayList<>();
    if (cgroup.type() != Cgroup.Type.THREADED) {
      keys.add(cgroup.key());
      threaded(state, cgroup.key(), keys);
    }
    return keys;
  }

  private static void threaded(KernelState state, long top, List<Long> into) {
    for (long key : state.cgroupsByParent.keys(top)) {
      if (state.cgroups.require(key).type() == Cgroup.Type.THREADED) {
        into.add(key);
        threaded(state, key, into);
      }
    }
  }

  private static void change(CallContext context, Cgroup cgroup, Cgroup.Type type) {
    Cgroup now = context.state().cgroups.require(cgroup.key());
    context.emit(new CgroupChange.Changed(now.withType(type)));
  }

  /** The domain that a threaded cgroup's resources belong to. */
  static long domainRoot(KernelState state, Cgroup cgroup) {
    Cgroup at = cgroup;
    while (at.type() == Cgroup.Type.THREADED) {
      at = state.cgroups.require(at.parent());
    }
    return at.key();
  }
}
