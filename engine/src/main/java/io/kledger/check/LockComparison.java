package io.kledger.check;

import java.util.ArrayList;
import java.util.List;

/**
 * Equality of two texts of /proc/locks as multisets: ordinals and the order of unrelated locks
 * follow per-CPU lists of the kernel. A waiter belongs to the lock that it follows.
 */
final class LockComparison {
  private final Renaming devices;
  private final Renaming inodes;

  /**
   * @param inodes of files whose number the log has not shown: the kernel's {@code MAJ:MIN:INODE},
   *     and {@code ?KEY}
   */
  LockComparison(Renaming devices, Renaming inodes) {
    this.devices = devices;
    this.inodes = inodes;
  }

  /** Null if equal; else what only one side has. */
  String difference(List<String> expected, List<String> actual) {
    List<List<String>> ours = trees(actual);
    List<String> missing = new ArrayList<>();
    for (List<String> tree : trees(expected)) {
      int found = find(tree, ours);
      if (found >= 0) {
        ours.remove(found);
      } else {
        missing.add(String.join("\n         ", tree));
      }
    }
    if (missing.isEmpty() && ours.isEmpty()) {
      return null;
    }
    StringBuilder text = new StringBuilder();
    text.append("%d lock(s) missing, %d too many".formatted(missing.size(), ours.size()));
    missing.forEach(tree -> text.append("\n  kernel ").append(tree));
    ours.forEach(tree -> text.append("\n  engine ").append(String.join("\n         ", tree)));
    return text.toString();
  }

  private int find(List<String> tree, List<List<String>> among) {
    for (int i = 0; i < among.size(); i++) {
      if (same(tree, among.get(i))) {
        return i;
      }
    }
    return -1;
  }

  private boolean same(List<String> expected, List<String> actual) {
    if (expected.size() != actual.size()) {
      return false;
    }
    for (int i = 0; i < expected.size(); i++) {
      String e = file(expected.get(i));
      String a = file(actual.get(i));
      if (!expected
              .get(i)
              .replace(" " + e + " ", " ")
              .equals(actual.get(i).replace(" " + a + " ", " "))
          || !sameFile(e, a)) {
        return false;
      }
    }
    return true;
  }

  private boolean sameFile(String expected, String actual) {
    int colon = expected.lastIndexOf(':');
    int other = actual.lastIndexOf(':');
    String inode = actual.substring(other + 1);
    return sameDevice(expected.substring(0, colon), actual.substring(0, other))
        && (inode.startsWith("?")
            ? inodes.pair(expected, inode) == null
            : inode.equals(expected.substring(colon + 1)));
  }

  /** Anonymous minors go by the same renaming as those of mountinfo, which are decimal. */
  private boolean sameDevice(String expected, String actual) {
    if (!expected.startsWith("00:") || !actual.startsWith("00:")) {
      return expected.equals(actual);
    }
    return devices.pair(decimal(expected), decimal(actual)) == null;
  }

  private static String decimal(String device) {
    return "0:" + Integer.parseInt(device.substring(device.indexOf(':') + 1), 16);
  }

  /** The {@code MAJ:MIN:INODE}, the last but two words. */
  private static String file(String line) {
    String[] words = line.split(" ");
    return words[words.length - 3];
  }

  /** Each granted lock with its waiters; one blank between words, the ordinal is gone. */
  private static List<List<String>> trees(List<String> lines) {
    List<List<String>> trees = new ArrayList<>();
    for (String line : lines) {
      if (line.isBlank()) {
        continue;
      }
      String text = line.substring(line.indexOf(':') + 1);
      int arrow = text.indexOf("->");
      int level = arrow < 0 ? 0 : arrow;
      String plain = "->".repeat(level) + " " + text.replace("->", " ").strip();
      plain = plain.replaceAll(" +", " ").strip();
      if (level == 0 || trees.isEmpty()) {
        trees.add(new ArrayList<>());
      }
      trees.getLast().add(plain);
    }
    return trees;
  }
}
