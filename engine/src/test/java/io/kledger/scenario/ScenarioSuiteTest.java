package io.kledger.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.kledger.engine.Engines;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The executable specification: every scenario must pass that is not listed in {@code
 * scenarios/not-yet.txt}. A listed one that passes is a warning, and with {@code
 * -Dkledger.strict=true} a failure: its line is to be removed.
 */
class ScenarioSuiteTest {
  private static final Path FOLDER = Path.of("..", "scenarios").toAbsolutePath().normalize();

  @TestFactory
  Stream<DynamicTest> everyScenario() throws IOException {
    SortedSet<String> notYet = ScenarioFiles.notYet(FOLDER);
    List<DynamicTest> tests = new ArrayList<>();
    for (Path path : ScenarioFiles.under(FOLDER)) {
      String name = FOLDER.relativize(path).toString();
      tests.add(
          DynamicTest.dynamicTest(
              name, path.toUri(), () -> check(name, path, notYet.contains(name))));
    }
    assertThat(tests).as("scenarios in %s", FOLDER).isNotEmpty();
    return tests.stream();
  }

  @Test
  void theListNamesScenariosThatExist() throws IOException {
    List<String> names =
        ScenarioFiles.under(FOLDER).stream().map(p -> FOLDER.relativize(p).toString()).toList();
    assertThat(names)
        .as("scenarios/%s names what is not there", ScenarioFiles.NOT_YET)
        .containsAll(ScenarioFiles.notYet(FOLDER));
  }

  private static void check(String name, Path path, boolean listed) throws IOException {
    List<String> differences = differences(path);
    if (!listed) {
      assertThat(differences).as("kledger simulate --check scenarios/" + name).isEmpty();
    } else if (differences.isEmpty()) {
      String message = name + " passes: remove its line from scenarios/" + ScenarioFiles.NOT_YET;
      if (Boolean.getBoolean("kledger.strict")) {
        fail(message);
      }
      System.err.println("warning: " + message);
    }
  }

  private static List<String> differences(Path path) throws IOException {
    try {
      return ScenarioRunner.run(ScenarioParser.read(path), null, List.of(), Engines::create)
          .differences()
          .stream()
          .map(d -> "line %d: expected %s, got %s".formatted(d.line(), d.expected(), d.got()))
          .toList();
    } catch (ScenarioException e) {
      return List.of("line %d: %s".formatted(e.line(), e.getMessage()));
    }
  }
}
