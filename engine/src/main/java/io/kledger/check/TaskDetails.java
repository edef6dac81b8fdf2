package io.kledger.check;

import io.kledger.event.Bytes;
import io.kledger.event.avro.PlaceObserved;
import io.kledger.event.avro.TaskObserved;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.task.Credentials;
import io.kledger.kernel.task.FsStruct;
import io.kledger.kernel.task.Task;
import io.kledger.view.Tasks;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What /proc/PID/status, root and cwd tell of a task besides its identity: umask, root, groups,
 * capability sets, no_new_privs, and the mounts that it stands on. A fact that is not known has no
 * entry.
 */
final class TaskDetails {
  /** Names of the entries whose values are mount ids: equal up to renaming. */
  static final List<String> MOUNTS = List.of("cwd-mount", "root-mount");

  private TaskDetails() {}

  static SortedMap<String, String> expected(TaskObserved task) {
    SortedMap<String, String> details = new TreeMap<>();
    if (task.getZombie()) {
      return details;
    }
    details.put("umask", "%04o".formatted(task.getUmask()));
    details.put("groups", words(task.getGroups()));
    details.put("no_new_privs", Boolean.toString(task.getNoNewPrivs()));
    capabilities(
        details,
        task.getCapInheritable(),
        task.getCapPermitted(),
        task.getCapEffective(),
        task.getCapBounding(),
        task.getCapAmbient());
    place(details, "cwd", task.getCwd());
    place(details, "root", task.getRoot());
    if (task.getRoot() != null) {
      details.put("root", Bytes.of(task.getRoot().getPath()).latin1());
    }
    return details;
  }

  static SortedMap<String, String> actual(KernelState state, Task task) {
    SortedMap<String, String> details = new TreeMap<>();
    Credentials c = task.credentials();
    if (c.known()) {
      details.put("groups", words(c.groups().stream().map(Integer::toUnsignedLong).toList()));
      details.put("no_new_privs", Boolean.toString(c.noNewPrivs()));
      capabilities(
          details,
          c.capInheritable(),
          c.capPermitted(),
          c.capEffective(),
          c.capBounding(),
          c.capAmbient());
    }
    FsStruct fs = state.fs.get(task.fs());
    if (fs != null) {
      if (fs.umask() >= 0) {
        details.put("umask", "%04o".formatted(fs.umask()));
      }
      place(state, details, "cwd", fs.cwd());
      place(state, details, "root", fs.root());
      Bytes root = Tasks.root(state, task);
      if (root != null) {
        details.put("root", root.latin1());
      }
    }
    return details;
  }

  private static void capabilities(
      SortedMap<String, String> details,
      long inheritable,
      long permitted,
      long effective,
      long bounding,
      long ambient) {
    capability(details, "cap-inheritable", inheritable);
    capability(details, "cap-permitted", permitted);
    capability(details, "cap-effective", effective);
    capability(details, "cap-bounding", bounding);
    capability(details, "cap-ambient", ambient);
  }

  private static void capability(SortedMap<String, String> details, String name, long set) {
    if (set != -1) {
      details.put(name, "%016x".formatted(set));
    }
  }

  private static void place(SortedMap<String, String> details, String name, PlaceObserved place) {
    if (place != null && place.getMount() != 0) {
      details.put(name + "-mount", Long.toString(place.getMount()));
    }
  }

  private static void place(
      KernelState state, SortedMap<String, String> details, String name, Place place) {
    Mount mount = state.mounts.get(place.mount());
    if (mount != null && mount.id() > 0) {
      details.put(name + "-mount", Integer.toString(mount.id()));
    }
  }

  private static String words(List<Long> numbers) {
    return String.join(" ", numbers.stream().map(String::valueOf).toList());
  }
}
