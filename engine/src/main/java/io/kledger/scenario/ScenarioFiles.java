package io.kledger.scenario;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Which scenarios there are, and which of them are known not to be met yet. */
public final class ScenarioFiles {
  /** Name, within the folder of scenarios, of the list of those that are not met yet. */
  public static final String NOT_YET = "not-yet.txt";

  private ScenarioFiles() {}

  /**
   * The scenarios at a path: the file itself, or all {@code *.strace} below a folder, by name.
   *
   * @throws IOException if there is nothing at the path
   */
  public static List<Path> under(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      return List.of(path);
    }
    try (Stream<Path> files = Files.walk(path)) {
      return files.filter(file -> file.toString().endsWith(".strace")).sorted().toList();
    }
  }

  /**
   * The names in the list of a folder of scenarios, relative to that folder; none if it has no
   * list. Empty lines and those that begin with # mean nothing.
   */
  public static SortedSet<String> notYet(Path folder) throws IOException {
    SortedSet<String> names = new TreeSet<>();
    Path list = folder.resolve(NOT_YET);
    if (Files.exists(list)) {
      for (String line : Files.readAllLines(list, StandardCharsets.UTF_8)) {
        if (!line.isBlank() && !line.startsWith("#")) {
          names.add(line.strip());
        }
      }
    }
    return names;
  }
}
