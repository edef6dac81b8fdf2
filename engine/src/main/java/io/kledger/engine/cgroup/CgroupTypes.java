package io.kledger.engine.cgroup;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.cgroup.Cgroup;
import io.kledger.kernel.change.CgroupChange;

/** cgroup.type: domains and threaded subtrees (cgroup_enable_threaded()). */
final class CgroupTypes {
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
            && parent.type() != Cgroup.Type.DOMAIN_INVALID
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
    for (long key : state.cgroupsByParent.keys(parentKey)) {
      Cgroup child = state.cgroups.require(key);
      if (child.type() == Cgroup.Type.DOMAIN_INVALID) {
        change(context, child, Cgroup.Type.DOMAIN);
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
