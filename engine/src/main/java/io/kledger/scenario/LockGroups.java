package io.kledger.scenario;

import java.util.ArrayList;
import java.util.List;

/**
 * Compares lists of locks whose order says nothing: the kernel keeps one list for each processor,
 * and prints them one after another. A lock and those that wait for it (`->`) stay together; their
 * number is a place in the list.
 */
final class LockGroups {
  private LockGroups() {}

  /** The actual lines in the order of the expected ones; as they were if they do not agree. */
  static List<String> arranged(List<String> expected, List<String> actual, Bindings bindings) {
    List<List<String>> left = groups(actual);
    List<String> result = new ArrayList<>();
    for (List<String> wanted : groups(expected)) {
      List<String> found = null;
      for (List<String> group : left) {
        if (found == null && agree(wanted, group, bindings)) {
          found = group;
        }
      }
      if (found == null) {
        return actual;
      }
      left.remove(found);
      for (int i = 0; i < wanted.size(); i++) {
        result.add(number(wanted.get(i)) + withoutNumber(found.get(i)));
      }
    }
    return left.isEmpty() ? result : actual;
  }

  private static boolean agree(List<String> wanted, List<String> group, Bindings bindings) {
    boolean same = wanted.size() == group.size();
    for (int i = 0; same && i < wanted.size(); i++) {
      same = bindings.matches(withoutNumber(wanted.get(i)), withoutNumber(group.get(i)));
    }
    return same;
  }

  private static List<List<String>> groups(List<String> lines) {
    List<List<String>> groups = new ArrayList<>();
    for (String line : lines) {
      if (groups.isEmpty() || !line.contains(" -> ")) {
        groups.add(new ArrayList<>());
      }
      groups.getLast().add(line);
    }
    return groups;
  }

  private static int numberEnd(String line) {
    int at = 0;
    String text = line;
    while (at < text.length() && text.charAt(at) == ' ') {
      at++;
    }
    int digits = at;
    while (digits < text.length() && Character.isDigit(text.charAt(digits))) {
      digits++;
    }
    return digits > at && digits < text.length() && text.charAt(digits) == ':' ? digits + 1 : 0;
  }

  private static String number(String line) {
    return line.substring(0, numberEnd(line));
  }

  private static String withoutNumber(String line) {
    return line.substring(numberEnd(line));
  }
}
