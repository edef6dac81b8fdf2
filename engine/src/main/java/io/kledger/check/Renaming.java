package io.kledger.check;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * A one-to-one renaming of the numbers that a kernel chooses (mount ids, peer groups, minors, inode
 * numbers): what the recording calls X, the engine may call Y, but then always.
 */
final class Renaming {
  private final String what;
  private final Map<String, String> forward = new LinkedHashMap<>();
  private final Map<String, String> backward = new LinkedHashMap<>();

  /** What the engine's name stands for: a name that stands for something else now has ended. */
  private final Map<String, Object> meaning = new LinkedHashMap<>();

  Renaming(String what) {
    this.what = what;
  }

  Renaming copy() {
    Renaming copy = new Renaming(what);
    copy.forward.putAll(forward);
    copy.backward.putAll(backward);
    copy.meaning.putAll(meaning);
    return copy;
  }

  /** Null if the two can be the same thing (and from now on are); else why not. */
  String pair(String expected, String actual) {
    String earlier = forward.putIfAbsent(expected, actual);
    if (earlier != null && !earlier.equals(actual)) {
      return "%s %s was %s before and is %s now".formatted(what, expected, earlier, actual);
    }
    String other = backward.putIfAbsent(actual, expected);
    if (other != null && !other.equals(expected)) {
      forward.remove(expected);
      return "%s %s stands for %s already, and not for %s".formatted(what, actual, other, expected);
    }
    return null;
  }

  /** Notes what the engine's names mean now. */
  void remember(Function<String, Object> meaningOf) {
    for (String actual : backward.keySet()) {
      Object now = meaningOf.apply(actual);
      if (now != null) {
        meaning.put(actual, now);
      }
    }
  }

  /** Ends the renamings of names whose meaning has gone. */
  void endWhere(Predicate<Object> gone) {
    meaning
        .entrySet()
        .removeIf(
            entry -> {
              if (!gone.test(entry.getValue())) {
                return false;
              }
              String expected = backward.remove(entry.getKey());
              if (expected != null) {
                forward.remove(expected);
              }
              return true;
            });
  }
}
