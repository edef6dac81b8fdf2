package io.kledger.view;

import io.kledger.kernel.KernelState;
import io.kledger.kernel.cgroup.Cgroup;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.ns.NamespaceKind;
import io.kledger.kernel.task.Task;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The state as the objects that a person knows: mounts, locks, cgroups, tasks, descriptors, block
 * devices and namespaces, each with a name and values. Made from the views, so that both say the
 * same.
 */
public final class StateObjects {
  /** Columns that say when and how something came to be, not what it is; or say it twice. */
  private static final List<String> ASIDE =
      List.of(
          "SINCE",
          "CREATED",
          "CAUSE",
          "INFERRED",
          "DEPTH",
          "VFS-OPTIONS",
          "FS-OPTIONS",
          "FSROOT",
          "DETACHED",
          "M",
          "SIZE",
          "WAITING-SINCE");

  /** Numbers given out in order: two histories give the same object different ones. */
  public static final List<String> NUMBERS =
      List.of(
          "ID",
          "PARENT",
          "UNIQ-ID",
          "SHARED",
          "MASTER",
          "MAJ:MIN",
          "INODE",
          "OWNER",
          "OWNER-USERNS",
          "OPENED-BY");

  /**
   * One object.
   *
   * @param concept mount, lock, cgroup, task, fd, blockdev or namespace
   * @param id what it is recognized by in another state
   * @param name what a person calls it
   * @param values what it is like, by column
   * @param since position of the event that made it so; null if that is not known
   */
  public record Thing(
      String concept, String id, String name, Map<String, Object> values, Long since) {}

  private final boolean byNumber;
  private final List<Thing> things = new ArrayList<>();
  private final Map<String, Integer> seen = new TreeMap<>();

  private StateObjects(boolean byNumber) {
    this.byNumber = byNumber;
  }

  /**
   * All objects of a state.
   *
   * @param byNumber recognize them by the kernel's numbers, which is right for two moments of one
   *     history; else by their names, which is right for two histories
   */
  public static List<Thing> of(KernelState state, boolean byNumber) {
    StateObjects objects = new StateObjects(byNumber);
    objects.mounts(state);
    objects.locks(Locks.sheet(state));
    objects.cgroups(Cgroups.sheet(state, null));
    objects.tasks(Tasks.sheet(state, Tasks.all(state)));
    for (Line line : lines(Fds.sheet(state, Tasks.all(state)))) {
      objects.fd(line);
    }
    for (Line line : lines(BlockDevicesView.sheet(state))) {
      objects.add("blockdev", line.text("PATH"), line.text("PATH"), line, List.of("PATH"));
    }
    for (Line line : lines(Namespaces.sheet(state))) {
      if (!Boolean.TRUE.equals(line.get("DETACHED"))) {
        boolean nameless = line.get("NS") == null && line.get("PID") != null;
        String name =
            line.text("TYPE")
                + (nameless ? " of task " + line.text("PID") : ":[" + line.text("NS") + "]");
        objects.add("namespace", name, name, line, List.of("NS", "TYPE", "COMMAND"));
      }
    }
    return objects.things;
  }

  /** A mount by the key of its row; null if there is none. */
  public static Thing mount(KernelState state, long key) {
    StateObjects objects = new StateObjects(true);
    Mount mount = state.mounts.get(key);
    Namespace namespace = mount == null ? null : state.namespaces.get(mount.namespace());
    String where =
        namespace == null || namespace.anonymous() ? null : NamespaceNames.brief(state, namespace);
    for (Line line : lines(Mounts.sheet(state, key))) {
      objects.mount(line, where);
    }
    return objects.only();
  }

  /** A task by the key of its row; null if there is none. */
  public static Thing task(KernelState state, long key) {
    StateObjects objects = new StateObjects(true);
    Task task = state.tasks.get(key);
    if (task != null) {
      objects.tasks(Tasks.sheet(state, List.of(task)));
    }
    return objects.only();
  }

