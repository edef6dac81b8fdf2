package io.kledger.check;

import java.util.List;

/**
 * What the check of one recording found.
 *
 * @param failure why the check could not go to the end; null if it did
 */
public record CheckReport(String name, Tally tally, List<Finding> findings, String failure) {
  public CheckReport {
    findings = List.copyOf(findings);
  }

  /** Whether nothing differs. */
  public boolean passed() {
    return failure == null && tally.allRight();
  }
}
