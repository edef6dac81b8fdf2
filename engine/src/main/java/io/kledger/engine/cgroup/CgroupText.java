package io.kledger.engine.cgroup;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.file.ProcPlace;
import io.kledger.engine.task.PidNumbers;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.cgroup.Cgroup;
import io.kledger.kernel.cgroup.CgroupSettings;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.task.Task;
import io.kledger.kernel.task.ThreadGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;

/** What the control files of a cgroup, and /proc/PID/cgroup, show. */
public final class CgroupText {
  private static final Bytes SLASH = Bytes.of("/");

  private CgroupText() {}

  /** The text of a file, or why it cannot be read. */
  public record Answer(Bytes text, int errno) {}

  /** The answer to a read of this file; null if it is none of these. */
  public static Answer read(CallContext context, OpenFileDescription file) {
    KernelState state = context.state();
    Dentry name = state.dentries.get(file.place().dentry());
    if (name == null) {
      return null;
    }
    if (!CgroupFs.holds(state, name.key())) {
      return process(context, name);
    }
    Cgroup cgroup = CgroupFs.of(context, name.parent());
    if (cgroup == null) {
      return null;
    }
    if (cgroup.removed()) {
      return new Answer(null, Errno.ENODEV);
    }
    String called = name.name().toString();
    if (called.equals("cgroup.kill")) {
      return new Answer(null, Errno.EINVAL);
    }
    if (called.equals("cgroup.procs") && cgroup.type() == Cgroup.Type.THREADED) {
      return new Answer(null, Errno.EOPNOTSUPP);
    }
    List<String> lines = lines(state, cgroup, called, context.task().namespaces().pid());
    return lines == null ? null : new Answer(joined(lines), 0);
  }

  /** /proc/PID/cgroup, as a member of the reader's cgroup namespace sees it. */
  private static Answer process(CallContext context, Dentry name) {
    if (!name.name().equals(Bytes.of("cgroup"))) {
      return null;
    }
    Task task = ProcPlace.task(context, name);
    if (task == null) {
      return null;
    }
    return new Answer(joined(ofTask(context.state(), task, context.task())), 0);
  }

  private static Bytes joined(List<String> lines) {
    StringBuilder text = new StringBuilder();
    lines.forEach(line -> text.append(line).append('\n'));
    byte[] bytes = new byte[text.length()];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) text.charAt(i);
    }
    return Bytes.wrap(bytes);
  }

  /** The lines of /proc/PID/cgroup for a reader. */
  public static List<String> ofTask(KernelState state, Task task, Task reader) {
    Namespace namespace = state.namespaces.get(reader.namespaces().cgroup());
    Cgroup cgroup = state.cgroups.get(task.cgroup());
    if (cgroup == null) {
      return List.of();
    }
    Bytes path = path(state, cgroup.key(), namespace == null ? 0 : namespace.root());
    return List.of("0::" + path.latin1() + (cgroup.removed() ? " (deleted)" : ""));
  }

  /** cgroup_path_ns(): the path from the root of a cgroup namespace; 0 = from the real root. */
  public static Bytes path(KernelState state, long cgroup, long root) {
    List<Long> up = new ArrayList<>();
    for (Cgroup at = state.cgroups.get(root); at != null; at = state.cgroups.get(at.parent())) {
      up.add(at.key());
    }
    Bytes below = Bytes.EMPTY;
    Cgroup at = state.cgroups.get(cgroup);
    while (at != null && at.parent() != 0 && !up.contains(at.key())) {
      below = SLASH.plus(at.name()).plus(below);
      at = state.cgroups.get(at.parent());
    }
    Bytes steps = Bytes.EMPTY;
    for (int i = at == null ? 0 : up.indexOf(at.key()); i > 0; i--) {
      steps = steps.plus(Bytes.of("/.."));
    }
    Bytes path = steps.plus(below);
    return path.isEmpty() ? SLASH : path;
  }

  /**
   * The lines of a control file; null if the ledger does not know it.
   *
   * @param pidNs the reader's pid namespace
   */
  public static List<String> lines(KernelState state, Cgroup cgroup, String file, long pidNs) {
    CgroupSettings settings = CgroupFs.settings(state, cgroup.key());
    return switch (file) {
      case "cgroup.procs" -> processes(state, cgroup, pidNs);
      case "cgroup.threads" -> threads(state, cgroup.key(), pidNs);
      case "cgroup.events" ->
          List.of(
              "populated " + (CgroupLife.populated(state, cgroup.key()) ? 1 : 0),
              "frozen " + (cgroup.frozen() ? 1 : 0));
      case "cgroup.freeze" -> List.of(settings.freeze() ? "1" : "0");
      case "cgroup.type" ->
          List.of(
              CgroupTypes.shown(state, cgroup).name().toLowerCase(Locale.ROOT).replace('_', ' '));
      case "cgroup.controllers" -> words(CgroupWrites.controllers(state, cgroup));
      case "cgroup.subtree_control" -> words(cgroup.subtreeControl());
      case "cgroup.max.depth" -> List.of(limit(settings.maxDepth()));
      case "cgroup.max.descendants" -> List.of(limit(settings.maxDescendants()));
      case Coredumps.MAX, Coredumps.EVENTS -> Coredumps.lines(state, cgroup, file);
      default -> ControllerFiles.lines(state, cgroup, file);
    };
  }

  private static String limit(int value) {
    return value < 0 ? "max" : Integer.toString(value);
  }

  private static List<String> words(List<Bytes> names) {
    List<String> words = names.stream().map(Bytes::toString).toList();
    return words.isEmpty() ? List.of() : List.of(String.join(" ", words));
  }

  /** A process whose leader is dead is listed where the leader was. */
  private static List<String> processes(KernelState state, Cgroup cgroup, long pidNs) {
    TreeSet<Integer> numbers = new TreeSet<>();
    for (long member : CgroupTypes.ofDomain(state, cgroup)) {
      for (long key : state.tasksByCgroup.keys(member)) {
        Task task = state.tasks.get(key);
        ThreadGroup group = state.groups.get(task.group());
        boolean deadLeader = group != null && group.leader() == key && livesOn(state, group);
        if (task.alive() || deadLeader) {
          numbers.add(PidNumbers.ofGroup(state, group, pidNs));
        }
      }
    }
    return numbers.stream().map(String::valueOf).toList();
  }

  private static boolean livesOn(KernelState state, ThreadGroup group) {
    for (long key : state.tasksByGroup.keys(group.key())) {
      if (state.tasks.get(key).alive()) {
        return true;
      }
    }
    return false;
  }

  private static List<String> threads(KernelState state, long cgroup, long pidNs) {
    TreeSet<Integer> numbers = new TreeSet<>();
    for (long key : state.tasksByCgroup.keys(cgroup)) {
      Task task = state.tasks.get(key);
      if (task.alive()) {
        numbers.add(PidNumbers.ofTask(state, task, pidNs));
      }
    }
    return numbers.stream().map(String::valueOf).toList();
  }
}
