package io.kledger.scenario;

import java.util.List;

/**
 * What came of a scenario.
 *
 * @param transcript the file with what the engine computed filled in
 */
public record ScenarioReport(String path, List<Difference> differences, List<String> transcript) {
  /** One line that differs. */
  public record Difference(long line, String expected, String got) {}

  public ScenarioReport {
    differences = List.copyOf(differences);
    transcript = List.copyOf(transcript);
  }

  /** Whether nothing differs. */
  public boolean passed() {
    return differences.isEmpty();
  }
}
