package io.kledger.engine.cgroup;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.file.Openers;
import io.kledger.engine.task.Kernel;
import io.kledger.engine.task.Signals;
import io.kledger.engine.task.TaskDeath;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.cgroup.Cgroup;
import io.kledger.kernel.cgroup.CgroupSettings;
import io.kledger.kernel.change.CgroupChange;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.task.Task;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** write(2) to the control files of a cgroup. */
public final class CgroupWrites {
  private static final List<String> CONTROLLERS =
      List.of("cpu", "io", "memory", "pids", "cpuset", "hugetlb", "rdma", "misc", "dmem");

  /** What the model machine has at its root. */
  private static final List<Bytes> AT_ROOT =
      List.of(Bytes.of("cpu"), Bytes.of("io"), Bytes.of("memory"), Bytes.of("pids"));

  private CgroupWrites() {}

  /** The effect and result of a write; null if the file is none of these. */
  public static Result write(CallContext context, OpenFileDescription file, Bytes data) {
    KernelState state = context.state();
    Dentry name = state.dentries.get(file.place().dentry());
    if (name == null || !CgroupFs.holds(state, name.key())) {
      return null;
    }
    Cgroup cgroup = CgroupFs.of(context, name.parent());
    if (cgroup == null) {
      return null;
    }
    if (cgroup.removed() && context.refuse("C9.3 removed")) {
      return context.fail(Errno.ENODEV, "C9.3 removed");
    }
    if (data.isEmpty()) {
      return Result.ZERO;
    }
    Result border =
        NamespaceDelegation.mayWrite(
            context, cgroup, name.name().toString(), Openers.cgroupNs(context, file));
    if (border != null) {
      return border;
    }
    String text = data.latin1().strip();
    Result refused =
        switch (name.name().toString()) {
          case "cgroup.procs" -> CgroupMigration.write(context, file, cgroup, text, false);
          case "cgroup.threads" -> CgroupMigration.write(context, file, cgroup, text, true);
          case "cgroup.subtree_control" -> subtreeControl(context, cgroup, text);
          case "cgroup.type" ->
              text.equals("threaded")
                  ? CgroupTypes.makeThreaded(context, cgroup)
                  : bad(context, "C9.8 one way");
          case "cgroup.freeze" -> freeze(context, cgroup, text);
          case "cgroup.kill" -> kill(context, cgroup, text);
          case "cgroup.max.depth" -> limit(context, cgroup, text, true);
          case "cgroup.max.descendants" -> limit(context, cgroup, text, false);
          case Coredumps.MAX -> Coredumps.write(context, cgroup, text);
          default -> ControllerFiles.write(context, cgroup, name.name().toString(), text);
        };
    return refused == null ? Result.value(data.length()) : refused;
  }

  private static Result bad(CallContext context, String rule) {
    return context.refuse(rule) ? context.fail(Errno.EINVAL, rule) : null;
  }

