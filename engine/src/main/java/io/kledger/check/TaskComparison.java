package io.kledger.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Equality of the tasks of a snapshot: parents, numbers, ids, comm, namespaces and inode numbers up
 * to renaming, cgroup, working directory, descriptors. State and signals are the tracer's doing and
 * not compared.
 */
final class TaskComparison {
  private static final Pattern INODE = Pattern.compile("([a-z_]+):\\[(\\d+)\\]");

  /**
   * An O_TMPFILE file has its inode number for a name; the engine says 0 if it does not know it.
   */
  private static final Pattern UNNAMED = Pattern.compile("(.*/#)\\d+ \\(deleted\\)");

  private final Renaming mounts;
  private final Map<String, Renaming> renamings;

  /**
   * @param mounts of the small mount ids
   * @param renamings by what is renamed: `pipe`, `socket`, `pidfd`, the kinds of namespaces; grows
   */
  TaskComparison(Renaming mounts, Map<String, Renaming> renamings) {
    this.mounts = mounts;
    this.renamings = renamings;
  }

  /** What differs, each with the name of its field first. */
  List<String> differences(List<TaskLines> expected, List<TaskLines> actual) {
    SortedMap<Integer, TaskLines> ours = new TreeMap<>();
    actual.forEach(task -> ours.put(task.tid(), task));
    TreeSet<Integer> traced = new TreeSet<>();
    expected.forEach(task -> traced.add(task.tgid()));
    List<String> differences = new ArrayList<>();
    for (TaskLines task : expected) {
      TaskLines mine = ours.remove(task.tid());
      if (mine == null && expected(task, traced)) {
        continue;
      }
      if (mine == null) {
        differences.add("task.missing: %d %s".formatted(task.tid(), task.comm()));
      } else {
        compare(task, mine, traced, differences);
      }
    }
    TreeSet<Integer> living = new TreeSet<>();
    actual.stream().filter(task -> !task.ending()).forEach(task -> living.add(task.tgid()));
    for (TaskLines task : ours.values()) {
      boolean reaped =
          task.ending() && !(traced.contains(task.ppid()) && living.contains(task.ppid()));
      if (!task.inferred() && !reaped) {
        differences.add("task.surplus: %d %s".formatted(task.tid(), task.comm()));
      }
    }
    return differences;
  }

  /** A zombie of a parent outside the trace: no line tells when it is reaped. */
  private static boolean expected(TaskLines task, TreeSet<Integer> traced) {
    return task.zombie() && !traced.contains(task.ppid());
  }

  private void compare(
      TaskLines expected, TaskLines actual, TreeSet<Integer> traced, List<String> differences) {
    Differing differing = new Differing(expected.tid(), differences);
    differing.unlessEqual("tgid", expected.tgid(), actual.tgid());
    if (expected.ppid() != actual.ppid()
        && (actual.ppid() != 0 || traced.contains(expected.ppid()))) {
      differing.add("ppid", expected.ppid(), actual.ppid());
    }
    differing.unlessEqual("comm", expected.comm(), actual.comm());
    numbers(differing, "nspid", expected.numbers(), actual.numbers());
    if (expected.zombie()) {
      // strace reports the death when it gets to it: until then the model has it alive.
      return;
    }
    differing.unlessEqual("zombie", expected.zombie(), actual.zombie());
    if (actual.zombie()) {
      return;
    }
    differing.unlessEqual("uid", expected.uids(), actual.uids());
    differing.unlessEqual("gid", expected.gids(), actual.gids());
    numbers(differing, "pgid", expected.processGroup(), actual.processGroup());
    numbers(differing, "sid", expected.session(), actual.session());
    expected
        .namespaces()
        .forEach(
            (name, inode) -> {
              String kind = name.replace("_for_children", "");
              String mine = actual.namespaces().getOrDefault(name, "0");
              if (inode.equals("0")) {
                // A link that could not be read: the namespace has no first task yet.
                return;
              }
              String why = mine.equals("0") ? "unknown" : renaming(kind).pair(inode, mine);
              if (why != null) {
                differing.add("ns." + name + " (" + why + ")", inode, mine);
              }
            });
    if (expected.cgroup() != null) {
      differing.unlessEqual("cgroup", expected.cgroup(), actual.cgroup());
    }
    if (expected.cwd() != null && !expected.cwd().startsWith("!")) {
      differing.unlessEqual("cwd", blanks(expected.cwd()), blanks(actual.cwd()));
    }
    details(differing, expected.details(), actual.details());
    descriptors(differing, expected.fds(), actual.fds());
  }

