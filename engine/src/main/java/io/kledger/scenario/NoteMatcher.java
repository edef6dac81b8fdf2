package io.kledger.scenario;

import io.kledger.event.Bytes;
import io.kledger.view.Note;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** Compares the notifications of a statement with the {@code note>} lines below it. */
final class NoteMatcher {
  private final TreeSet<String> exhaustive = new TreeSet<>();
  private List<Note> caused = List.of();
  private boolean[] matched = {};
  private int next;
  private long line;

  /** From here on all notifications of these families must be listed. */
  void exhaustive(List<Bytes> words) {
    for (Bytes word : words) {
      for (String family : word.toString().split(",")) {
        exhaustive.add(family);
      }
    }
  }

  /** A statement caused these. */
  void caused(long statement, List<Note> notes) {
    line = statement;
    caused = List.copyOf(notes);
    matched = new boolean[caused.size()];
    next = 0;
  }

  /** Line of the statement. */
  long line() {
    return line;
  }

  /** Null if the notification is there, after those expected before it. */
  String expect(Statement.Note expected, Bindings bindings) {
    for (int i = next; i < caused.size(); i++) {
      if (matches(expected, caused.get(i), bindings)) {
        matched[i] = true;
        next = i + 1;
        return null;
      }
    }
    return caused.isEmpty()
        ? "no notification"
        : "none such among " + caused.subList(next, caused.size());
  }

  private static boolean matches(Statement.Note expected, Note note, Bindings bindings) {
    if (!note.type().equals(expected.type())) {
      return false;
    }
    for (Words.Setting setting : expected.words().settings()) {
      List<String> values = note.keys().getOrDefault(setting.key(), List.of());
      String wanted = setting.value().latin1();
      if (values.stream().noneMatch(value -> bindings.matches(wanted, value))) {
        return false;
      }
    }
    return true;
  }

  /** Notifications of exhaustive families that no line expected. */
  List<Note> left() {
    List<Note> left = new ArrayList<>();
    for (int i = 0; i < caused.size(); i++) {
      if (!matched[i] && exhaustive.contains(caused.get(i).family())) {
        left.add(caused.get(i));
      }
    }
    return left;
  }
}