  /** A number, or null. */
  static Long number(String text) {
    try {
      return text.isEmpty() ? null : Long.decode(text);
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private static Result limit(CallContext context, Cgroup cgroup, String text, boolean depth) {
    Long number = text.equals("max") ? Long.valueOf(-1) : number(text);
    if (number == null) {
      return bad(context, "C9 limit");
    }
    boolean given = !text.equals("max");
    if (given && (number < 0 || number > Integer.MAX_VALUE) && context.refuse("C9 limit range")) {
      return context.fail(Errno.ERANGE, "C9 limit range");
    }
    CgroupSettings old = CgroupFs.settings(context.state(), cgroup.key());
    int value = number.intValue();
    if (value != (depth ? old.maxDepth() : old.maxDescendants())) {
      String file = depth ? "cgroup.max.depth" : "cgroup.max.descendants";
      limited(context, cgroup, file, value < 0 ? "max" : Integer.toString(value));
    }
    context.put(
        Tables.CGROUP_SETTINGS,
        depth
            ? new CgroupSettings(old.key(), value, old.maxDescendants(), old.freeze())
            : new CgroupSettings(old.key(), old.maxDepth(), value, old.freeze()));
    return null;
  }

  /** A limit has another value. */
  static void limited(CallContext context, Cgroup cgroup, String file, String value) {
    String path = CgroupText.path(context.state(), cgroup.key(), 0).latin1();
    context.notice("cgroup.limit", "path", path, "file", file, "value", value);
  }

  private static Result freeze(CallContext context, Cgroup cgroup, String text) {
    Long number = number(text);
    if (number == null) {
      return bad(context, "C9.10 freeze");
    }
    if ((number < 0 || number > 1) && context.refuse("C9.10 freeze range")) {
      return context.fail(Errno.ERANGE, "C9.10 freeze range");
    }
    CgroupSettings old = CgroupFs.settings(context.state(), cgroup.key());
    context.put(
        Tables.CGROUP_SETTINGS,
        new CgroupSettings(old.key(), old.maxDepth(), old.maxDescendants(), number == 1));
    Cgroup parent = context.state().cgroups.get(cgroup.parent());
    freeze(context, cgroup.key(), parent != null && parent.frozen());
    return null;
  }

  /** A cgroup is frozen if its own file or one above says so. */
  private static void freeze(CallContext context, long key, boolean above) {
    KernelState state = context.state();
    boolean on = above || CgroupFs.settings(state, key).freeze();
    Cgroup row = state.cgroups.require(key);
    if (row.frozen() != on) {
      context.emit(new CgroupChange.Changed(row.withFrozen(on)));
      CgroupEvents.happened(context, key);
    }
    for (long child : state.cgroupsByParent.keys(key)) {
      freeze(context, child, on);
    }
  }

  private static Result kill(CallContext context, Cgroup cgroup, String text) {
    Long number = number(text);
    if (number == null) {
      return bad(context, "C9.10 kill");
    }
    if (number != 1 && context.refuse("C9.10 kill range")) {
      return context.fail(Errno.ERANGE, "C9.10 kill range");
    }
    if (cgroup.type() == Cgroup.Type.THREADED && context.refuse("C9.10 threaded")) {
      return context.fail(Errno.EOPNOTSUPP, "C9.10 threaded");
    }
    if (Kernel.runs(context)) {
      List<Task> victims = new ArrayList<>();
      members(context.state(), cgroup.key(), victims);
      victims.sort(Comparator.comparingLong(Task::key));
      for (Task victim : victims) {
        TaskDeath.process(context, victim.group(), Signals.KILL);
      }
    }
    return null;
  }

  private static void members(KernelState state, long cgroup, List<Task> into) {
    for (long key : state.tasksByCgroup.keys(cgroup)) {
      Task task = state.tasks.require(key);
      if (task.alive()) {
        into.add(task);
      }
    }
    for (long child : state.cgroupsByParent.keys(cgroup)) {
      members(state, child, into);
    }
  }

  /** What cgroup.controllers shows, by name as the kernel orders them. */
  static List<Bytes> controllers(KernelState state, Cgroup cgroup) {
    Cgroup parent = state.cgroups.get(cgroup.parent());
    return parent == null ? AT_ROOT : parent.subtreeControl();
  }

  private static Result subtreeControl(CallContext context, Cgroup cgroup, String text) {
    List<Bytes> control = new ArrayList<>(cgroup.subtreeControl());
    boolean enables = false;
    boolean domain = false;
    for (String token : text.isEmpty() ? new String[0] : text.split("\\s+")) {
      char sign = token.charAt(0);
      String name = token.substring(1);
      if ((sign != '+' && sign != '-' || !CONTROLLERS.contains(name))
          && context.refuse("C9.7 token")) {
        return context.fail(Errno.EINVAL, "C9.7 token");
      }
      Bytes controller = Bytes.of(name);
      Result refused =
          sign == '+'
              ? available(context, cgroup, controller)
              : unused(context, cgroup, controller);
      if (refused != null) {
        return refused;
      }
      boolean fresh = sign == '+' && !control.contains(controller);
      enables |= fresh;
      domain |= fresh && !CgroupRules.threadedOnly(List.of(controller));
      control.remove(controller);
      if (sign == '+') {
        control.add(controller);
      }
    }
    Result refused = enables ? mayEnable(context, cgroup, control, domain) : null;
    if (refused != null) {
      return refused;
    }
    control.sort(Comparator.comparingInt(controller -> CONTROLLERS.indexOf(controller.toString())));
    if (!control.equals(cgroup.subtreeControl())) {
      context.emit(new CgroupChange.Changed(cgroup.withSubtreeControl(control)));
      ControllerFiles.switched(context, cgroup, control);
    }
    return null;
  }

  private static Result available(CallContext context, Cgroup cgroup, Bytes controller) {
    boolean there =
        cgroup.parent() == 0 && !Kernel.runs(context)
            || controllers(context.state(), cgroup).contains(controller);
    return !there && context.refuse("C9.7 not in cgroup.controllers")
        ? context.fail(Errno.ENOENT, "C9.7 not in cgroup.controllers")
        : null;
  }

  private static Result unused(CallContext context, Cgroup cgroup, Bytes controller) {
    KernelState state = context.state();
    for (long child : state.cgroupsByParent.keys(cgroup.key())) {
      if (state.cgroups.require(child).subtreeControl().contains(controller)
          && context.refuse("C9.7 a child has it enabled")) {
        return context.fail(Errno.EBUSY, "C9.7 a child has it enabled");
      }
    }
    return null;
  }

  /** cgroup_vet_subtree_control_enable(). */
  private static Result mayEnable(
      CallContext context, Cgroup cgroup, List<Bytes> control, boolean domain) {
    KernelState state = context.state();
    if (cgroup.parent() == 0) {
      return null;
    }
    Cgroup.Type type = CgroupTypes.shown(state, cgroup);
    boolean unfit =
        type == Cgroup.Type.DOMAIN_INVALID
            || domain && (type == Cgroup.Type.THREADED || type == Cgroup.Type.DOMAIN_THREADED);
    if (unfit && context.refuse("C9.7 threaded")) {
      return context.fail(Errno.EOPNOTSUPP, "C9.7 threaded");
    }
    boolean members = false;
    for (long key : state.tasksByCgroup.keys(cgroup.key())) {
      members |= state.tasks.require(key).alive();
    }
    boolean may =
        cgroup.type() == Cgroup.Type.THREADED
            || CgroupRules.threadedOnly(control) && CgroupRules.canBeThreadRoot(state, cgroup);
    return members && !may && context.refuse("C9.7 has processes")
        ? context.fail(Errno.EBUSY, "C9.7 has processes")
        : null;
  }
}
