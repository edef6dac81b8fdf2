package io.kledger.scenario;

import java.util.List;

/**
 * A scenario.
 *
 * @param path as named by the user
 * @param lines the whole text, for transcripts
 */
public record Scenario(String path, List<String> lines, List<Statement> statements) {
  public Scenario {
    lines = List.copyOf(lines);
    statements = List.copyOf(statements);
  }
}