  private void details(
      Differing differing, Map<String, String> expected, Map<String, String> actual) {
    expected.forEach(
        (name, value) -> {
          String mine = actual.get(name);
          if (mine == null || value.startsWith("!")) {
            return;
          }
          if (TaskDetails.MOUNTS.contains(name)) {
            String why = mounts.pair(value, mine);
            if (why != null) {
              differing.add(name + " (" + why + ")", value, mine);
            }
          } else {
            differing.unlessEqual(name, blanks(value), blanks(mine));
          }
        });
  }

  private void descriptors(
      Differing differing,
      SortedMap<Integer, TaskLines.Descriptor> expected,
      SortedMap<Integer, TaskLines.Descriptor> actual) {
    TreeSet<Integer> numbers = new TreeSet<>(expected.keySet());
    numbers.addAll(actual.keySet());
    for (int fd : numbers) {
      TaskLines.Descriptor e = expected.get(fd);
      TaskLines.Descriptor a = actual.get(fd);
      if (e == null || a == null) {
        differing.add(
            "fd",
            fd + (e == null ? " closed" : " " + e.target()),
            fd + (a == null ? " closed" : " " + a.target()));
        continue;
      }
      if (e.flags() >= 0 && a.flags() >= 0 && e.flags() != a.flags()) {
        differing.add(
            "fd-flags",
            fd + " 0" + Long.toOctalString(e.flags()) + " " + e.target(),
            fd + " 0" + Long.toOctalString(a.flags()));
      }
      opened(differing, fd, e, a);
      String why = target(e.target(), a.target());
      if (why != null) {
        differing.add("fd-target" + why, fd + " " + e.target(), fd + " " + a.target());
      }
    }
  }

  /** What fdinfo tells of the open file description besides its flags. */
  private void opened(
      Differing differing, int fd, TaskLines.Descriptor expected, TaskLines.Descriptor actual) {
    if (expected.position() >= 0
        && actual.position() >= 0
        && expected.position() != actual.position()) {
      differing.add(
          "fd-position",
          fd + " " + expected.position() + " " + expected.target(),
          fd + " " + actual.position());
    }
    if (!expected.locks().equals(actual.locks())) {
      differing.add("fd-locks", fd + " " + expected.locks(), fd + " " + actual.locks());
    }
    if (expected.mount() != 0 && actual.mount() != 0) {
      String why = mounts.pair(Long.toString(expected.mount()), Long.toString(actual.mount()));
      if (why != null) {
        differing.add("fd-mount (" + why + ")", fd + " " + expected.target(), fd);
      }
    }
  }

  /** Null if the targets agree up to renaming. */
  private String target(String expected, String actual) {
    Matcher e = INODE.matcher(expected);
    Matcher a = INODE.matcher(actual);
    if (e.matches() && a.matches() && e.group(1).equals(a.group(1))) {
      String why = renaming(e.group(1)).pair(e.group(2), a.group(2));
      return why == null ? null : " (" + why + ")";
    }
    if (expected.startsWith("!")) {
      // The recorder could not read it: the path is too long.
      return null;
    }
    Matcher unnamed = UNNAMED.matcher(expected);
    if (unnamed.matches() && actual.equals(unnamed.group(1) + "0 (deleted)")) {
      return null;
    }
    return blanks(expected).equals(blanks(actual)) ? null : "";
  }

  /** A recording's lines have TABs between key and value: those within a value became blanks. */
  private static String blanks(String text) {
    return text.replace('\t', ' ');
  }

  private Renaming renaming(String kind) {
    return renamings.computeIfAbsent(kind, Renaming::new);
  }

  /** A number that the engine does not know (-1) agrees with any. */
  private static void numbers(
      Differing differing, String what, List<Long> expected, List<Long> actual) {
    boolean same = expected.size() == actual.size();
    for (int i = 0; same && i < expected.size(); i++) {
      same = actual.get(i) == -1 || expected.get(i).equals(actual.get(i));
    }
    if (!same) {
      differing.add(what, expected, actual);
    }
  }

  /** Where differences of one task go. */
  private record Differing(int tid, List<String> into) {
    private static final int LONGEST = 300;

    void unlessEqual(String what, Object expected, Object actual) {
      if (!expected.equals(actual)) {
        add(what, expected, actual);
      }
    }

    void add(String what, Object expected, Object actual) {
      into.add("task.%s: %d kernel %s engine %s".formatted(what, tid, cut(expected), cut(actual)));
    }

    private static String cut(Object value) {
      String text = value.toString();
      return text.length() > LONGEST ? text.substring(0, LONGEST) + "..." : text;
    }
  }
}
