package io.kledger.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.kledger.scenario.ScenarioException;
import io.kledger.scenario.ScenarioParser;
import io.kledger.scenario.ScenarioReport;
import io.kledger.scenario.ScenarioRunner;
import java.util.List;

/** A short scenario in a test: all that it says must come out. */
public final class Story {
  private Story() {}

  /** Runs the statements on a fresh model machine. */
  public static ScenarioReport tell(String statements) {
    try {
      return ScenarioRunner.run(
          ScenarioParser.parse("story", statements),
          KernelProfile.WISHLIST,
          List.of(),
          Engines::create);
    } catch (ScenarioException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** Everything in it is as the engine computes it. */
  public static void holds(String statements) {
    assertThat(tell(statements).differences()).isEmpty();
  }
}
