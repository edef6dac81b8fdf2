package io.kledger.scenario;

import io.kledger.ingest.strace.StraceLine;
import io.kledger.ingest.strace.StraceLineParser;
import io.kledger.ingest.strace.StraceOptions;
import io.kledger.ingest.strace.StraceSyntaxException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads scenarios; a plain trace is one too. */
public final class ScenarioParser {
  private final String path;
  private final StraceLineParser traces;
  private final List<Statement> statements = new ArrayList<>();

  /** Index of the first half of the call that a task is in. */
  private final Map<Integer, Integer> begun = new HashMap<>();

  private ScenarioParser(String path) {
    this.path = path;
    this.traces = new StraceLineParser(StraceOptions.of(path));
  }

  /** Reads a file. */
  public static Scenario read(Path file) throws IOException {
    return parse(file.toString(), Files.readString(file, StandardCharsets.UTF_8));
  }

  /** Parses a text. */
  public static Scenario parse(String path, String text) throws ScenarioException {
    ScenarioParser parser = new ScenarioParser(path);
    List<String> lines = text.lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      parser.line(i + 1, lines.get(i));
    }
    return new Scenario(path, lines, parser.statements);
  }

  private void line(long number, String raw) throws ScenarioException {
    String line = withoutComment(raw);
    if (line.isBlank() || line.stripLeading().startsWith("#")) {
      return;
    }
    if (line.startsWith("|")) {
      viewLine(number, line);
    } else if (line.startsWith("view>")) {
      Words words = words(number, line, 5);
      if (words.words().isEmpty()) {
        throw error(number, 6, "expected the name of a view");
      }
      String name = words.words().getFirst().toString();
      Words rest = new Words(words.words().subList(1, words.words().size()), words.settings());
      statements.add(new Statement.View(number, line, name, rest, new ArrayList<>()));
    } else if (line.startsWith("note>")) {
      Words words = words(number, line, 5);
      if (words.words().size() != 1) {
        throw error(number, 6, "expected one type, then key=value");
      }
      statements.add(new Statement.Note(number, line, words.words().getFirst().toString(), words));
    } else if (line.startsWith("@")) {
      directive(number, line);
    } else {
      traced(number, line);
    }
  }

  private void viewLine(long number, String line) throws ScenarioException {
    if (statements.isEmpty() || !(statements.getLast() instanceof Statement.View view)) {
      throw error(number, 1, "a | line stands below a view> line or another | line");
    }
    view.lines().add(new Statement.View.Line(number, line.substring(1).strip()));
  }

  private void directive(long number, String line) throws ScenarioException {
    int blank = line.indexOf(' ');
    String kind = line.substring(1, blank < 0 ? line.length() : blank);
    if (kind.isEmpty() || !kind.chars().allMatch(c -> c >= 'a' && c <= 'z' || c == '_')) {
      throw error(number, 2, "expected the name of a directive");
    }
    if (kind.equals("kernel") && !statements.isEmpty()) {
      throw error(number, 1, "@kernel must be the first statement");
    }
    Words words = words(number, line, blank < 0 ? line.length() : blank);
    statements.add(new Statement.Directive(number, line, kind, words));
  }

  private void traced(long number, String line) throws ScenarioException {
    StraceLine parsed;
    byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
    try {
      parsed = traces.parse(bytes, 0, bytes.length, number);
    } catch (StraceSyntaxException e) {
      throw error(number, e.column(), e.problem());
    }
    int index = statements.size();
    int other = -1;
    int tid = parsed.head().tid();
    switch (parsed) {
      case StraceLine.Unfinished unfinished -> begun.put(tid, index);
      case StraceLine.Resumed resumed -> {
        Integer first = begun.remove(tid);
        if (first == null) {
          throw error(number, 1, "task " + tid + " has no unfinished call to resume");
        }
        other = first;
        Statement.Traced half = (Statement.Traced) statements.get(first);
        String name = ((StraceLine.Unfinished) half.parsed()).name();
        if (!name.equals(resumed.name())) {
          throw error(number, 1, "task " + tid + " is in " + name + ", not " + resumed.name());
        }
        statements.set(first, new Statement.Traced(half.line(), half.text(), half.parsed(), index));
      }
      case StraceLine.Superseded superseded -> {
        Integer first = begun.remove(superseded.by());
        if (first != null) {
          begun.put(tid, first);
        }
      }
      case StraceLine.Call call -> {}
      case StraceLine.Signal signal -> {}
      case StraceLine.Death death -> begun.remove(tid);
      case StraceLine.Message message -> {}
    }
    statements.add(new Statement.Traced(number, line, parsed, other));
  }

  private Words words(long number, String line, int from) throws ScenarioException {
    try {
      return Words.parse(line.substring(from));
    } catch (Words.Malformed e) {
      throw error(number, from + e.column() + 1, e.getMessage());
    }
  }

  /** Cuts a comment that two blanks precede, and what follows it, unless it is in a string. */
  static String withoutComment(String line) {
    boolean quoted = false;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (quoted && c == '\\') {
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == '#' && !quoted && i >= 2 && line.startsWith("  ", i - 2)) {
        return line.substring(0, i).stripTrailing();
      }
    }
    return line.stripTrailing();
  }

  private ScenarioException error(long line, int column, String problem) {
    return new ScenarioException(path, line, column, problem);
  }
}
