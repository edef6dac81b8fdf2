package io.kledger.check;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Equality of two mountinfo texts: the same lines in the same order, up to a renaming of mount ids,
 * peer groups and anonymous minors.
 */
final class MountComparison {
  private final Renaming mounts;
  private final Renaming groups;
  private final Renaming devices;
  private final Set<String> guessed;
  private final Set<String> expectedIds = new TreeSet<>();

  /**
   * Compares with these renamings.
   *
   * @param guessed devices, as the engine numbers them, of which the log does not tell the options
   */
  MountComparison(Renaming mounts, Renaming groups, Renaming devices, Set<String> guessed) {
    this.guessed = guessed;
    this.mounts = mounts;
    this.groups = groups;
    this.devices = devices;
  }

  /** A line of mountinfo: what is renamed, and the rest. */
  private record Line(
      String id,
      String parent,
      String device,
      List<String> place,
      List<String[]> propagation,
      List<String> filesystem) {
    static Line of(String text) {
      String[] words = text.split(" ", -1);
      int dash = 6;
      while (dash < words.length && !words[dash].equals("-")) {
        dash++;
      }
      if (dash + 3 >= words.length) {
        throw new IllegalArgumentException("not a line of mountinfo: " + text);
      }
      List<String[]> propagation = new ArrayList<>();
      for (int i = 6; i < dash; i++) {
        int colon = words[i].indexOf(':');
        propagation.add(
            colon < 0
                ? new String[] {words[i], ""}
                : new String[] {words[i].substring(0, colon), words[i].substring(colon + 1)});
      }
      return new Line(
          words[0],
          words[1],
          words[2],
          Arrays.asList(words).subList(3, 6),
          propagation,
          Arrays.asList(words).subList(dash + 1, words.length));
    }
  }

  /** Null if equal; else the first difference, of several lines. */
  String difference(List<String> expected, List<String> actual) {
    expectedIds.clear();
    expected.forEach(line -> expectedIds.add(Line.of(line).id));
    for (int i = 0; i < Math.min(expected.size(), actual.size()); i++) {
      String why = difference(Line.of(expected.get(i)), Line.of(actual.get(i)));
      if (why != null) {
        return "line %d: %s\n  kernel %s\n  engine %s"
            .formatted(i + 1, why, expected.get(i), actual.get(i));
      }
    }
    if (expected.size() > actual.size()) {
      return "%d line(s) are missing, the first is\n  kernel %s"
          .formatted(expected.size() - actual.size(), expected.get(actual.size()));
    }
    if (expected.size() < actual.size()) {
      return "%d line(s) too many, the first is\n  engine %s"
          .formatted(actual.size() - expected.size(), actual.get(expected.size()));
    }
    return null;
  }

  private String difference(Line expected, Line actual) {
    if (!expected.place.subList(1, 3).equals(actual.place.subList(1, 3))
        || !sameRoot(expected.place.getFirst(), actual.place.getFirst())) {
      return "root, mount point or options";
    }
    if (!filesystem(expected, actual)) {
      return "type, source or super options";
    }
    String why = propagation(expected.propagation, actual.propagation);
    if (why == null) {
      why = device(expected.device, actual.device);
    }
    if (why == null) {
      why = mounts.pair(expected.id, actual.id);
    }
    // A parent outside the view is just a name.
    return why != null || !expectedIds.contains(expected.parent)
        ? why
        : mounts.pair(expected.parent, actual.parent);
  }

  /** What the log does not tell is `?`: a type, with its options, or a source. */
  private boolean filesystem(Line expected, Line actual) {
    List<String> e = expected.filesystem;
    List<String> a = actual.filesystem;
    boolean hidden = a.get(0).equals("?");
    boolean guess = hidden || guessed.contains(actual.device);
    return e.size() == a.size()
        && (hidden || e.get(0).equals(a.get(0)))
        && (hidden && a.get(1).equals("?") || e.get(1).equals(a.get(1)))
        && (guess || e.subList(2, e.size()).equals(a.subList(2, a.size())));
  }

  /** The inode number of a namespace that no line of the trace shows is 0. */
  private static boolean sameRoot(String expected, String actual) {
    return expected.equals(actual)
        || actual.endsWith(":[0]")
            && expected.endsWith("]")
            && expected.startsWith(actual.substring(0, actual.length() - 2));
  }

  private String device(String expected, String actual) {
    if (expected.startsWith("0:") && actual.startsWith("0:")) {
      return devices.pair(expected, actual);
    }
    return expected.equals(actual) ? null : "device";
  }

  private String propagation(List<String[]> expected, List<String[]> actual) {
    if (expected.size() != actual.size()) {
      return "propagation";
    }
    for (int i = 0; i < expected.size(); i++) {
      String[] e = expected.get(i);
      String[] a = actual.get(i);
      if (!e[0].equals(a[0])) {
        return "propagation";
      }
      String why = e[1].isEmpty() && a[1].isEmpty() ? null : groups.pair(e[1], a[1]);
      if (why != null) {
        return why;
      }
    }
    return null;
  }
}
