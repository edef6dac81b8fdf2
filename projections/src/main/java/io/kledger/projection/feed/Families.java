package io.kledger.projection.feed;

import io.kledger.view.Note;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The families of changes, and what people call them. */
public final class Families {
  /** In the order in which they are counted. */
  public static final List<String> NAMES =
      List.of("mounts", "locks", "cgroups", "tasks", "fds", "namespaces", "other");

  private Families() {}

  /**
   * The families that a list names, {@code mounts,locks}; without a list, those of the command.
   *
   * @throws IllegalArgumentException if one is unknown
   */
  public static Set<String> parse(String list) {
    Set<String> families = new LinkedHashSet<>();
    for (String word : (list == null ? "mounts,locks,cgroups" : list).split(",")) {
      switch (word) {
        case "mounts" -> families.addAll(List.of("mount", "sb"));
        case "locks" -> families.add("lock");
        case "cgroups" -> families.add("cgroup");
        case "tasks" -> families.add("task");
        case "fds" -> families.add("fd");
        case "namespaces" -> families.add("ns");
        case "all" -> families.addAll(List.of("mount", "sb", "lock", "cgroup", "task", "fd", "ns"));
        default ->
            throw new IllegalArgumentException(
                "'"
                    + word
                    + "' is nothing that changes; there are "
                    + String.join(", ", NAMES.subList(0, NAMES.size() - 1))
                    + " and all");
      }
    }
    return families;
  }

  /** One bit for each family in which an event changed something. */
  static byte mask(List<Note> notes) {
    int mask = 0;
    for (Note note : notes) {
      mask |= 1 << number(note.family());
    }
    return (byte) (mask == 0 ? 1 << NAMES.indexOf("other") : mask);
  }

  private static int number(String family) {
    return switch (family) {
      case "mount", "sb" -> 0;
      case "lock" -> 1;
      case "cgroup" -> 2;
      case "task" -> 3;
      case "fd" -> 4;
      case "ns" -> 5;
      default -> 6;
    };
  }
}
