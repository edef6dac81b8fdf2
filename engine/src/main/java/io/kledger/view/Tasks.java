package io.kledger.view;

import io.kledger.engine.task.JobControl;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.path.PathText;
import io.kledger.kernel.task.Credentials;
import io.kledger.kernel.task.FsStruct;
import io.kledger.kernel.task.NamespaceSet;
import io.kledger.kernel.task.Pid;
import io.kledger.kernel.task.Task;
import io.kledger.kernel.task.TaskState;
import io.kledger.kernel.task.ThreadGroup;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Tasks: /proc/PID/status (proc_pid_status() of fs/proc/array.c) and a table of all. */
public final class Tasks {
  private Tasks() {}

  /** All tasks by number; of two with one number the older first. */
  public static List<Task> all(KernelState state) {
    List<Task> tasks = new ArrayList<>(state.tasks.rows());
    tasks.sort(Comparator.comparingInt(Task::tid));
    return tasks;
  }

  /** Number of the task's process in the observer's pid namespace. */
  public static int tgid(KernelState state, Task task) {
    ThreadGroup group = state.groups.get(task.group());
    return group == null ? task.tid() : group.tgid();
  }

  /** Number of its real parent; 0 if the ledger knows none. */
  public static int ppid(KernelState state, Task task) {
    ThreadGroup group = state.groups.get(task.group());
    ThreadGroup parent = group == null ? null : state.groups.get(group.parent());
    return parent == null ? 0 : parent.tgid();
  }

  /** Its numbers, from the observer's pid namespace inwards. */
  public static List<Integer> numbers(KernelState state, Task task) {
    Pid pid = state.pids.get(task.pid());
    return pid == null ? List.of(task.tid()) : pid.numbers();
  }

  /**
   * Numbers of its process group in each of the pid namespaces it has a number in; 0 = not there.
   */
  public static List<Integer> processGroup(KernelState state, Task task) {
    ThreadGroup group = state.groups.get(task.group());
    return levels(state, task, group == null ? 0 : group.processGroup());
  }

  /** Numbers of its session. */
  public static List<Integer> session(KernelState state, Task task) {
    ThreadGroup group = state.groups.get(task.group());
    return levels(state, task, group == null ? 0 : group.session());
  }

  private static List<Integer> levels(KernelState state, Task task, long key) {
    Pid pid = state.pids.get(key);
    List<Integer> numbers = new ArrayList<>();
    for (int level = 0; level < numbers(state, task).size(); level++) {
      numbers.add(pid == null ? 0 : pid.at(level));
    }
    return numbers;
  }

  /** Namespaces by the names of /proc/PID/ns, 0 = unknown; keys of Namespace rows. */
  public static Map<String, Long> namespaces(Task task) {
    NamespaceSet set = task.namespaces();
    Map<String, Long> keys = new LinkedHashMap<>();
    keys.put("cgroup", set.cgroup());
    keys.put("ipc", set.ipc());
    keys.put("mnt", set.mount());
    keys.put("net", set.net());
    keys.put("pid", set.pid());
    keys.put("pid_for_children", set.pidForChildren());
    keys.put("time", set.time());
    keys.put("time_for_children", set.timeForChildren());
    keys.put("user", task.credentials().userNs());
    keys.put("uts", set.uts());
    return keys;
  }

  /** Path of its working directory; null if unknown or exited. */
  public static Bytes cwd(KernelState state, Task task) {
    FsStruct fs = state.fs.get(task.fs());
    return fs == null || fs.cwd().dentry() == 0
        ? null
        : PathText.of(state, fs.cwd(), Place.UNKNOWN);
  }

  /** Path of its root as the observer sees it; null if unknown or exited. */
  public static Bytes root(KernelState state, Task task) {
    FsStruct fs = state.fs.get(task.fs());
    return fs == null || fs.root().dentry() == 0
        ? null
        : PathText.of(state, fs.root(), Place.UNKNOWN);
  }

  /** Lines of the scenario view `status`. */
  public static List<String> status(KernelState state, Task task) {
    Credentials c = task.credentials();
    List<String> lines = new ArrayList<>();
    lines.add("Name: " + task.comm().latin1());
    boolean stopped = JobControl.stopped(state, task.group());
    lines.add(
        "State: "
            + (task.state() == TaskState.ZOMBIE
                ? "Z (zombie)"
                : stopped ? "T (stopped)" : "S (sleeping)"));
    lines.add("Tgid: " + tgid(state, task));
    lines.add("Pid: " + task.tid());
    lines.add("PPid: " + ppid(state, task));
    lines.add("NSpid: " + words(numbers(state, task)));
    lines.add("Uid: " + ids(c.uid(), c.euid(), c.suid(), c.fsuid()));
    lines.add("Gid: " + ids(c.gid(), c.egid(), c.sgid(), c.fsgid()));
    return lines;
  }

  private static String ids(int... ids) {
    StringBuilder text = new StringBuilder();
    for (int id : ids) {
      text.append(text.isEmpty() ? "" : " ").append(Integer.toUnsignedString(id));
    }
    return text.toString();
  }

  private static String words(List<Integer> numbers) {
    return String.join(" ", numbers.stream().map(n -> n < 0 ? "?" : n.toString()).toList());
  }

  /** A table of tasks. */
  public static Sheet sheet(KernelState state, List<Task> tasks) {
    Sheet sheet =
        Sheet.of(
            "PID",
            "TID",
            "PPID",
            "STATE",
            "UID",
            "GID",
            "COMMAND",
            "NSPID",
            "CGROUP",
            "CWD",
            "ROOT",
            "SINCE",
            "INFERRED");
    for (Task task : tasks) {
      Credentials c = task.credentials();
      sheet.row(
          tgid(state, task),
          task.tid(),
          ppid(state, task),
          task.state() == TaskState.ZOMBIE ? "Z" : "S",
          Integer.toUnsignedLong(c.euid()),
          Integer.toUnsignedLong(c.egid()),
          task.comm(),
          new ArrayList<Object>(numbers(state, task)),
          Cgroups.path(state, task.cgroup()),
          cwd(state, task),
          root(state, task),
          task.createdAt(),
          task.inferred());
    }
    return sheet;
  }

  /** Inode number of a namespace; 0 if unknown. */
  static long inode(KernelState state, long namespace) {
    Namespace row = state.namespaces.get(namespace);
    return row == null ? 0 : row.inode();
  }
}