  /** A cgroup by the key of its row; null if there is none. */
  public static Thing cgroup(KernelState state, long key) {
    StateObjects objects = new StateObjects(true);
    Cgroup cgroup = state.cgroups.get(key);
    if (cgroup != null && !cgroup.removed()) {
      objects.cgroups(Cgroups.table(state, List.of(cgroup)));
    }
    return objects.only();
  }

  /** A descriptor of a task, by the key of the task's row; null if there is none. */
  public static Thing fd(KernelState state, long key, int number) {
    StateObjects objects = new StateObjects(true);
    Task task = state.tasks.get(key);
    if (task != null) {
      for (Line line : lines(Fds.sheet(state, List.of(task)))) {
        if (line.get("FD").equals(number)) {
          objects.fd(line);
        }
      }
    }
    return objects.only();
  }

  private Thing only() {
    return things.isEmpty() ? null : things.getFirst();
  }

  private void cgroups(Sheet sheet) {
    for (Line line : lines(sheet)) {
      add("cgroup", line.text("PATH"), line.text("PATH"), line, List.of("PATH"));
    }
  }

  private void tasks(Sheet sheet) {
    for (Line line : lines(sheet)) {
      add("task", line.text("TID"), line.text("TID"), line, List.of("PID", "TID"));
    }
  }

  private void fd(Line line) {
    String name = line.text("TID") + ":" + line.text("FD");
    add("fd", name, name, line, List.of("COMMAND", "PID", "TID", "FD"));
  }

  private void mounts(KernelState state) {
    for (Namespace namespace : state.namespaces.rows()) {
      if (namespace.kind() != NamespaceKind.MOUNT || namespace.anonymous()) {
        continue;
      }
      String where = NamespaceNames.brief(state, namespace);
      for (Line line : lines(Mounts.sheet(state, namespace.key(), Place.UNKNOWN, false))) {
        mount(line, where);
      }
    }
  }

  private void mount(Line line, String where) {
    String place = line.text("TARGET") + (where == null ? "" : " in " + where);
    String id = byNumber ? line.text("UNIQ-ID") + " " + line.text("ID") : place;
    List<String> named = byNumber ? List.of("NS", "UNIQ-ID") : List.of("NS", "TARGET");
    add("mount", id, place, line, named);
  }

  private void locks(Sheet sheet) {
    for (Line line : lines(sheet)) {
      String range =
          line.text("TYPE").equals("FLOCK")
              ? ""
              : " bytes " + line.text("START") + "-" + line.text("END");
      String name =
          line.text("TYPE") + " of " + line.text("PID") + " on " + line.text("PATH") + range;
      String id = byNumber ? name + " " + line.text("MAJ:MIN") + ":" + line.text("INODE") : name;
      add("lock", id, name, line, List.of("TYPE", "PID", "PATH", "START", "END", "COMMAND"));
    }
  }

  private record Line(Sheet sheet, List<Object> row) {
    Object get(String column) {
      int index = sheet.columns().indexOf(column);
      return index < 0 ? null : row.get(index);
    }

    String text(String column) {
      Object value = get(column);
      return value == null ? "?" : value.toString();
    }
  }

  private static List<Line> lines(Sheet sheet) {
    return sheet.rows().stream().map(row -> new Line(sheet, row)).toList();
  }

  private void add(String concept, String id, String name, Line line, List<String> named) {
    Map<String, Object> values = new LinkedHashMap<>();
    for (String column : line.sheet().columns()) {
      if (!named.contains(column)
          && !ASIDE.contains(column)
          && (byNumber || !NUMBERS.contains(column))) {
        values.put(column, line.get(column));
      }
    }
    // Several of the same name, such as mounts one over the other, are told apart by their order.
    int number = seen.merge(concept + " " + id, 1, Integer::sum);
    Object since = line.get("SINCE") == null ? line.get("CREATED") : line.get("SINCE");
    things.add(
        new Thing(
            concept,
            number == 1 ? id : id + " #" + number,
            number == 1 ? name : name + " #" + number,
            values,
            since instanceof Number position ? position.longValue() : null));
  }
}
